/**
 * The code that one device shows and the other scans: version and both fingerprints, in the layout of Signal's scannable
 * fingerprint, which is a protobuf whose bytes all have fixed places. SPEC section 3.
 */
import { ok, refuse, type Result } from "../errors.ts";
import { fromBase64Url, toBase64Url } from "./base64url.ts";
import { concat, sameBytes } from "./bytes.ts";
import type { WireReason } from "./schema.ts";

export interface SafetyCode {
  /** 32 bytes: the fingerprint of whoever shows the code. */
  readonly local: Uint8Array;
  /** 32 bytes: the fingerprint of whom they compare with. */
  readonly remote: Uint8Array;
}

const VERSION = 1;
const FINGERPRINT_BYTES = 32;
const VERSION_TAG = 0x08;
const LOCAL_HEAD = Uint8Array.of(0x12, FINGERPRINT_BYTES + 2, 0x0a, FINGERPRINT_BYTES);
const REMOTE_HEAD = Uint8Array.of(0x1a, FINGERPRINT_BYTES + 2, 0x0a, FINGERPRINT_BYTES);
const LOCAL_AT = 6;
const REMOTE_AT = LOCAL_AT + FINGERPRINT_BYTES + 4;
const CODE_BYTES = REMOTE_AT + FINGERPRINT_BYTES;

/** 74 bytes. */
export const encodeSafetyCode = ({ local, remote }: SafetyCode): Uint8Array =>
  concat(Uint8Array.of(VERSION_TAG, VERSION), LOCAL_HEAD, local, REMOTE_HEAD, remote);

/** Of another version nothing but the version is read. */
export function decodeSafetyCode(bytes: Uint8Array): Result<SafetyCode, WireReason> {
  if (bytes.length < 2 || bytes[0] !== VERSION_TAG) return refuse("wire.malformed");
  if (bytes[1] !== VERSION) return refuse("wire.unknown-version");
  if (bytes.length !== CODE_BYTES) return refuse("wire.malformed");
  const local = bytes.slice(LOCAL_AT, LOCAL_AT + FINGERPRINT_BYTES);
  const remote = bytes.slice(REMOTE_AT);
  return sameBytes(encodeSafetyCode({ local, remote }), bytes) ? ok({ local, remote }) : refuse("wire.malformed");
}

/** The code as text: what the QR image holds. */
export const safetyCodeText = (code: SafetyCode): string => toBase64Url(encodeSafetyCode(code));

/** Reads what `safetyCodeText` gives. */
export function parseSafetyCode(text: string): Result<SafetyCode, WireReason> {
  const bytes = fromBase64Url(text);
  return bytes === null ? refuse("wire.malformed") : decodeSafetyCode(bytes);
}
