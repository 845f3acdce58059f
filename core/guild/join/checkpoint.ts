/** Checkpoints: made by members, shown to newcomers as their maker's word, and held against the log. SPEC section 23. */
import { sha256 } from "../../crypto/kdf.ts";
import { LABELS } from "../../crypto/labels.ts";
import { sign, verify } from "../../crypto/sign.ts";
import { ok, type Reason, refuse, type Result } from "../../errors.ts";
import { fromHex, type GuildId, type OpId, type UserId } from "../../ids.ts";
import type { LocalDevice } from "../../identity/identity.ts";
import { JOIN } from "../../limits.ts";
import type { OpLog } from "../../log/log.ts";
import { between } from "../../log/walk.ts";
import type { Env } from "../../ports.ts";
import { framed, sameBytes } from "../../wire/bytes.ts";
import {
  CHECKPOINT_VERSION,
  checkpointToSign,
  decodeGuildCheckpoint,
  encodeGuildCheckpoint,
  type GuildCheckpoint,
} from "../../wire/guildCheckpoint.ts";
import { utf8 } from "../../wire/text.ts";
import { openResolver, type Resolver } from "../resolver.ts";
import { type GuildState, stateOf } from "../state.ts";
import type { VerifiedDeal } from "./deal.ts";
import { sealPage } from "./sealedLog.ts";
import { encodeSnapshot, stateFromSnapshot } from "./snapshot.ts";

export interface Checkpoint {
  readonly checkpoint: Uint8Array;
  readonly snapshot: Uint8Array;
}

export const digestOf = (snapshot: Uint8Array): Uint8Array => sha256(framed(utf8(LABELS.guildSnapshot), snapshot));

/** [JOIN13] `state` is that of a log with these heads, and of nothing else: 1 to `LOG.maxParents` of them. */
export function makeCheckpoint(
  guild: GuildId,
  heads: readonly OpId[],
  state: GuildState,
  device: LocalDevice,
): Result<Checkpoint, "join.too-large"> {
  const snapshot = encodeSnapshot(state);
  if (!snapshot.ok) return snapshot;
  const digest = digestOf(snapshot.value);
  const unsigned = { v: CHECKPOINT_VERSION, guild, heads: heads.toSorted(), digest, device: device.id };
  const signature = sign(device.signing, LABELS.guildCheckpoint, checkpointToSign(unsigned));
  return ok({ checkpoint: encodeGuildCheckpoint({ ...unsigned, signature }), snapshot: snapshot.value });
}

/** [JOIN11] As pages: the checkpoint, then its snapshot in parts. */
export function* sealCheckpoint(
  deal: VerifiedDeal,
  { checkpoint, snapshot }: Checkpoint,
  env: Env,
): Generator<Uint8Array, undefined> {
  const parts = Math.ceil(snapshot.length / JOIN.snapshotPartBytes);
  yield sealPage(deal, { kind: "checkpoint", checkpoint, parts }, env);
  const digest = digestOf(snapshot);
  for (let part = 1; part <= parts; part++) {
    const bytes = snapshot.slice((part - 1) * JOIN.snapshotPartBytes, part * JOIN.snapshotPartBytes);
    yield sealPage(deal, { kind: "snapshot", digest, part, bytes }, env);
  }
}

/** A state that nobody but its signer vouches for: to be shown as such, and good for nothing else. */
export interface Unverified {
  readonly state: GuildState;
  /** The member who signed, by the snapshot's own word. */
  readonly signer: UserId;
  readonly checkpoint: GuildCheckpoint;
  readonly snapshot: Uint8Array;
}

export type CheckpointReason = Extract<
  Reason,
  `wire.${string}` | "crypto.bad-signature" | "join.wrong-guild" | "join.wrong-snapshot" | "join.not-a-member"
>;

/** [JOIN14] */
export function openCheckpoint(guild: GuildId, given: Checkpoint): Result<Unverified, CheckpointReason> {
  const decoded = decodeGuildCheckpoint(given.checkpoint);
  if (!decoded.ok) return decoded;
  const checkpoint = decoded.value;
  if (checkpoint.guild !== guild) return refuse("join.wrong-guild");
  if (!sameBytes(checkpoint.digest, digestOf(given.snapshot))) return refuse("join.wrong-snapshot");
  const isSigned = verify(
    fromHex(checkpoint.device),
    checkpoint.signature,
    LABELS.guildCheckpoint,
    checkpointToSign(checkpoint),
  );
  if (!isSigned) return refuse("crypto.bad-signature");
  const state = stateFromSnapshot(given.snapshot);
  if (!state.ok) return state;
  const [signer] = [...state.value.members].find(([, { devices }]) => devices.has(checkpoint.device)) ?? [];
  if (signer === undefined) return refuse("join.not-a-member");
  return ok({ state: state.value, signer, checkpoint, snapshot: given.snapshot });
}

/** `unknown-ops`: ops of a newer client are among those that it is of, which may have shown it what we do not see. */
export type Verdict = "verified" | "wrong" | "unknown-heads" | "unknown-ops";

export interface Verified {
  readonly verdict: Verdict;
  /** The rulings on what the checkpoint is of, to go on from; `null` where its heads are unknown. */
  readonly resolver: Resolver | null;
}

/**
 * [JOIN15] The heads and their past by themselves, as its signer saw them: what came to be known since rules otherwise on
 * some of it, and is no reason to call the signer a liar.
 */
export function verifyCheckpoint({ checkpoint: { heads }, snapshot }: Unverified, log: OpLog): Verified {
  if (!heads.every((id) => log.ops.has(id))) return { verdict: "unknown-heads", resolver: null };
  const { ops } = between(log, heads, []);
  const resolver = openResolver(ops);
  const encoded = encodeSnapshot(stateOf(resolver.rulings));
  if (encoded.ok && sameBytes(encoded.value, snapshot)) return { verdict: "verified", resolver };
  const isWhollyKnown = ops.every(({ body }) => body.t !== "unknown");
  return { verdict: isWhollyKnown ? "wrong" : "unknown-ops", resolver };
}
