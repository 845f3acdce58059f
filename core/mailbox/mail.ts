/**
 * Sealed mail. A server that keeps it learns one of two lengths and which depositor key left it: not who wrote, not
 * which session it belongs to, and nothing of that session's turns. SPEC section 9a.
 */
import { chachaPoly } from "../crypto/aead.ts";
import { x25519Key, x25519Shared } from "../crypto/dh.ts";
import { hkdfSha256 } from "../crypto/kdf.ts";
import { LABELS } from "../crypto/labels.ts";
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import { type DepositorId, fromHex, type SpaceId, type UserId } from "../ids.ts";
import { MAILBOX } from "../limits.ts";
import type { Env } from "../ports.ts";
import { concat, framed } from "../wire/bytes.ts";
import type { MailAddress } from "../wire/mailAddress.ts";
import { pad, unpad } from "../wire/padding.ts";
import type { WireReason } from "../wire/schema.ts";
import { decodeMail, decodeSealedMail, encodeMail, type Mail, mailBytes, sealedHead } from "../wire/sealedMail.ts";
import { utf8 } from "../wire/text.ts";
import { depositorOf, type SpaceKeys } from "./space.ts";

/** The ephemeral key is fresh, so each sealing key seals once. */
const ONLY_NONCE = new Uint8Array(chachaPoly.nonceBytes);

interface SealContext {
  readonly space: SpaceId;
  readonly depositor: DepositorId;
  /** Both X25519, 32 bytes. */
  readonly ephemeral: Uint8Array;
  readonly sealing: Uint8Array;
}

/** [MBX5] From both secrets: a server has neither, another contact has not the first, a quantum computer not the second. */
function sealingKey(shared: Uint8Array, secret: Uint8Array, context: SealContext): Uint8Array {
  const { space, depositor, ephemeral, sealing } = context;
  const info = framed(utf8(LABELS.mailSeal), fromHex(space), fromHex(depositor), ephemeral, sealing);
  return hkdfSha256(concat(shared, secret), new Uint8Array(0), info, 32);
}

/**
 * [MBX5] Mail for the owner of `address`, of at most `MAILBOX.maxInOneMail` envelopes that fit the larger length.
 * Refused when the address holds a key of low order.
 */
export function sealMail(address: MailAddress, mail: Mail, { rng }: Env): Result<Uint8Array, "crypto.bad-key"> {
  const ephemeral = x25519Key(rng.bytes(32));
  const { space, sealing, secret } = address;
  const shared = x25519Shared(ephemeral.secret, sealing);
  if (!shared.ok) return shared;
  const context = { space, depositor: depositorOf(address), ephemeral: ephemeral.publicKey, sealing };
  const head = sealedHead(ephemeral.publicKey);
  const plaintext = pad(encodeMail(mail), MAILBOX.bucketsBytes);
  const key = sealingKey(shared.value, secret, context);
  return ok(concat(head, chachaPoly.seal(key, ONLY_NONCE, plaintext, head)));
}

export type MailReason = WireReason | Extract<Reason, "crypto.bad-key" | "crypto.not-authentic" | "mail.wrong-sender">;

/**
 * [MBX6] What `depositor` left. `sender` is the person to whom that depositor key was given, `null` while an invite is
 * open. Who wrote is a claim until the session or the sender chain that it names has opened the envelope.
 */
export function openMail(
  { id, secret, sealing }: SpaceKeys,
  depositor: DepositorId,
  sender: UserId | null,
  sealed: Uint8Array,
): Result<Mail, MailReason> {
  const decoded = decodeSealedMail(sealed);
  if (!decoded.ok) return decoded;
  const { head, ephemeral, ciphertext } = decoded.value;
  const shared = x25519Shared(sealing.secret, ephemeral);
  if (!shared.ok) return shared;
  const key = sealingKey(shared.value, secret, { space: id, depositor, ephemeral, sealing: sealing.publicKey });
  const padded = chachaPoly.open(key, ONLY_NONCE, ciphertext, head);
  if (!padded.ok) return padded;
  const plaintext = unpad(padded.value, MAILBOX.bucketsBytes);
  if (!plaintext.ok) return plaintext;
  const mail = decodeMail(plaintext.value);
  if (!mail.ok) return mail;
  return sender === null || mail.value.user === sender ? mail : refuse("mail.wrong-sender");
}

/**
 * Envelopes in as few pieces of mail as hold them, in their order: a piece takes what the smaller length holds, and an
 * envelope that is too large for it goes alone.
 */
export function inPieces(envelopes: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const pieces: Uint8Array[][] = [];
  for (const envelope of envelopes) {
    const last = pieces.at(-1);
    const grown = last === undefined ? [] : [...last, envelope];
    const fits = grown.length > 0 && grown.length <= MAILBOX.maxInOneMail && mailBytes(grown) < MAILBOX.bucketsBytes[0];
    if (fits) last!.push(envelope);
    else pieces.push([envelope]);
  }
  return pieces;
}
