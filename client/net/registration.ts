/** Keeps us registered under our topics with a signed peer record, by `/rendezvous/1.0.0`. */
import type { Connection, PrivateKey } from "@libp2p/interface";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { PeerRecord, RecordEnvelope } from "@libp2p/peer-record";
import type { Multiaddr } from "@multiformats/multiaddr";
import type { Topic } from "../../core/ids.ts";
import { RENDEZVOUS_PROTOCOL, type RendezvousMessage, rendezvousMessage } from "../../core/wire/rendezvous.ts";
import { DISCOVERY, NET } from "../limits.ts";
import { type FramedStream, framedStream } from "./framedStream.ts";

/** The signed record that says: this peer id, at these addresses. */
export async function sealRecord(privateKey: PrivateKey, addresses: readonly Multiaddr[]): Promise<Uint8Array> {
  const record = new PeerRecord({ peerId: peerIdFromPrivateKey(privateKey), multiaddrs: [...addresses] });
  return (await RecordEnvelope.seal(record, privateKey)).marshal();
}

/** Registers under `add`, takes `remove` back. Resolves to the shortest lifetime granted, in seconds. */
export async function updateRegistrations(
  connection: Connection,
  record: Uint8Array,
  change: { readonly add: readonly Topic[]; readonly remove: readonly Topic[] },
): Promise<number> {
  const signal = AbortSignal.timeout(NET.dialTimeoutMs);
  const stream = framedStream(await connection.newStream(RENDEZVOUS_PROTOCOL, { signal }));
  try {
    for (const ns of change.remove) stream.send(rendezvousMessage.encode({ t: "unregister", ns }));
    let ttlS: number = DISCOVERY.ttlS;
    for (const ns of change.add) ttlS = Math.min(ttlS, await register(stream, ns, record));
    return ttlS;
  } finally {
    stream.close();
  }
}

async function register(stream: FramedStream, ns: Topic, signedPeerRecord: Uint8Array): Promise<number> {
  const request: RendezvousMessage = { t: "register", register: { ns, signedPeerRecord, ttlS: DISCOVERY.ttlS } };
  stream.send(rendezvousMessage.encode(request));
  const answer = await stream.next(DISCOVERY.answerTimeoutMs);
  const message = answer && rendezvousMessage.decode(answer);
  if (!message?.ok || message.value.t !== "register-response") throw new Error("not an answer to REGISTER");
  if (message.value.status !== "OK") throw new Error(`REGISTER was answered by ${message.value.status}`);
  return message.value.ttlS;
}
