import assert from "node:assert/strict";
import {
  announced,
  isBehindProxy,
  isSecure,
  networkUrls,
  type Reach,
  shownUrl,
} from "../../../rendezvous/addresses.ts";
import { type Flags, parseFlags } from "../../../rendezvous/flags.ts";
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
  const line = (turn: Parameters<typeof startLines>[2]) => startLines("u", LOCAL, turn).at(-1)!;
  assert.match(line({ t: "running", port: 3478 }), /3478/);
  assert.match(line({ t: "not-installed" }), /apt install coturn/);
  assert.match(line({ t: "off" }), /No TURN server/);
  assert.match(line({ t: "failing" }), /does not answer/);
});
