/** Spaces, and mail that a server cannot tell from sealed mail; whoever receives it can check every byte. */
import { createHash, randomBytes } from "node:crypto";
import type { EnvelopeId } from "../../core/ids.ts";
import { MAILBOX } from "../../core/limits.ts";
import { addressOf, grantOf, spaceKeys } from "../../core/mailbox/space.ts";
import { sameBytes } from "../../core/wire/bytes.ts";
import type { MailAddress } from "../../core/wire/mailAddress.ts";
import { SEALED_LENGTHS } from "../../core/wire/sealedMail.ts";
import type { MailboxOwnerRequest } from "../../core/wire/spaceRequest.ts";
import { LeanClient } from "./lean/client.ts";
import { LeanSpace } from "./lean/space.ts";
import type { UnderLoad } from "./underLoad.ts";

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export const ENVELOPE_BYTES = SEALED_LENGTHS[0]!;
const PATTERN = random(ENVELOPE_BYTES);
const SENT_AT = 1;
const NUMBER_AT = 9;
const BODY_AT = 17;
let numbers = 0;

/** Different from every other, with the moment at which it was sent. */
export function newEnvelope(): Uint8Array {
  const envelope = PATTERN.slice();
  const view = new DataView(envelope.buffer);
  envelope[0] = 1;
  view.setFloat64(SENT_AT, performance.now());
  view.setFloat64(NUMBER_AT, numbers++);
  return envelope;
}

/** Milliseconds since it was sent. Throws where a byte of it has changed. */
export function ageMs(envelope: Uint8Array): number {
  if (envelope.length !== ENVELOPE_BYTES || !sameBytes(envelope.subarray(BODY_AT), PATTERN.subarray(BODY_AT))) {
    throw new Error("an envelope has changed on its way");
  }
  const view = new DataView(envelope.buffer, envelope.byteOffset);
  return performance.now() - view.getFloat64(SENT_AT);
}

/** As `envelopeIdOf` of core/crypto, by a faster SHA-256: the generator has to keep up. */
export const idOf = (envelope: Uint8Array): EnvelopeId =>
  createHash("sha256").update(envelope).digest("hex").slice(0, 32) as EnvelopeId;

export interface OwnedSpace {
  readonly client: LeanClient;
  readonly owner: LeanSpace<MailboxOwnerRequest>;
  readonly address: MailAddress;
}

/** A new space whose owner is there, with an address that may leave as much as any can. */
export async function newSpace({ url, ready }: UnderLoad): Promise<OwnedSpace> {
  const client = await LeanClient.connect(url);
  const keys = spaceKeys(random(32));
  const owner = await LeanSpace.owner(client, ready.peerId, keys);
  await owner.do({ t: "open", joinCode: null });
  const address = addressOf(keys, "mail.example", random(32));
  const most = { maxWaiting: MAILBOX.maxWaiting, maxWaitingBytes: MAILBOX.maxWaitingBytes };
  await owner.do({ t: "grant", grants: [{ ...grantOf(address, null), ...most }] });
  return { client, owner, address };
}
