/**
 * Entering a space: what a server that knows no accounts can check. It remembers nothing about keys: each stream begins
 * with a fresh challenge of the server's, and one signature over it, by the key that the space is named after or by a
 * depositor's, says who speaks until the stream ends. SPEC section 9a.
 */
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import { type DepositorId, depositorId, type EnvelopeId, envelopeId, fromHex, type SpaceId, spaceId } from "../ids.ts";
import { framed } from "../wire/bytes.ts";
import type { WireReason } from "../wire/schema.ts";
import { entryCodec, type SpaceProtocol, type SpaceRole } from "../wire/spaceEntry.ts";
import { utf8 } from "../wire/text.ts";
import { sha256 } from "./kdf.ts";
import { LABELS } from "./labels.ts";
import { sign, type SigningKey, verify } from "./sign.ts";

/**
 * Where an entry is good: on one stream of one connection, whose ends Noise has proven. Whoever relays it to another
 * server, or from another client, changes one of the PeerIds.
 */
export interface EntryContext {
  readonly protocol: SpaceProtocol;
  /** PeerIds in the text form that libp2p prints; the server's is fresh at each of its starts. */
  readonly serverPeer: string;
  readonly clientPeer: string;
  /** 32 bytes, the server's first word on the stream. */
  readonly challenge: Uint8Array;
}

/** [MBX1] The id of the space that `ownerKey` owns. */
export function spaceIdOf(ownerKey: Uint8Array): SpaceId {
  const id = spaceId(sha256(framed(utf8(LABELS.space), ownerKey)));
  if (!id.ok) throw new Error("a SHA-256 has 32 bytes");
  return id.value;
}

/** The name of sealed mail, by which it is acknowledged, and a copy of it known. */
export function envelopeIdOf(sealed: Uint8Array): EnvelopeId {
  const id = envelopeId(sha256(sealed).slice(0, 16));
  if (!id.ok) throw new Error("an envelope id has 16 bytes");
  return id.value;
}

const labelOf = (role: SpaceRole) => role === "owner" ? LABELS.spaceOwner : LABELS.spaceDepositor;

const signedParts = ({ protocol, serverPeer, clientPeer, challenge }: EntryContext, space: SpaceId) =>
  [utf8(protocol), utf8(serverPeer), utf8(clientPeer), challenge, fromHex(space)] as const;

/** [MBX7] The bytes of an entry. */
export function signEntry(key: SigningKey, role: SpaceRole, space: SpaceId, context: EntryContext): Uint8Array {
  const signature = sign(key, labelOf(role), ...signedParts(context, space));
  return entryCodec.encode({ space, role, signer: key.publicKey, signature });
}

/** Who speaks on a stream. Whether a depositor is registered is asked with each of its requests: it can be revoked. */
export type Entered =
  | { readonly role: "owner"; readonly space: SpaceId }
  | { readonly role: "depositor"; readonly space: SpaceId; readonly depositor: DepositorId };

export type EntryReason = WireReason | Extract<Reason, "mail.not-owner" | "crypto.bad-signature">;

/** [MBX8] What a server checks before it looks anything up. */
export function verifyEntry(bytes: Uint8Array, context: EntryContext): Result<Entered, EntryReason> {
  const decoded = entryCodec.decode(bytes);
  if (!decoded.ok) return decoded;
  const { space, role, signer, signature } = decoded.value;
  if (role === "owner" && spaceIdOf(signer) !== space) return refuse("mail.not-owner");
  if (!verify(signer, signature, labelOf(role), ...signedParts(context, space))) return refuse("crypto.bad-signature");
  if (role === "owner") return ok({ role, space });
  const depositor = depositorId(signer);
  return depositor.ok ? ok({ role, space, depositor: depositor.value }) : depositor;
}
