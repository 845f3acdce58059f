import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { addressNotes, chooseAddress, type TurnSurroundings } from "../../../turn/address.ts";
import { turnConfig } from "../../../turn/config.ts";
import { makeCredentials } from "../../../turn/credentials.ts";
import { COTURN } from "../../../turn/limits.ts";
import { isPublic } from "../../../turn/ranges.ts";
import { Secrets } from "../../../turn/secrets.ts";

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
  domainAddresses: [],
  publicAddress: null,
  seenAs: null,
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

Deno.test("behind a router the relay is reached where the name leads; a name that leads elsewhere is not used", () => {
  const at = (change: Partial<TurnSurroundings>) => {
    const around = { ...AT_HOME, host: "0.0.0.0", domain: "chat.example", ...change };
    const address = chooseAddress(around)!;
    return { ...address, notes: addressNotes(around, address).join("\n") };
  };
  const routed = at({ domainAddresses: ["203.0.113.7"] });
  assert.deepEqual([routed.listenIp, routed.externalIp], ["192.168.1.5", "203.0.113.7"]);
  assert.equal(routed.advertisedHost, "chat.example");
  assert.match(routed.notes, /203\.0\.113\.7 is taken for its outer one[^]*let your router pass/);
  const plain = at({ domainAddresses: ["203.0.113.9"], interfaces: ["10.0.0.1", "203.0.113.9"] });
  assert.deepEqual([plain.listenIp, plain.externalIp, plain.notes], ["203.0.113.9", null, ""]);
  assert.equal(plain.advertisedHost, "chat.example");
  const network = at({ domainAddresses: ["198.51.100.1"], interfaces: ["203.0.113.9"] });
  assert.deepEqual([network.advertisedHost, network.externalIp], ["203.0.113.9", null]);
  assert.match(network.notes, /leads to 198\.51\.100\.1, but the relay is reached at 203\.0\.113\.9/);
  assert.match(at({}).notes, /leads to no address yet/);
  const lonely = at({ domain: null });
  assert.match(lonely.notes, /192\.168\.1\.5 is a private address: calls can be relayed within this network only/);
  const asked = at({ domain: null, seenAs: "203.0.113.8" });
  assert.deepEqual([asked.externalIp, asked.advertisedHost, asked.notes], ["203.0.113.8", "203.0.113.8", ""]);
});

Deno.test("an address is public where people on the internet could have it", () => {
  for (const address of ["203.0.113.7", "8.8.8.8", "2001:db8::1", "2a00::1"]) assert.ok(isPublic(address), address);
  const inside = ["10.1.2.3", "192.168.0.1", "100.64.0.1", "127.0.0.1", "::1", "fd00::1", "fe80::1", "0.0.0.0"];
  for (const address of [...inside, "::ffff:10.0.0.1", "name"]) assert.ok(!isPublic(address), address);
});

Deno.test("[RDV14] a secret is replaced after a day, and ends when the last credential made with it has", async () => {
  const folder = await Deno.makeTempDir();
  const secrets = new Secrets(`${folder}/db`, 0);
  const known = () => {
    const database = new DatabaseSync(`${folder}/db`, { readOnly: true });
    const values = database.prepare("SELECT value FROM turn_secret WHERE realm = 'securecomm'").all();
    database.close();
    return values.map(({ value }) => value);
  };
  const first = secrets.current;
  secrets.rotate(COTURN.secretLifetimeMs - 1);
  assert.deepEqual([secrets.current, known()], [first, [first]]);
  secrets.rotate(COTURN.secretLifetimeMs);
  const second = secrets.current;
  assert.notEqual(second, first);
  secrets.rotate(COTURN.secretLifetimeMs + HOUR_MS - 1);
  assert.deepEqual(known().toSorted(), [first, second].toSorted());
  secrets.rotate(COTURN.secretLifetimeMs + HOUR_MS);
  assert.deepEqual([secrets.current, known()], [second, [second]]);
  secrets.close();
  await Deno.remove(folder, { recursive: true });
});

const CONFIG = {
  port: 3478,
  relayPorts: { first: 50_000, last: 50_099 },
  tls: null,
  console: { port: 4, password: "s3cret" },
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
  assert.ok(
    lines.includes("no-multicast-peers") && lines.includes("no-tcp-relay") && lines.includes("cli-ip=127.0.0.1"),
  );
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
