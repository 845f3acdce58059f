import assert from "node:assert/strict";
import { TURN } from "../../rendezvous/limits.ts";
import type { Rendezvous } from "../../rendezvous/server.ts";
import { VERSION } from "../../rendezvous/version.ts";
import { HandClock, rendezvousTest, until, withServer } from "./support.ts";

const FILES = new Map([["index.html", "<!doctype html>"], ["main-4F7QZP2A.js", "code"], [
  "main-4F7QZP2A.js.br",
  "packed",
]]);
const files = (path: string) => {
  const text = FILES.get(path);
  return Promise.resolve(text === undefined ? null : new TextEncoder().encode(text));
};

/** One request written as it is, because `fetch` would tidy it up. */
async function raw({ port }: Rendezvous, request: string): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(request));
  const answer = await new Response(connection.readable).text();
  return answer;
}

const get = (server: Rendezvous, path: string) =>
  raw(server, `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);

rendezvousTest("the client's files come with the headers that narrow them", async () => {
  await withServer({ files }, async ({ server }) => {
    const page = await get(server, "/");
    assert.match(page, /^HTTP\/1\.1 200 /);
    assert.match(page, /content-type: text\/html/i);
    assert.match(page, /content-security-policy: default-src 'none'/i);
    assert.match(page, /cache-control: no-cache/i);
    assert.ok(page.endsWith("<!doctype html>"));
    const script = await get(server, "/main-4F7QZP2A.js?v=1");
    assert.match(script, /cache-control: public, max-age=31536000, immutable/i);
    const packed = await raw(
      server,
      "GET /main-4F7QZP2A.js HTTP/1.1\r\nhost: x\r\naccept-encoding: br\r\nconnection: close\r\n\r\n",
    );
    assert.match(packed, /content-encoding: br/i);
    assert.ok(packed.endsWith("packed"));
    const etag = /etag: (\S+)/i.exec(page)![1];
    const unchanged = await raw(
      server,
      `GET / HTTP/1.1\r\nhost: x\r\nif-none-match: ${etag}\r\nconnection: close\r\n\r\n`,
    );
    assert.match(unchanged, /^HTTP\/1\.1 304 /);
    assert.ok(!unchanged.includes("doctype"));
    const head = await raw(server, "HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert.match(head, /content-length: 15/i);
    assert.ok(!head.includes("doctype"));
  });
});

rendezvousTest("paths that lead out of the folder, unknown ones and unknown methods are refused", async () => {
  await withServer({ files }, async ({ server }) => {
    for (const path of ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/missing.js", "/friends", "/.git/config"]) {
      assert.match(await get(server, path), /^HTTP\/1\.1 404 /, path);
    }
    assert.equal(server.counters.get("http.not-found"), 5);
    assert.match(await get(server, `/${"a".repeat(3_000)}`), /^HTTP\/1\.1 414 /);
    const deletion = await raw(server, "DELETE / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert.match(deletion, /^HTTP\/1\.1 405 /);
    assert.match(await get(server, "/turn"), /^HTTP\/1\.1 405 /);
    assert.equal(server.counters.get("http.bad-request"), 3);
  });
});

rendezvousTest("bytes that are no request, and a body that is too large, end the connection", async () => {
  await withServer({ files }, async ({ server }) => {
    await raw(server, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n");
    const body = "x".repeat(100_000);
    await raw(server, `POST /turn HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`).catch(() =>
      ""
    );
    await until(() => server.counters.get("http.too-large") > 0, "the body was refused");
    assert.match(await get(server, "/health"), /^HTTP\/1\.1 200 /);
  });
});

rendezvousTest("health and node information are open to other origins", async () => {
  await withServer({ files }, async ({ server }) => {
    const health = await fetch(`${server.url}health`);
    assert.equal(health.headers.get("access-control-allow-origin"), "*");
    assert.deepEqual(await health.json(), { status: "ok", version: VERSION });
    const node = await (await fetch(`${server.url}node.json`)).json();
    assert.deepEqual(node, {
      peerId: server.peerId,
      version: VERSION,
      secure: false,
      turn: false,
      mail: false,
      joinCode: false,
    });
    const preflight = await fetch(`${server.url}turn`, { method: "OPTIONS" });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get("access-control-allow-methods") ?? "", /POST/);
  });
  await withServer({ files, domain: "chat.example" }, async ({ server }) => {
    assert.match(await get(server, "/node.json"), /"secure":true/);
    assert.match(await get(server, "/"), /strict-transport-security/i);
  });
});

rendezvousTest("[RDV14] credentials are rationed by address prefix, as the proxy reports it", async () => {
  const clock = new HandClock();
  await withServer({ files, clock, domain: "chat.example" }, async ({ server }) => {
    const ask = async (address: string) => {
      const headers = { "x-forwarded-for": `198.51.100.77, ${address}` };
      const answer = await fetch(`http://127.0.0.1:${server.port}/turn`, { method: "POST", headers });
      await answer.body?.cancel();
      return answer.status;
    };
    // No TURN server runs, but the ration is taken before that is said.
    for (let i = 0; i < TURN.credentialBurst; i++) assert.equal(await ask("203.0.113.1"), 200);
    assert.equal(await ask("203.0.113.1"), 429);
    assert.equal(await ask("203.0.113.2"), 200);
    clock.advance(1_000 / TURN.credentialsPerSecond);
    assert.equal(await ask("203.0.113.1"), 200);
    assert.equal(server.counters.get("http.rate-limited"), 1);
  });
});
