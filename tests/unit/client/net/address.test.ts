import assert from "node:assert/strict";
import { multiaddr } from "@multiformats/multiaddr";
import { listenAddress, peerAddress, peerOf, rendezvousAddress, routeOf } from "../../../../client/net/address.ts";

const RELAY = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
const PEER = "12D3KooWJRSrypvnpHgc6ZAgyCni4KcSmbV7uGRaMw5LgMKT18fq";

Deno.test("web addresses become WebSocket addresses", () => {
  const cases = {
    "http://127.0.0.1:8787/": "/ip4/127.0.0.1/tcp/8787/ws",
    "http://localhost:8787": "/dns/localhost/tcp/8787/ws",
    "https://chat.example.org/": "/dns/chat.example.org/tcp/443/tls/ws",
    "https://chat.example.org:8443/#x": "/dns/chat.example.org/tcp/8443/tls/ws",
    "http://[::1]:80/": "/ip6/::1/tcp/80/ws",
  };
  for (const [url, address] of Object.entries(cases)) assert.equal(rendezvousAddress(url).toString(), address);
  assert.throws(() => rendezvousAddress("ftp://example.org/"), TypeError);
  assert.throws(() => rendezvousAddress("example.org"), TypeError);
});

Deno.test("[NET1] a peer is dialed through the relay, and the address tells the route", () => {
  const server = rendezvousAddress("http://127.0.0.1:8787/");
  const relayed = peerAddress(server, RELAY, PEER, "relayed");
  const direct = peerAddress(server, RELAY, PEER, "direct");
  assert.equal(relayed.toString(), `/ip4/127.0.0.1/tcp/8787/ws/p2p/${RELAY}/p2p-circuit/p2p/${PEER}`);
  assert.equal(direct.toString(), `/ip4/127.0.0.1/tcp/8787/ws/p2p/${RELAY}/p2p-circuit/webrtc/p2p/${PEER}`);
  assert.equal(listenAddress(server, RELAY).toString(), `/ip4/127.0.0.1/tcp/8787/ws/p2p/${RELAY}/p2p-circuit`);
  assert.equal(routeOf(relayed), "relayed");
  assert.equal(routeOf(direct), "direct");
  assert.equal(routeOf(multiaddr(`/webrtc/p2p/${PEER}`)), "direct");
  assert.equal(routeOf(multiaddr(`${server}/p2p/${RELAY}`)), "rendezvous");
  assert.equal(peerOf(relayed), PEER);
});
