/**
 * How somebody with a link comes into a guild, whether anybody is there or not: a door gives the deal, the deal opens
 * pages, a checkpoint is shown while the log is read, and a redemption is left for the members. SPEC section 23.
 */
import { ok, type Reason, refuse, type Result } from "../../errors.ts";
import type { OpId, UserId } from "../../ids.ts";
import { JOIN } from "../../limits.ts";
import type { OpLog } from "../../log/log.ts";
import { concat, sameBytes } from "../../wire/bytes.ts";
import type { GuildLink } from "../../wire/guildLink.ts";
import { decodeGuildCheckpoint } from "../../wire/guildCheckpoint.ts";
import type { CheckpointPage, SnapshotPart } from "../../wire/guildLogPage.ts";
import { extend, openResolver, type Resolver } from "../resolver.ts";
import { type GuildState, stateOf } from "../state.ts";
import { openCheckpoint, type Unverified, type Verdict, verifyCheckpoint } from "./checkpoint.ts";
import type { VerifiedDeal } from "./deal.ts";
import { openDoor } from "./doorway.ts";
import { type Incoming, isReading, nothingIn, takeSlice, withOps } from "./incoming.ts";
import { type InviteKeys, inviteKeys } from "./inviteKeys.ts";
import { openPage } from "./sealedLog.ts";

/** What the ops say, as far as they came. */
export interface Read {
  readonly t: "read";
  readonly log: OpLog;
  readonly resolver: Resolver;
  readonly state: GuildState;
  /** [JOIN15] What became of the checkpoint that was shown before, and who signed it; `null` where none was. */
  readonly checked: { readonly verdict: Verdict; readonly signer: UserId } | null;
}

export type Shown = ({ readonly t: "unverified" } & Unverified) | Read;

export type Stage =
  | { readonly t: "opening" }
  | { readonly t: "showing"; readonly shown: Shown }
  /** [JOIN17] The redemption was made; keys of channels come from a member only. */
  | { readonly t: "waiting"; readonly shown: Read; readonly redemption: OpId; readonly user: UserId }
  | { readonly t: "member"; readonly shown: Read; readonly user: UserId };

export interface Joining {
  readonly link: GuildLink;
  readonly keys: InviteKeys;
  /** Of the doors that were opened: the latest is the one to seal with. */
  readonly deals: readonly VerifiedDeal[];
  readonly checkpoint: CheckpointPage | null;
  readonly parts: readonly SnapshotPart[];
  readonly incoming: Incoming;
  readonly stage: Stage;
}

export const openJoining = (link: GuildLink): Joining => ({
  link,
  keys: inviteKeys(link.secret),
  deals: [],
  checkpoint: null,
  parts: [],
  incoming: nothingIn(link.guild),
  stage: { t: "opening" },
});

export function takeDoor(joining: Joining, door: Uint8Array): Result<Joining, Reason> {
  const deal = openDoor(joining.link, joining.keys, door);
  if (!deal.ok) return deal;
  const others = joining.deals.filter(({ id }) => id !== deal.value.id);
  return ok({ ...joining, deals: [...others, deal.value].slice(-JOIN.maxDoors) });
}

/** [JOIN16] Pages in any order, and again. */
export function takePage(joining: Joining, bytes: Uint8Array): Result<Joining, Reason> {
  const page = openPage(joining.deals, bytes);
  if (!page.ok) return page;
  switch (page.value.kind) {
    case "checkpoint":
      return shownIfWhole({ ...joining, checkpoint: page.value });
    case "snapshot": {
      const { digest, part } = page.value;
      const others = joining.parts.filter((one) => one.part !== part || !sameBytes(one.digest, digest));
      return shownIfWhole({ ...joining, parts: [...others, page.value].slice(-JOIN.maxSnapshotParts) });
    }
    case "ops":
    case "redemption": {
      const incoming = withOps(joining.incoming, page.value.ops);
      return incoming.ok ? ok({ ...joining, incoming: incoming.value }) : incoming;
    }
  }
}

/** [JOIN14] Only who has nothing better is shown a checkpoint. One that is none is dropped with its parts. */
function shownIfWhole(joining: Joining): Result<Joining, Reason> {
  const { checkpoint, parts, link, stage } = joining;
  if (checkpoint === null || stage.t !== "opening") return ok(joining);
  const decoded = decodeGuildCheckpoint(checkpoint.checkpoint);
  if (!decoded.ok) return decoded;
  const own = parts.filter(({ digest, part }) => sameBytes(digest, decoded.value.digest) && part <= checkpoint.parts);
  if (own.length < checkpoint.parts) return ok(joining);
  const snapshot = concat(...own.toSorted((a, b) => a.part - b.part).map(({ bytes }) => bytes));
  const opened = openCheckpoint(link.guild, { checkpoint: checkpoint.checkpoint, snapshot });
  if (!opened.ok) return opened;
  const shown = { t: "unverified", ...opened.value } as const;
  return ok({ ...joining, checkpoint: null, parts: [], stage: { t: "showing", shown } });
}

/** By whom the link was made, as far as what is shown says so. */
export function inviterOf({ stage, link }: Joining): UserId | null {
  return stage.t === "opening" ? null : stage.shown.state.invites.get(link.invite)?.maker ?? null;
}

/** Whether `joinSlice` has something to do. */
export const isJoiningBusy = ({ incoming }: Joining): boolean => isReading(incoming);

export const joinSlice = (joining: Joining): Joining => ({ ...joining, incoming: takeSlice(joining.incoming) });

/** A log of this guild that came by sync with a member takes the place of what was read. */
export function withLog(joining: Joining, log: OpLog): Result<Joining, "join.wrong-guild"> {
  if (log.guild !== joining.link.guild) return refuse("join.wrong-guild");
  return ok({ ...joining, incoming: { ...joining.incoming, log } });
}

/** [JOIN15] What the ops say that are here by now; without any, nothing changes. */
export function readLog(joining: Joining): Joining {
  const { stage, incoming: { log } } = joining;
  if (log === null) return joining;
  const known = stage.t === "opening" ? null : stage.shown;
  if (known?.t === "read" && known.log === log) return joining;
  return { ...joining, stage: withRead(stage, readFrom(known, log)) };
}

function readFrom(known: Shown | null, log: OpLog): Read {
  const { resolver, checked } = known?.t === "unverified" ? checkedBy(known, log) : known ?? NOTHING_READ;
  const now = resolver === null ? openResolver(log.ops.values()) : extend(resolver, log.ops.values());
  return { t: "read", log, resolver: now, state: stateOf(now.rulings), checked };
}

const NOTHING_READ = { resolver: null, checked: null } as const;

function checkedBy(unverified: Unverified, log: OpLog) {
  const { verdict, resolver } = verifyCheckpoint(unverified, log);
  return { resolver, checked: { verdict, signer: unverified.signer } };
}

function withRead(stage: Stage, shown: Read): Stage {
  return stage.t === "waiting" || stage.t === "member" ? { ...stage, shown } : { t: "showing", shown };
}
