/** A signed peer record (libp2p/specs, RFC 0002 and RFC 0003) of an Ed25519 identity. */
import { sign } from "node:crypto";
import { concat, uintBytes } from "../../../core/wire/bytes.ts";
import { utf8 } from "../../../core/wire/text.ts";
import { field, type Identity } from "./noise.ts";

const DOMAIN = utf8("libp2p-peer-record");
const PAYLOAD_TYPE = Uint8Array.of(0x03, 0x01);
/** An address that says nothing: /dns4/relay.example/tcp/443/wss/p2p-circuit */
const ADDRESS = concat(
  Uint8Array.of(0x36, 13),
  utf8("relay.example"),
  Uint8Array.of(0x06, 0x01, 0xbb, 0xde, 0x03, 0xa2, 0x02),
);

/** The multihash of the key in its protobuf form, which is short enough to stand for itself. */
export const peerIdBytes = ({ publicKey }: Identity): Uint8Array =>
  concat(Uint8Array.of(0x00, publicKey.length), publicKey);

export function signedRecord(identity: Identity): Uint8Array {
  const payload = concat(
    field(1, peerIdBytes(identity)),
    Uint8Array.of(2 * 8, 1),
    field(3, field(1, ADDRESS)),
  );
  const signed = [DOMAIN, PAYLOAD_TYPE, payload].map((part) => concat(uintBytes(part.length, 1), part));
  const signature = sign(null, concat(...signed), identity.privateKey);
  return concat(field(1, identity.publicKey), field(2, PAYLOAD_TYPE), field(3, payload), field(5, signature));
}
