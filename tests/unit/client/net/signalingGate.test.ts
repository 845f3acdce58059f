import assert from "node:assert/strict";
import type { Connection, Stream, StreamHandler } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { peerId } from "../../../../core/ids.ts";
import { SignalingGate } from "../../../../client/net/signalingGate.ts";

const FRIEND = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
const STRANGER = "12D3KooWJRSrypvnpHgc6ZAgyCni4KcSmbV7uGRaMw5LgMKT18fq";
const SIGNALING = "/webrtc-signaling/0.0.1";

function setup() {
  const log: string[] = [];
  const handlers = new Map<string, StreamHandler>();
  const registrar = {
    handle(protocol: string, handler: StreamHandler) {
      handlers.set(protocol, handler);
      return Promise.resolve();
    },
    other: () => "as it was",
  };
  const gate = new SignalingGate(() => log.push("refused"));
  const guarded = gate.guard(registrar);
  const stream = { abort: () => log.push("aborted") } as unknown as Stream;
  const arrive = (protocol: string, peer: string, named = peer) => {
    const connection = { remotePeer: peer, remoteAddr: multiaddr(`/p2p-circuit/p2p/${named}`) };
    handlers.get(protocol)!(stream, connection as unknown as Connection);
    return log.splice(0);
  };
  const allow = (...peers: readonly string[]) =>
    gate.allow(peers.map((peer) => {
      const id = peerId(peer);
      assert.ok(id.ok);
      return id.value;
    }));
  guarded.handle(SIGNALING, () => void log.push("handled"));
  guarded.handle("/other/1", () => void log.push("handled"));
  return { gate, guarded, arrive, allow };
}

Deno.test("[NET4] signaling reaches the transport only from allowed peers, for as long as they are allowed", () => {
  const { arrive, allow } = setup();
  assert.deepEqual(arrive(SIGNALING, FRIEND), ["refused", "aborted"]);
  allow(FRIEND);
  assert.deepEqual(arrive(SIGNALING, FRIEND), ["handled"]);
  assert.deepEqual(arrive(SIGNALING, STRANGER), ["refused", "aborted"]);
  allow();
  assert.deepEqual(arrive(SIGNALING, FRIEND), ["refused", "aborted"]);
});

Deno.test("[NET4] an allowed peer cannot pass as another one by an address that a relay made up", () => {
  const { arrive, allow } = setup();
  allow(FRIEND, STRANGER);
  assert.deepEqual(arrive(SIGNALING, STRANGER, FRIEND), ["refused", "aborted"]);
});

Deno.test("other protocols and the rest of the registrar are left alone", () => {
  const { arrive, guarded } = setup();
  assert.deepEqual(arrive("/other/1", STRANGER), ["handled"]);
  assert.equal(guarded.other(), "as it was");
});
