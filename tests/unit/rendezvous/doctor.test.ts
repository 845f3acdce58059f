import assert from "node:assert/strict";
import type { Findings, RelayFinding, WayFinding } from "../../../rendezvous/doctor/findings.ts";
import { iceServersOf, placeOf } from "../../../rendezvous/doctor/relay.ts";
import { jsonReport, textReport } from "../../../rendezvous/doctor/report.ts";
import { judge } from "../../../rendezvous/doctor/verdict.ts";

const PUBLIC = "203.0.113.7";

const works = (way: WayFinding["way"], host = PUBLIC): WayFinding => ({
  way,
  port: way === "tls" ? 5349 : 3478,
  trial: { t: "works", relayed: { host, port: 50_000 }, received: 10, sent: 10, roundTripMs: 1 },
});

const fails = (way: WayFinding["way"], step: Extract<WayFinding["trial"], { t: "failed" }>["step"]): WayFinding => ({
  way,
  port: 3478,
  trial: { t: "failed", step, code: null },
});

const relay = (ways: readonly WayFinding[], addresses = [PUBLIC]): RelayFinding => ({
  t: "tried",
  isOwn: false,
  host: "chat.example",
  addresses,
  stun: { t: "works", port: 3478, seenAs: PUBLIC },
  ways,
});

const WELL: Findings = {
  url: "https://chat.example/",
  addresses: [PUBLIC],
  isHere: true,
  server: { t: "answers", version: "1", peerId: "12D3" },
  isUpBehindProxy: false,
  certificate: { t: "good", daysLeft: 60 },
  socket: { t: "works", roundTripMs: 2 },
  relay: relay([works("udp"), works("tcp")]),
  relayPorts: { first: 49_152, last: 51_151 },
  notes: [],
};

const judged = (change: Partial<Findings>) => {
  const findings = { ...WELL, ...change };
  const verdict = judge(findings);
  const { thisMachine, thisNetwork, internet } = verdict.works;
  return { works: [thisMachine, thisNetwork, internet], said: textReport(findings, verdict) };
};

Deno.test("where everything works it says so, what must be open, and how to be sure", () => {
  const { works, said } = judged({});
  assert.deepEqual(works, [true, true, true]);
  assert.doesNotMatch(said, /FAIL|note/);
  assert.match(said, /people outside: yes, as far as can be told from inside/);
  assert.match(said, /TCP 443, UDP 3478, TCP 3478, UDP 49152-51151/);
  assert.match(said, /doctor --url https:\/\/chat\.example\//);
  const { url, checks } = JSON.parse(jsonReport(WELL, judge(WELL)));
  assert.deepEqual([url, checks.length], ["https://chat.example/", 7]);
});

Deno.test("voice works for people outside only with HTTPS, a WebSocket, and a relay that they can reach", () => {
  const lacks: readonly (readonly [Partial<Findings>, RegExp])[] = [
    [{ certificate: { t: "none" } }, /plain HTTP/],
    [{ certificate: { t: "expired" } }, /has expired/],
    [{ certificate: { t: "untrusted" } }, /do not trust/],
    [{ certificate: { t: "wrong-name", names: "DNS:other" } }, /another name \(DNS:other\)/],
    [{ socket: { t: "no-upgrade" } }, /pass WebSockets on/],
    [{ socket: { t: "no-handshake" } }, /no encrypted connection/],
    [{ relay: { t: "none", isInstalled: false } }, /apt install coturn/],
    [{ relay: { t: "none", isInstalled: true } }, /without --no-turn/],
    [{ relay: relay([fails("udp", "answer"), fails("tcp", "connect")]) }, /Open UDP 3478[^]*Open TCP 3478/],
    [{ relay: relay([fails("udp", "data"), fails("tcp", "data")]) }, /Open UDP 49152-51151/],
    [{ relay: relay([fails("udp", "login")]) }, /Another TURN server may use this port/],
    [{ relay: relay([works("udp", "192.168.1.5")]) }, /192\.168\.1\.5: that is for this network only/],
    [{ relay: relay([works("udp")], ["192.168.1.5"]) }, /./],
    [{ addresses: ["192.168.1.5"] }, /./],
  ];
  for (const [change, sentence] of lacks) {
    const { works, said } = judged(change);
    assert.equal(works[2], false, JSON.stringify(change));
    assert.match(said, sentence);
    assert.match(said, /people outside: no\./);
  }
});

Deno.test("one way through the relay is enough; the other is named", () => {
  const { works: forWhom, said } = judged({ relay: relay([fails("udp", "answer"), works("tcp")]) });
  assert.deepEqual(forWhom, [true, true, true]);
  assert.match(said, /FAIL TURN over UDP, port 3478: no answer\.\n {5}Open UDP 3478/);
});

Deno.test("a server that is silent is told apart from a proxy that is, and from a name that leads nowhere", () => {
  const silent = { server: { t: "silent" }, certificate: { t: "unreachable" }, socket: { t: "untried" } } as const;
  const untried: RelayFinding = { t: "untried" };
  assert.match(judged({ ...silent, relay: untried }).said, /Start it with the same flags/);
  assert.match(judged({ ...silent, relay: untried, isHere: false }).said, /open in the firewall and passed on/);
  assert.match(judged({ ...silent, relay: untried, isUpBehindProxy: true }).said, /Look whether your proxy runs/);
  assert.match(judged({ ...silent, relay: untried, addresses: [] }).said, /chat\.example leads nowhere/);
  assert.match(judged({ server: { t: "stranger" } }).said, /no SecureComm server/);
});

Deno.test("from a machine elsewhere it says what works from there", () => {
  const { said } = judged({ isHere: false });
  assert.match(said, /from where this machine is: yes/);
  assert.doesNotMatch(said, /To be sure/);
});

Deno.test("what a server says of its relay is checked before it is used", () => {
  assert.deepEqual(placeOf("turn:a.example:3478?transport=tcp"), { way: "tcp", host: "a.example", port: 3478 });
  assert.deepEqual(placeOf("turns:a.example:5349?transport=tcp")?.way, "tls");
  assert.deepEqual(placeOf("stun:[2001:db8::1]:1"), { way: "stun", host: "2001:db8::1", port: 1 });
  for (const url of ["turn:a", "http://a:1", "turn:a:70000", "turn:a b:1", ""]) assert.equal(placeOf(url), null, url);
  const good = { urls: ["turn:a:1"], username: "u", credential: "c" };
  assert.deepEqual(iceServersOf({ iceServers: [good] }), [good]);
  for (
    const bad of [null, 1, {}, { iceServers: 1 }, { iceServers: [{ ...good, urls: "x" }] }, { iceServers: [null] }]
  ) {
    assert.equal(iceServersOf(bad), null);
  }
  assert.equal(iceServersOf({ iceServers: [{ ...good, urls: Array(17).fill("turn:a:1") }] }), null);
});
