/**
 * Sealed pages of a guild's log: version 1 | kind 1 | DealId 16 | salt 32 | ciphertext. What is in one is CBOR by kind,
 * padded to one of a few lengths. SPEC section 23.
 */
import { ok, refuse, type Result } from "../errors.ts";
import { type DealId, dealId, fromHex } from "../ids.ts";
import { JOIN, LOG } from "../limits.ts";
import { concat } from "./bytes.ts";
import { bytes, codec, list, positive, struct, type TypeOf, uint, type WireReason } from "./schema.ts";

const VERSION = 1;
/** `ops` are of the log; a `redemption` is what a newcomer leaves. */
const KINDS = ["checkpoint", "snapshot", "ops", "redemption"] as const;
export type PageKind = (typeof KINDS)[number];

const DEAL_AT = 2;
const SALT_AT = 18;
const CIPHERTEXT_AT = 50;
const TAG_BYTES = 16;

/** The lengths that sealed pages can have, the smallest first. */
export const PAGE_LENGTHS: readonly number[] = JOIN.bucketsBytes.map((size) => CIPHERTEXT_AT + size + TAG_BYTES);

export interface LogPage {
  readonly kind: PageKind;
  readonly deal: DealId;
  /** Version, kind, deal and salt: covered by the seal. */
  readonly head: Uint8Array;
  readonly salt: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** `salt` is 32 fresh random bytes. */
export const pageHead = (kind: PageKind, deal: DealId, salt: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(VERSION, KINDS.indexOf(kind)), fromHex(deal), salt);

/** Views into `input`, no copies. Only padded lengths are taken, by a server too. */
export function decodeLogPage(input: Uint8Array): Result<LogPage, WireReason> {
  if (input.length > Math.max(...PAGE_LENGTHS)) return refuse("wire.too-large");
  if (input.length === 0) return refuse("wire.malformed");
  if (input[0] !== VERSION) return refuse("wire.unknown-version");
  if (!PAGE_LENGTHS.includes(input.length)) return refuse("wire.malformed");
  const kind = KINDS[input[1]!];
  const deal = dealId(input.subarray(DEAL_AT, SALT_AT));
  if (kind === undefined || !deal.ok) return refuse("wire.malformed");
  return ok({
    kind,
    deal: deal.value,
    head: input.subarray(0, CIPHERTEXT_AT),
    salt: input.subarray(SALT_AT, CIPHERTEXT_AT),
    ciphertext: input.subarray(CIPHERTEXT_AT),
  });
}

const maxPlainBytes = Math.max(...JOIN.bucketsBytes) - 1;

export const pageOpsCodec = codec(
  struct({ ops: list(bytes(1, LOG.maxSignedBytes), JOIN.maxPageOps) }),
  maxPlainBytes,
);

/** Part of the snapshot that a checkpoint is of, counted from 1. */
export const snapshotPartCodec = codec(
  struct({
    digest: bytes(32),
    part: positive,
    bytes: bytes(1, JOIN.snapshotPartBytes),
  }),
  maxPlainBytes,
);

export const checkpointPageCodec = codec(
  struct({ checkpoint: bytes(1, JOIN.maxCheckpointBytes), parts: uint(JOIN.maxSnapshotParts) }),
  maxPlainBytes,
);
export type CheckpointPage = TypeOf<typeof checkpointPageCodec>;
export type SnapshotPart = TypeOf<typeof snapshotPartCodec>;
