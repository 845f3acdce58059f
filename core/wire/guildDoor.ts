/**
 * A door, as anybody may keep it: version 1 | ephemeral key 32 | encapsulation 1,088 | ciphertext. All are of one length,
 * and nothing tells which guild or invite one is of. SPEC section 23.
 */
import { ok, refuse, type Result } from "../errors.ts";
import { JOIN } from "../limits.ts";
import { concat } from "./bytes.ts";
import type { WireReason } from "./schema.ts";

export interface GuildDoor {
  /** All but the ciphertext: covered by the seal. */
  readonly head: Uint8Array;
  /** X25519, 32 bytes. */
  readonly ephemeral: Uint8Array;
  /** ML-KEM-768, 1,088 bytes. */
  readonly encapsulation: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const VERSION = 1;
const EPHEMERAL_AT = 1;
const ENCAPSULATION_AT = 33;
const CIPHERTEXT_AT = ENCAPSULATION_AT + 1088;
const TAG_BYTES = 16;
export const DOOR_BYTES = CIPHERTEXT_AT + JOIN.doorBytes + TAG_BYTES;

export const doorHead = (ephemeral: Uint8Array, encapsulation: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(VERSION), ephemeral, encapsulation);

/** Views into `input`, no copies. */
export function decodeGuildDoor(input: Uint8Array): Result<GuildDoor, WireReason> {
  if (input.length > DOOR_BYTES) return refuse("wire.too-large");
  if (input.length === 0) return refuse("wire.malformed");
  if (input[0] !== VERSION) return refuse("wire.unknown-version");
  if (input.length !== DOOR_BYTES) return refuse("wire.malformed");
  return ok({
    head: input.subarray(0, CIPHERTEXT_AT),
    ephemeral: input.subarray(EPHEMERAL_AT, ENCAPSULATION_AT),
    encapsulation: input.subarray(ENCAPSULATION_AT, CIPHERTEXT_AT),
    ciphertext: input.subarray(CIPHERTEXT_AT),
  });
}
