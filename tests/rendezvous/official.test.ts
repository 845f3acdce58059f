/**
 * Nodes made of official js-libp2p packages, without a line of ours in them, use the rendezvous: that it speaks the public
 * protocols is shown by those who did not write it. `/rendezvous/1.0.0` has no official package that works, so its
 * messages are put together here, field by field as libp2p/specs, rendezvous/README.md numbers them.
 */
import assert from "node:assert/strict";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { identify } from "@libp2p/identify";
import type { Connection, Libp2p, PrivateKey } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { peerIdFromPublicKey } from "@libp2p/peer-id";
import { PeerRecord, RecordEnvelope } from "@libp2p/peer-record";
import { type Ping, ping } from "@libp2p/ping";
import { lpStream } from "@libp2p/utils";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { reader, writer } from "protons-runtime";
import { startRendezvous } from "../../rendezvous/server.ts";

const RENDEZVOUS = "/rendezvous/1.0.0";
const TOPIC = "official";
/** Message.MessageType and Message.ResponseStatus of the specification. */
const REGISTER = 0;
const REGISTER_RESPONSE = 1;
const DISCOVER = 3;
const DISCOVER_RESPONSE = 4;
const OK = 0;

interface OfficialNode {
  readonly node: Libp2p<{ ping: Ping }>;
  readonly key: PrivateKey;
}

/** Listens through the relay: that is how js-libp2p asks for a reservation. */
async function officialNode(relay: Multiaddr): Promise<OfficialNode> {
  const key = await generateKeyPair("Ed25519");
  const node = await createLibp2p({
    privateKey: key,
    addresses: { listen: [relay.encapsulate("/p2p-circuit").toString()] },
    transports: [webSockets(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify(), ping: ping({ runOnLimitedConnection: true }) },
  });
  return { node, key };
}

async function ask(connection: Connection, message: Uint8Array): Promise<Fields> {
  const stream = await connection.newStream(RENDEZVOUS);
  const frames = lpStream(stream);
  await frames.write(message);
  const answer = (await frames.read({ signal: AbortSignal.timeout(5_000) })).slice();
  await stream.close();
  return fieldsOf(answer);
}

function registerMessage(ns: string, signedPeerRecord: Uint8Array, ttlS: number): Uint8Array {
  const register = writer();
  register.uint32(1 << 3 | 2).string(ns);
  register.uint32(2 << 3 | 2).bytes(signedPeerRecord);
  register.uint32(3 << 3 | 0).uint64Number(ttlS);
  return messageOf(REGISTER, 2, register.finish());
}

function discoverMessage(ns: string): Uint8Array {
  const discover = writer();
  discover.uint32(1 << 3 | 2).string(ns);
  return messageOf(DISCOVER, 5, discover.finish());
}

function messageOf(type: number, field: number, body: Uint8Array): Uint8Array {
  const message = writer();
  message.uint32(1 << 3 | 0).uint32(type);
  message.uint32(field << 3 | 2).bytes(body);
  return message.finish();
}

type Fields = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

/** Varints and bytes are all that the specification's messages are made of. */
function fieldsOf(bytes: Uint8Array): Fields {
  const fields = new Map<number, (number | Uint8Array)[]>();
  const input = reader(bytes);
  while (input.pos < input.len) {
    const head = input.uint32();
    const value = (head & 7) === 0 ? input.uint64Number() : input.bytes();
    fields.set(head >>> 3, [...fields.get(head >>> 3) ?? [], value]);
  }
  return fields;
}

const bytesAt = (fields: Fields, field: number): Uint8Array => fields.get(field)?.[0] as Uint8Array;

async function until(holds: () => boolean): Promise<void> {
  for (const deadlineMs = performance.now() + 10_000; !holds();) {
    assert.ok(performance.now() < deadlineMs, "waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test({
  name: "[RDV1] [RDV2] [RDV7] [RDV13] nodes of official packages alone connect, reserve, register, discover and talk",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const server = await startRendezvous({ port: 0, files: () => Promise.resolve(null), turn: null });
    const relay = multiaddr(`/ip4/127.0.0.1/tcp/${server.port}/ws/p2p/${server.peerId}`);
    const [alice, bob] = [await officialNode(relay), await officialNode(relay)];
    try {
      await until(() => [alice, bob].every(({ node }) => node.getMultiaddrs().length > 0));
      assert.equal(server.sizes().reservations, 2);

      const record = new PeerRecord({ peerId: alice.node.peerId, multiaddrs: alice.node.getMultiaddrs() });
      const envelope = await RecordEnvelope.seal(record, alice.key);
      const [toServer] = alice.node.getConnections();
      const registered = await ask(toServer!, registerMessage(TOPIC, envelope.marshal(), 7_200));
      assert.deepEqual(registered.get(1), [REGISTER_RESPONSE]);
      const registration = fieldsOf(bytesAt(registered, 3));
      assert.deepEqual(registration.get(1) ?? [OK], [OK]);
      assert.deepEqual(registration.get(3), [7_200]);

      const [fromBob] = bob.node.getConnections();
      const discovered = await ask(fromBob!, discoverMessage(TOPIC));
      assert.deepEqual(discovered.get(1), [DISCOVER_RESPONSE]);
      const found = fieldsOf(bytesAt(discovered, 6));
      assert.deepEqual(found.get(3) ?? [OK], [OK]);
      assert.equal(found.get(1)?.length, 1);
      const signed = bytesAt(fieldsOf(bytesAt(found, 1)), 2);
      const opened = await RecordEnvelope.openAndCertify(signed, PeerRecord.DOMAIN);
      const { peerId, multiaddrs } = PeerRecord.createFromProtobuf(opened.payload);
      assert.ok(peerIdFromPublicKey(opened.publicKey).equals(alice.node.peerId) && peerId.equals(alice.node.peerId));

      await alice.node.handle("/greeting/1", async (stream) => {
        const frames = lpStream(stream);
        const name = new TextDecoder().decode((await frames.read()).slice());
        await frames.write(new TextEncoder().encode(`hello ${name}`));
        await stream.close();
      }, { runOnLimitedConnection: true });
      const circuit = await bob.node.dial(multiaddrs.map((address) => withPeer(address, alice.node)));
      assert.ok(circuit.limits !== undefined && circuit.remoteAddr.toString().includes("/p2p-circuit"));
      const frames = lpStream(await circuit.newStream("/greeting/1", { runOnLimitedConnection: true }));
      await frames.write(new TextEncoder().encode("bob"));
      assert.equal(new TextDecoder().decode((await frames.read()).slice()), "hello bob");

      assert.ok(await bob.node.services.ping.ping(relay) >= 0);
      assert.ok(await alice.node.services.ping.ping(bob.node.peerId) >= 0, "back through the same circuit");
    } finally {
      await Promise.all([alice.node.stop(), bob.node.stop()]);
      await server.stop();
    }
  },
});

/** A dial needs the name of whom it is for, which a record's addresses may leave out. */
const withPeer = (address: Multiaddr, { peerId }: Libp2p<{ ping: Ping }>): Multiaddr =>
  address.toString().endsWith(`/p2p/${peerId}`) ? address : address.encapsulate(`/p2p/${peerId}`);
