import assert from "node:assert/strict";
import { chooseAddress, type TurnSurroundings } from "../../../turn/address.ts";
import { turnConfig } from "../../../turn/config.ts";
import { makeCredentials } from "../../../turn/credentials.ts";

const HOUR_MS = 3_600_000;

Deno.test("[RDV14] credentials are an expiry, a random id, and an HMAC-SHA1 of both", () => {
  const made = makeCredentials({ secret: "north", lifetimeMs: HOUR_MS, nowMs: 1_000_500, randomId: () => "id" });
  // printf %s 4600:id | openssl dgst -sha1 -hmac north -binary | base64
  assert.deepEqual(made, { username: "4600:id", credential: "KOJNjDLlx+nc6H3G7bOcaN18O6k=", expiresAtMs: 4_600_000 });
});

Deno.test("[RDV14] no credential lives longer than an hour, and no two are alike", () => {
  const make = () => makeCredentials({ secret: "s", lifetimeMs: 24 * HOUR_MS, nowMs: 0 });
  assert.equal(make().expiresAtMs, HOUR_MS);
  assert.notEqual(make().username, make().username);
  assert.match(make().username, /^3600:[0-9a-f]{24}$/);
});

const AT_HOME: TurnSurroundings = {
  host: "127.0.0.1",
  domain: null,
  publicAddress: null,
  interfaces: ["fd00::2", "192.168.1.5"],
};

Deno.test("[RDV15] only a coturn that nobody else can reach relays to loopback", () => {
  const alone = chooseAddress(AT_HOME);
  assert.deepEqual(alone, {
    listenIp: "127.0.0.1",
    externalIp: null,
    advertisedHost: "127.0.0.1",
    allowsLoopback: true,
  });
  for (const change of [{ host: "0.0.0.0" }, { domain: "chat.example" }, { publicAddress: "203.0.113.7" }]) {
    const address = chooseAddress({ ...AT_HOME, ...change });
    assert.equal(address?.allowsLoopback, false);
    assert.equal(address?.listenIp, "192.168.1.5");
  }
});

Deno.test("the address given to clients is the public one, the name, or the machine's own", () => {
  const advertised = (change: Partial<TurnSurroundings>) => chooseAddress({ ...AT_HOME, ...change })?.advertisedHost;
  assert.equal(advertised({ host: "0.0.0.0" }), "192.168.1.5");
  assert.equal(advertised({ domain: "chat.example" }), "chat.example");
  assert.equal(advertised({ domain: "chat.example", publicAddress: "203.0.113.7" }), "203.0.113.7");
  const behindNat = chooseAddress({ ...AT_HOME, publicAddress: "203.0.113.7" });
  assert.equal(behindNat?.externalIp, "203.0.113.7");
  const direct = chooseAddress({ ...AT_HOME, publicAddress: "192.168.1.5" });
  assert.equal(direct?.externalIp, null);
  assert.equal(chooseAddress({ ...AT_HOME, host: "0.0.0.0", interfaces: [] }), null);
});

const CONFIG = {
  port: 3478,
  relayPorts: { first: 50_000, last: 50_099 },
  secret: "s3cret",
  folder: "/f",
  logFile: null,
};

function linesOf(surroundings: Partial<TurnSurroundings>, logFile: string | null = null): readonly string[] {
  const address = chooseAddress({ ...AT_HOME, ...surroundings })!;
  return turnConfig({ ...CONFIG, address, logFile }).split("\n");
}

Deno.test("[RDV15] a relay reaches no private network but its own address", () => {
  const lines = linesOf({ host: "0.0.0.0" });
  for (const denied of ["10.0.0.0-10.255.255.255", "192.168.0.0-192.168.255.255", "127.0.0.0-127.255.255.255", "::1"]) {
    assert.ok(lines.includes(`denied-peer-ip=${denied}`), denied);
  }
  assert.ok(lines.includes("allowed-peer-ip=192.168.1.5"));
  assert.ok(!lines.includes("allow-loopback-peers"));
  assert.ok(lines.includes("no-multicast-peers") && lines.includes("no-tcp-relay") && lines.includes("no-cli"));
});

Deno.test("[RDV15] on loopback a relay reaches loopback and still no other private network", () => {
  const lines = linesOf({});
  assert.ok(lines.includes("allow-loopback-peers"));
  assert.ok(!lines.some((line) => line.startsWith("denied-peer-ip=127.")));
  assert.ok(lines.includes("denied-peer-ip=10.0.0.0-10.255.255.255"));
  assert.ok(lines.includes("listening-ip=127.0.0.1") && lines.includes("relay-ip=127.0.0.1"));
});

Deno.test("[RDV17] coturn writes addresses of clients nowhere unless a log file is asked for", () => {
  assert.ok(!linesOf({}).some((line) => line === "verbose" || line === "simple-log"));
  assert.ok(linesOf({}, "/tmp/turn.log").includes("log-file=/tmp/turn.log"));
  const nat = linesOf({ publicAddress: "203.0.113.7" });
  assert.ok(nat.includes("external-ip=203.0.113.7/192.168.1.5"));
});
