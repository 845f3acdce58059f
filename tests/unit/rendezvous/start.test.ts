import assert from "node:assert/strict";
import {
  announced,
  isBehindProxy,
  isSecure,
  networkUrls,
  type Reach,
  shownUrl,
} from "../../../rendezvous/addresses.ts";
import { type Flags, HELP, parseFlags, SETTINGS } from "../../../rendezvous/flags.ts";
import { variableOf } from "../../../rendezvous/operations/settings.ts";
import { startLines } from "../../../rendezvous/lines.ts";

function flagsOf(...args: string[]): Flags {
  const parsed = parseFlags(args);
  assert.ok(parsed.t === "run", JSON.stringify(parsed));
  return parsed.flags;
}

function sentenceOf(...args: string[]): string {
  const parsed = parseFlags(args);
  return parsed.t === "wrong" ? parsed.sentence : parsed.t;
}

Deno.test("flags are read with a space or an equals sign", () => {
  assert.deepEqual(
    [flagsOf().host, flagsOf().port, flagsOf().turn, flagsOf().files],
    ["127.0.0.1", 8787, true, "dist/client"],
  );
  const flags = flagsOf("--host", "0.0.0.0", "--port=9000", "--domain", "Chat.Example.org", "--no-turn");
  assert.deepEqual([flags.host, flags.port, flags.domain, flags.turn], ["0.0.0.0", 9000, "chat.example.org", false]);
  const tls = flagsOf("--cert", "a.pem", "--key=b.pem", "--public-address", "203.0.113.7", "--turn-port", "0");
  assert.deepEqual([tls.certFile, tls.keyFile, tls.publicAddress, tls.turnPort], ["a.pem", "b.pem", "203.0.113.7", 0]);
  assert.equal(parseFlags(["--port", "1", "--help"]).t, "help");
});

Deno.test("a wrong flag is answered by a sentence that names it", () => {
  assert.match(sentenceOf("--prot", "1"), /^Unknown flag --prot\./);
  assert.match(sentenceOf("stray"), /^Unknown flag stray\./);
  assert.match(sentenceOf("--port"), /^--port needs a value\./);
  assert.match(sentenceOf("--port="), /^--port needs a value\./);
  for (const port of ["65536", "-1", "1e3", "eight", "80 "]) assert.match(sentenceOf("--port", port), /is no port/);
  assert.match(sentenceOf("--host", "localhost"), /is no IP address/);
  assert.match(sentenceOf("--public-address", "me"), /is no IP address/);
  for (const domain of ["a b", "-a.org", "1.2.3.4", "http://a.org", "a..b"]) {
    assert.match(sentenceOf("--domain", domain), /is no domain name/);
  }
  assert.match(sentenceOf("--cert", "a.pem"), /belong together/);
  assert.match(sentenceOf("--toString", "x"), /^Unknown flag --toString\./);
});

Deno.test("what a flag says can be said by a variable, and the flag wins", () => {
  const read = (environment: Record<string, string>, ...args: string[]) => parseFlags(args, environment);
  const run = (environment: Record<string, string>, ...args: string[]): Flags => {
    const parsed = read(environment, ...args);
    assert.ok(parsed.t === "run", JSON.stringify(parsed));
    return parsed.flags;
  };
  const flags = run({ SECURECOMM_PORT: "9000", SECURECOMM_NO_TURN: "yes", SECURECOMM_DOMAIN: "", HOME: "/root" });
  assert.deepEqual([flags.port, flags.turn, flags.domain], [9000, false, null]);
  const won = run({ SECURECOMM_PORT: "9000", SECURECOMM_NO_TURN: "1" }, "--port", "9001", "--no-turn=no");
  assert.deepEqual([won.port, won.turn], [9001, true]);
  assert.equal(run({ SECURECOMM_JOIN_CODE: "open sesame" }).joinCode, "open sesame");
  const sentence = (environment: Record<string, string>, ...args: string[]) => {
    const parsed = read(environment, ...args);
    return parsed.t === "wrong" ? parsed.sentence : parsed.t;
  };
  assert.match(sentence({ SECURECOMM_PROT: "1" }), /^SECURECOMM_PROT is no setting\./);
  assert.match(sentence({ SECURECOMM_PORT: "http" }), /^SECURECOMM_PORT: "http" is no port/);
  assert.match(sentence({ SECURECOMM_NO_TURN: "perhaps" }), /is neither yes nor no/);
  assert.match(sentence({}, "--join-code", "x"), /^Unknown flag --join-code\./);
  const tooLong = sentence({ SECURECOMM_JOIN_CODE: "s".repeat(65) });
  assert.match(tooLong, /^SECURECOMM_JOIN_CODE is longer than 64 bytes/);
  assert.match(sentence({ SECURECOMM_JOIN_CODE: "x" }, "--join-code-file", "certs/code"), /say the same thing/);
});

Deno.test("ranges, STUN servers and the form of the log are checked", () => {
  assert.deepEqual(flagsOf("--relay-ports", "50000-50099").relayPorts, { first: 50_000, last: 50_099 });
  for (const range of ["1-2", "5000", "5000-4000", "60000-70000"]) {
    assert.match(sentenceOf("--relay-ports", range), /is no range of ports/);
  }
  for (const server of ["stun.example.org:3478", "192.0.2.1:1", "[2001:db8::1]:3478"]) {
    assert.equal(flagsOf("--stun-server", server).stunServer, server);
  }
  for (const server of ["stun.example.org", "a b:1", "[192:1", "x:99999"]) {
    assert.match(sentenceOf("--stun-server", server), /is no HOST:PORT/);
  }
  assert.equal(flagsOf("--log=json").log, "json");
  assert.match(sentenceOf("--log", "xml"), /is neither text nor json/);
  assert.deepEqual([flagsOf().metricsPort, flagsOf("--metrics-port", "9464").metricsPort], [null, 9464]);
});

