/** Prekey bundles for those who come while nobody is there: a server keeps and hands them out, and can read none. */
import { chachaPoly } from "../crypto/aead.ts";
import { hkdfSha256 } from "../crypto/kdf.ts";
import { LABELS } from "../crypto/labels.ts";
import type { Reason, Result } from "../errors.ts";
import { fromHex, type SpaceId } from "../ids.ts";
import { MAILBOX } from "../limits.ts";
import type { Env } from "../ports.ts";
import { type Bundle, bundleCodec } from "../wire/bundle.ts";
import { concat, framed } from "../wire/bytes.ts";
import type { MailAddress } from "../wire/mailAddress.ts";
import { pad, unpad } from "../wire/padding.ts";
import type { WireReason } from "../wire/schema.ts";
import { decodeSealedBundle, sealedBundleHead } from "../wire/sealedBundle.ts";
import { utf8 } from "../wire/text.ts";
import type { SpaceKeys } from "./space.ts";

const ONLY_NONCE = new Uint8Array(chachaPoly.nonceBytes);
const BUCKETS_BYTES = [MAILBOX.bundleBytes] as const;

/** The salt is fresh, so each sealing key seals once. */
const sealingKey = (secret: Uint8Array, salt: Uint8Array, space: SpaceId): Uint8Array =>
  hkdfSha256(secret, salt, framed(utf8(LABELS.bundleSeal), fromHex(space)), 32);

/** [MBX4] A bundle under the secret of the space's addresses. All have one length, with a one-time prekey or without. */
export function sealBundle({ id, secret }: SpaceKeys, bundle: Bundle, { rng }: Env): Uint8Array {
  const salt = rng.bytes(32);
  const head = sealedBundleHead(salt);
  const plaintext = pad(bundleCodec.encode(bundle), BUCKETS_BYTES);
  return concat(head, chachaPoly.seal(sealingKey(secret, salt, id), ONLY_NONCE, plaintext, head));
}

/** [MBX4] A bundle that a server handed out, in its wire form: whose it is, is for `verifyBundle` to say. */
export function openBundle(
  { space, secret }: Pick<MailAddress, "space" | "secret">,
  sealed: Uint8Array,
): Result<Bundle, WireReason | Extract<Reason, "crypto.not-authentic">> {
  const decoded = decodeSealedBundle(sealed);
  if (!decoded.ok) return decoded;
  const { head, salt, ciphertext } = decoded.value;
  const padded = chachaPoly.open(sealingKey(secret, salt, space), ONLY_NONCE, ciphertext, head);
  if (!padded.ok) return padded;
  const plaintext = unpad(padded.value, BUCKETS_BYTES);
  return plaintext.ok ? bundleCodec.decode(plaintext.value) : plaintext;
}
