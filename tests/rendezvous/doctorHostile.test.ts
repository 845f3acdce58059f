/** What the doctor makes of servers that are broken, foreign or malicious: a finding, soon, and never an exception. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { askJson } from "../../rendezvous/doctor/ask.ts";
import { examineCertificate } from "../../rendezvous/doctor/certificate.ts";
import { examine } from "../../rendezvous/doctor/examine.ts";
import { DEFAULTS } from "../../rendezvous/flags.ts";
import { tryRelay, tryStun } from "../../turn/client/trial.ts";
import { freePort } from "../../turn/probe.ts";
import { rendezvousTest } from "./support.ts";

const DAY_MS = 86_400_000;

async function withHttp(answer: RequestListener, play: (url: URL) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await play(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

rendezvousTest("of a certificate it tells whether it is for the name, trusted, and how long it lasts", async () => {
  const folder = await Deno.makeTempDir();
  const pem = (name: string) => Deno.readTextFileSync(`${folder}/${name}.pem`);
  const request = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "30",
  ];
  const files = ["-keyout", `${folder}/key.pem`, "-out", `${folder}/cert.pem`];
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  await new Deno.Command("openssl", { args: [...request, ...files, ...name], stderr: "null" }).output();
  const server = createSecureServer({ cert: pem("cert"), key: pem("key") }, (_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = (host: string) => new URL(`https://${host}:${(server.address() as AddressInfo).port}/`);
  try {
    const nowMs = Date.now();
    const good = await examineCertificate(at("localhost"), nowMs, pem("cert"));
    assert.ok(good.t === "good" && good.daysLeft >= 29, JSON.stringify(good));
    assert.deepEqual(await examineCertificate(at("localhost"), nowMs, null), { t: "untrusted" });
    assert.deepEqual(await examineCertificate(at("localhost"), nowMs + 31 * DAY_MS, pem("cert")), { t: "expired" });
    const other = await examineCertificate(at("127.0.0.1"), nowMs, pem("cert"));
    assert.deepEqual(other, { t: "wrong-name", names: "DNS:localhost" });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await Deno.remove(folder, { recursive: true });
  }
  const closed = await freePort("127.0.0.1", 0);
  assert.deepEqual(await examineCertificate(new URL(`https://localhost:${closed}/`), 0, null), { t: "unreachable" });
  assert.deepEqual(await examineCertificate(new URL("http://localhost/"), 0, null), { t: "none" });
});

rendezvousTest("an answer without end, or that is no JSON, is nothing", async () => {
  await withHttp((_, response) => {
    const more = () => {
      while (response.write("x".repeat(10_000))) if (response.destroyed) return;
      response.once("drain", more);
    };
    more();
  }, async (url) => assert.equal(await askJson(url, "GET"), null));
  await withHttp((_, response) => response.end("{"), async (url) => assert.equal(await askJson(url, "GET"), null));
  await withHttp((_, response) => response.writeHead(404).end("{}"), async (url) => {
    assert.equal(await askJson(url, "POST"), null);
  });
  const closed = await freePort("127.0.0.1", 0);
  assert.equal(await askJson(new URL(`http://127.0.0.1:${closed}/`), "GET"), undefined);
});

rendezvousTest(
  "a server that is none of ours is called a stranger, and one that lies of its peer id fails",
  async () => {
    const init = { flags: { ...DEFAULTS, turn: false }, interfaces: [], nowMs: Date.now(), trusted: null };
    for (const body of ["null", "[]", '{"peerId":1,"version":"1"}', '{"peerId":"../../x","version":"1"}', "<html>"]) {
      await withHttp((_, response) => response.end(body), async (url) => {
        assert.equal((await examine({ ...init, url: url.href })).server.t, "stranger", body);
      });
    }
    const answers = JSON.stringify({ peerId: "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN", version: "1" });
    await withHttp((_, response) => response.end(answers), async (url) => {
      const findings = await examine({ ...init, url: url.href });
      assert.deepEqual([findings.server.t, findings.socket.t, findings.relay.t], ["answers", "no-upgrade", "none"]);
    });
  },
);

rendezvousTest("a relay that sends garbage, or somebody else's answers, has not answered", async () => {
  const socket = createSocket("udp4");
  let number = 0;
  socket.on("message", (bytes, from) => {
    const answer = Uint8Array.from(bytes);
    // A success, but of another transaction; then bytes that are no message.
    if (number++ % 2 === 0) [answer[0], answer[10]] = [1, answer[10]! ^ 1];
    else answer.fill(0xff);
    socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  try {
    const login = { username: "u", credential: "c" };
    const [relay, stun] = await Promise.all([
      tryRelay({ transport: "udp", host: "127.0.0.1", port, login }),
      tryStun("127.0.0.1", port),
    ]);
    assert.deepEqual(relay, { t: "failed", step: "answer", code: null });
    assert.deepEqual(stun, { t: "failed" });
  } finally {
    socket.close();
  }
});

rendezvousTest("a relay that does not know our key is not believed", async () => {
  const socket = createSocket("udp4");
  const unauthenticated = [0, 9, 0, 4, 0, 0, 4, 1, 0, 0x14, 0, 1, 0x72, 0, 0, 0, 0, 0x15, 0, 1, 0x6e, 0, 0, 0];
  const relayed = [0, 0x16, 0, 8, 0, 1, 0x9c, 0x40, 0xe1, 0xba, 0xa5, 0x17];
  socket.on("message", (bytes, from) => {
    const [isFirst, id] = [bytes.length < 40, [...bytes.subarray(4, 20)]];
    const attributes = isFirst ? unauthenticated : relayed;
    const head = [1, isFirst ? 0x13 : 0x03, 0, attributes.length];
    socket.send(Uint8Array.from([...head, ...id, ...attributes]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  const login = { username: "u", credential: "c" };
  const trial = await tryRelay({ transport: "udp", host: "127.0.0.1", port, login });
  assert.deepEqual(trial, { t: "failed", step: "answer", code: null });
  socket.close();
});