Deno.test("the help names each flag, its variable by rule, and its default", () => {
  for (const { name, fallback, isSecret } of SETTINGS) {
    assert.ok(isSecret ? HELP.includes("SECURECOMM_JOIN_CODE") : HELP.includes(`  ${name} `), name);
    if (fallback !== null) assert.ok(HELP.includes(`(${fallback})`), name);
  }
});

/** The table in README.md. `UPDATE_README=1` writes it anew. */
const README_TABLE = [
  "| flag | variable | default | what it says |",
  "| --- | --- | --- | --- |",
  ...SETTINGS.map((setting) => {
    const { name, value, fallback, about, isSecret } = setting;
    const flag = isSecret ? "" : `\`${name}${value === null ? "" : ` ${value}`}\``;
    return `| ${flag} | \`${variableOf(setting)}\` | ${fallback ?? ""} | ${about} |`;
  }),
];

Deno.test("README.md lists all settings, with their variables, defaults and meanings", () => {
  const file = "README.md";
  const around = /(<!-- settings -->\n)([^]*?)(<!-- end of settings -->)/;
  const readme = Deno.readTextFileSync(file);
  if (Deno.env.get("UPDATE_README") !== undefined) {
    Deno.writeTextFileSync(file, readme.replace(around, `$1\n${README_TABLE.join("\n")}\n$3`));
    return;
  }
  const cells = (row: string) => row.split("|").map((cell) => cell.trim().replace(/^-+$/, "---"));
  const rows = around.exec(readme)![2]!.split("\n").filter((line) => line.startsWith("|"));
  assert.deepEqual(rows.map(cells), README_TABLE.map(cells), "deno fmt after: UPDATE_README=1 deno test -A this file");
});

const LOCAL: Reach = {
  host: "127.0.0.1",
  port: 8787,
  domain: null,
  hasCertificate: false,
  publicAddress: null,
  interfaces: ["192.168.1.5", "2001:db8::5"],
};

Deno.test("the addresses shown and announced fit how the server is reached", () => {
  const wide: Reach = { ...LOCAL, host: "0.0.0.0" };
  const proxied: Reach = { ...LOCAL, domain: "chat.example" };
  const own: Reach = { ...LOCAL, host: "::", port: 443, domain: "chat.example", hasCertificate: true };
  assert.deepEqual(
    [LOCAL, wide, proxied, own].map(shownUrl),
    ["http://127.0.0.1:8787/", "http://localhost:8787/", "https://chat.example/", "https://chat.example/"],
  );
  assert.deepEqual(announced(LOCAL), ["/ip4/127.0.0.1/tcp/8787/ws"]);
  assert.deepEqual(announced(wide), ["/ip4/192.168.1.5/tcp/8787/ws"]);
  assert.deepEqual(announced({ ...wide, publicAddress: "203.0.113.7" }), [
    "/ip4/203.0.113.7/tcp/8787/ws",
    "/ip4/192.168.1.5/tcp/8787/ws",
  ]);
  assert.deepEqual(announced(proxied), ["/dns/chat.example/tcp/443/tls/ws"]);
  assert.deepEqual(announced(own), ["/dns/chat.example/tcp/443/tls/ws"]);
  assert.deepEqual(networkUrls(wide), ["http://192.168.1.5:8787/"]);
  assert.deepEqual(networkUrls({ ...wide, host: "::", hasCertificate: true }), [
    "https://192.168.1.5:8787/",
    "https://[2001:db8::5]:8787/",
  ]);
  assert.deepEqual([LOCAL, wide, proxied, own].map(isSecure), [false, false, true, true]);
  assert.deepEqual([LOCAL, wide, proxied, own].map(isBehindProxy), [false, false, true, false]);
});

Deno.test("the start says who will have no microphone and what to do about it", () => {
  const said = (reach: Reach) => startLines(shownUrl(reach), reach, { t: "off" }).join("\n");
  assert.match(said(LOCAL), /Only this machine can open it.*\n.*--domain|Only this machine/);
  assert.match(said({ ...LOCAL, host: "0.0.0.0" }), /will have no microphone[^]*--cert FILE --key FILE[^]*--domain/);
  assert.doesNotMatch(said({ ...LOCAL, host: "0.0.0.0", hasCertificate: true }), /microphone/);
  assert.doesNotMatch(said({ ...LOCAL, domain: "chat.example" }), /microphone|Only this machine/);
});

Deno.test("the start says in one line whether coturn runs, and how to install it", () => {
  const relays = { udp: true, tcp: true };
  const line = (turn: Parameters<typeof startLines>[2]) => startLines("u", LOCAL, turn).at(-1)!;
  assert.match(line({ t: "running", port: 3478, asked: 3478, relays }), /over UDP and TCP, port 3478\.$/);
  assert.match(
    line({ t: "running", port: 40000, asked: 3478, relays }),
    /40000[^]*Port 3478 is used by another program/,
  );
  const lame = { t: "running", port: 3478, asked: 3478 } as const;
  assert.match(
    line({ ...lame, relays: { udp: true, tcp: false } }),
    /tried over UDP, port 3478\. Over TCP it does not/,
  );
  assert.match(line({ ...lame, relays: { udp: false, tcp: false } }), /relays over neither UDP nor TCP/);
  assert.match(line({ t: "waiting" }), /an earlier run/);
  assert.match(line({ t: "not-installed" }), /apt install coturn/);
  assert.match(line({ t: "off" }), /No TURN server/);
  assert.match(line({ t: "failing" }), /does not answer/);
});
