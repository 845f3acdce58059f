import assert from "node:assert/strict";
import { get } from "node:https";
import { Counters } from "../../rendezvous/counters.ts";
import { listen } from "../../rendezvous/http/listener.ts";
import { CONNECTIONS } from "../../rendezvous/limits.ts";
import { SocketConnection } from "../../rendezvous/ws/connection.ts";
import { WebSocket } from "../../rendezvous/ws/socket.ts";
import { HandClock, rendezvousTest, until, withServer } from "./support.ts";

const log = Object.assign(() => {}, { error() {}, trace() {}, enabled: false, newScope: () => log });

interface Pair {
  readonly connection: SocketConnection;
  readonly client: WebSocket;
  readonly clock: HandClock;
  readonly counters: Counters;
}

/** One accepted WebSocket and its client, without libp2p around it. */
async function withPair(play: (pair: Pair) => Promise<void>): Promise<void> {
  const clock = new HandClock();
  const counters = new Counters();
  const accepted = Promise.withResolvers<SocketConnection>();
  const server = await listen({
    clock,
    counters,
    host: "127.0.0.1",
    port: 0,
    tls: null,
    isBehindProxy: false,
    answer: (_request, response) => response.end(),
    accept: (socket) => Promise.resolve(accepted.resolve(new SocketConnection({ socket, log, clock, counters }))),
  });
  const client = new WebSocket(`ws://127.0.0.1:${server.port}/`);
  client.on("error", () => {});
  await new Promise((resolve) => client.once("open", resolve));
  try {
    await play({ connection: await accepted.promise, client, clock, counters });
  } finally {
    client.terminate();
    await server.stop();
  }
}

const CHUNK = new Uint8Array(256 * 1_024);

rendezvousTest("[RDV16] a client that reads nothing is cut off, and little waits for it until then", async () => {
  await withPair(async ({ connection, client, clock, counters }) => {
    client.pause();
    let sentBytes = 0;
    while (connection.send(CHUNK)) {
      sentBytes += CHUNK.length;
      assert.ok(sentBytes < 64 * CONNECTIONS.highWaterBytes, "the socket said that it is full");
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    clock.advance(CONNECTIONS.maxStallMs - 1);
    assert.equal(connection.status, "open");
    clock.advance(1);
    await until(() => connection.status !== "open", "the connection was closed");
    assert.equal(counters.get("ws.slow-reader"), 1);
  });
});

rendezvousTest("[RDV16] more than may wait is never kept", async () => {
  await withPair(async ({ connection, client }) => {
    client.pause();
    const limitBytes = CONNECTIONS.maxWriteBufferBytes;
    try {
      while (connection.status === "open") {
        connection.send(CHUNK);
        assert.ok(connection.writeBufferLength <= limitBytes + CHUNK.length);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    } catch (error) {
      assert.match(String(error), /buffer/i);
    }
    assert.notEqual(connection.status, "open");
  });
});

rendezvousTest("[RDV16] a client that reads slowly is waited for", async () => {
  await withPair(async ({ connection, client, clock, counters }) => {
    client.pause();
    while (connection.send(CHUNK)) await new Promise((resolve) => setTimeout(resolve, 0));
    const drained = new Promise((resolve) => connection.addEventListener("drain", resolve, { once: true }));
    client.resume();
    await drained;
    clock.advance(CONNECTIONS.maxStallMs);
    assert.equal(connection.status, "open");
    assert.equal(counters.get("ws.slow-reader"), 0);
  });
});

rendezvousTest("[RDV16] a client that sends too much is read more slowly, and nothing of it is lost", async () => {
  await withPair(async ({ connection, client, clock }) => {
    let receivedBytes = 0;
    connection.addEventListener("message", (event) => receivedBytes += event.data.byteLength);
    const total = CONNECTIONS.burstBytes + 2 * CONNECTIONS.bytesPerSecond;
    for (let sent = 0; sent < total; sent += CHUNK.length) client.send(CHUNK);
    await until(() => receivedBytes >= CONNECTIONS.burstBytes, "its burst arrived");
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(receivedBytes < CONNECTIONS.burstBytes + CONNECTIONS.bytesPerSecond, `${receivedBytes} bytes`);
    for (let second = 0; receivedBytes < total && second < 10; second++) {
      clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(receivedBytes, total);
  });
});

rendezvousTest("a client that vanished is found by its silence", async () => {
  await withPair(async ({ connection, client, clock, counters }) => {
    client.pause();
    clock.advance(CONNECTIONS.pingIntervalMs);
    assert.equal(connection.status, "open");
    clock.advance(CONNECTIONS.pingIntervalMs);
    await until(() => connection.status !== "open", "the connection was closed");
    assert.equal(counters.get("ws.vanished"), 1);
  });
});

/** Of no use anywhere else: self-signed, for 127.0.0.1. */
const CERT = `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUSQtP0HUp2dVKLwOtyaJoRLdL2oQwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDA2MTM0NFoYDzIxMjYxMDMx
MDYxMzQ0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQgwVXW3FFvxOt/8oNA6TYzo1ITqugltXNaN5sEEZw1Bi0LtxrJlYst
4O3B3XkAelnetlCg/OcqxOIGJwl4LiPto28wbTAdBgNVHQ4EFgQUI/kszi35bd4N
/M6rJ92jgCGh588wHwYDVR0jBBgwFoAUI/kszi35bd4N/M6rJ92jgCGh588wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAPeyLdgkqlN4FouF9fV65lrtiUBRSQkAyTd6dc1KUerLAiEA
sgGRfSC8oT4vDjUvz81pQQD+pY7214+LPitmMVTsbok=
-----END CERTIFICATE-----`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghj54hfJvDBD86lee
aOCJsNfPD31Ihz0T6jICyk+O6qahRANCAAQgwVXW3FFvxOt/8oNA6TYzo1ITqugl
tXNaN5sEEZw1Bi0LtxrJlYst4O3B3XkAelnetlCg/OcqxOIGJwl4LiPt
-----END PRIVATE KEY-----`;

rendezvousTest("with a certificate the same port speaks TLS", async () => {
  await withServer({ tls: { cert: CERT, key: KEY } }, async ({ server }) => {
    const node = await new Promise<string>((resolve, reject) => {
      get(`https://127.0.0.1:${server.port}/node.json`, { ca: CERT }, (answer) => {
        let body = "";
        answer.setEncoding("utf8").on("data", (text) => body += text).once("end", () => resolve(body));
      }).once("error", reject);
    });
    assert.equal(JSON.parse(node).secure, true);
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}/`, { ca: CERT, rejectUnauthorized: false });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    assert.equal(server.counters.get("ws.accepted"), 1);
    socket.terminate();
  });
});
