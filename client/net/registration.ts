/** Keeps us registered under our topics with a signed peer record, by `/rendezvous/1.0.0`. */
import type { Connection, PrivateKey } from "@libp2p/interface";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { PeerRecord, RecordEnvelope } from "@libp2p/peer-record";
import type { Multiaddr } from "@multiformats/multiaddr";
import type { Topic } from "../../core/ids.ts";
import { RENDEZVOUS_PROTOCOL, rendezvousMessage } from "../../core/wire/rendezvous.ts";
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
    for (let at = 0; at < change.add.length; at += DISCOVERY.requestsAhead) {
      const batch = change.add.slice(at, at + DISCOVERY.requestsAhead);
      for (const ns of batch) {
        const register = { ns, signedPeerRecord: record, ttlS: DISCOVERY.ttlS };
        stream.send(rendezvousMessage.encode({ t: "register", register }));
      }
      for (const _ of batch) ttlS = Math.min(ttlS, await grantedTtlS(stream));
    }
    return ttlS;
  } finally {
    stream.close();
  }
}

async function grantedTtlS(stream: FramedStream): Promise<number> {
  const answer = await stream.next(DISCOVERY.answerTimeoutMs);
  const message = answer && rendezvousMessage.decode(answer);
  if (!message?.ok || message.value.t !== "register-response") throw new Error("not an answer to REGISTER");
  if (message.value.status !== "OK") throw new Error(`REGISTER was answered by ${message.value.status}`);
  return message.value.ttlS;
}
