/**
 * Safety numbers: what two people compare to learn that nobody sits between them. The computation is Signal's numeric
 * fingerprint (libsignal, `fingerprint`): 60 digits, 30 from each side, so that both see the same. SPEC section 3.
 */
import { sha512 } from "../crypto/kdf.ts";
import { fromHex, type UserId } from "../ids.ts";
import { SAFETY_NUMBER } from "../limits.ts";
import { bytesUint, concat, sameBytes } from "../wire/bytes.ts";
import { parseSafetyCode, type SafetyCode } from "../wire/safetyNumber.ts";

/** Two bytes of zeros in front of the first hash: the version of the computation, which has not changed since. */
const COMPUTATION_VERSION = new Uint8Array(2);
const FINGERPRINT_BYTES = 32;
const GROUP_BYTES = 5;
const GROUP_DIGITS = 5;
const GROUPS_PER_SIDE = 6;
const HALF = GROUP_DIGITS * GROUPS_PER_SIDE;

/**
 * [SAFE1] The fingerprint of `key` under the name `identifier`, 32 bytes. Yields between slices of a few milliseconds,
 * because the whole takes tens of them: whoever shows it lets the screen breathe, a test runs it through.
 */
export function* fingerprint(key: Uint8Array, identifier: Uint8Array): Generator<void, Uint8Array, void> {
  let hash = sha512(concat(COMPUTATION_VERSION, key, identifier, key));
  const input = concat(hash, key);
  for (let count = 1; count < SAFETY_NUMBER.iterations; count++) {
    if (count % SAFETY_NUMBER.sliceIterations === 0) yield;
    input.set(hash);
    hash = sha512(input);
  }
  return hash.slice(0, FINGERPRINT_BYTES);
}

/** [SAFE2] The fingerprints of both people, each over the identity key, under the UserId as the stable name. */
export function* safetyNumber(local: UserId, remote: UserId): Generator<void, SafetyCode, void> {
  return {
    local: yield* fingerprint(fromHex(local), fromHex(local)),
    remote: yield* fingerprint(fromHex(remote), fromHex(remote)),
  };
}

/** [SAFE3] 60 digits, the smaller half first: the same on both sides. */
export const safetyDigits = ({ local, remote }: SafetyCode): string => [digits(local), digits(remote)].sort().join("");

function digits(fingerprint: Uint8Array): string {
  const group = (index: number) => {
    const bytes = fingerprint.subarray(index * GROUP_BYTES, (index + 1) * GROUP_BYTES);
    return String(bytesUint(bytes) % 10 ** GROUP_DIGITS).padStart(GROUP_DIGITS, "0");
  };
  return Array.from({ length: GROUPS_PER_SIDE }, (_, index) => group(index)).join("");
}

/**
 * `match`: both devices hold the same two keys. `other-person`: only one of the two keys is the same, or it is our own
 * code, so this is the number of another pair. `mismatch`: neither key is the same, as with somebody in between.
 * `other-version`: not comparable, one of the two programs is older.
 */
export type SafetyComparison = "match" | "mismatch" | "other-person" | "other-version";

/**
 * [SAFE4] What the other device's code, or its 60 digits with or without spaces, says about the number that we hold;
 * `null` where `text` is neither.
 */
export function compareSafety(ours: SafetyCode, text: string): SafetyComparison | null {
  const compact = text.length > SAFETY_NUMBER.maxTextLength ? "" : text.replace(/\s/g, "");
  if (/^\d{60}$/.test(compact)) return compareDigits(ours, compact);
  const theirs = parseSafetyCode(compact);
  if (!theirs.ok) return theirs.reason === "wire.unknown-version" ? "other-version" : null;
  const { local, remote } = theirs.value;
  if (sameBytes(local, ours.remote) && sameBytes(remote, ours.local)) return "match";
  const isOurs = (side: Uint8Array) => sameBytes(side, ours.local) || sameBytes(side, ours.remote);
  return isOurs(local) || isOurs(remote) ? "other-person" : "mismatch";
}

function compareDigits(ours: SafetyCode, theirs: string): SafetyComparison {
  if (theirs === safetyDigits(ours)) return "match";
  const halves = [theirs.slice(0, HALF), theirs.slice(HALF)];
  return halves.includes(digits(ours.local)) || halves.includes(digits(ours.remote)) ? "other-person" : "mismatch";
}
