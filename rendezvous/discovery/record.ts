/** Signed peer records (libp2p/specs, RFC 0002 and RFC 0003): is this one really about that peer, and by it? */
import type { PeerId } from "@libp2p/interface";
import { peerIdFromPublicKey } from "@libp2p/peer-id";
import { PeerRecord, RecordEnvelope } from "@libp2p/peer-record";
import { sameBytes } from "../../core/wire/bytes.ts";

export type RecordVerdict = "valid" | "forged" | "foreign";

/** `forged`: not an envelope, or its signature is wrong. `foreign`: good, but of or about somebody else. */
export async function judgeRecord(bytes: Uint8Array, peer: PeerId): Promise<RecordVerdict> {
  try {
    const envelope = await RecordEnvelope.openAndCertify(bytes, PeerRecord.DOMAIN);
    if (!sameBytes(envelope.payloadType, PeerRecord.CODEC)) return "forged";
    const record = PeerRecord.createFromProtobuf(envelope.payload);
    const signer = peerIdFromPublicKey(envelope.publicKey);
    return signer.equals(peer) && record.peerId.equals(peer) ? "valid" : "foreign";
  } catch {
    return "forged";
  }
}
