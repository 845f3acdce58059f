import assert from "node:assert/strict";
import type { Connection } from "@libp2p/interface";
import { ConnectionLoop, type LoopPorts } from "../../../../client/net/connectionLoop.ts";

const FIRST = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
const SECOND = "12D3KooWJRSrypvnpHgc6ZAgyCni4KcSmbV7uGRaMw5LgMKT18fq";

class FakeConnection extends EventTarget {
  status = "open";
  constructor(readonly remotePeer: string) {
    super();
  }
  abort() {
    this.status = "aborted";
    this.dispatchEvent(new Event("close"));
  }
}

function setup(settle: () => Promise<void> = () => Promise.resolve(), leastPauseMs: () => number = () => 0) {
  const log: string[] = [];
  const silent = new Set<string>();
  const dials: ((peer: string | null) => FakeConnection | null)[] = [];
  const ports: LoopPorts = {
    dial: () =>
      new Promise((resolve, reject) => {
        dials.push((peer) => {
          if (peer === null) {
            reject(new Error("no"));
            return null;
          }
          const connection = new FakeConnection(peer);
          resolve(connection as unknown as Connection);
          return connection;
        });
      }),
    settle: ({ remotePeer }) => {
      log.push(`settle ${remotePeer}`);
      return settle();
    },
    isAlive: (connection) => Promise.resolve(!silent.has(connection.remotePeer.toString())),
    onState: (state) => log.push(state),
    random: () => 0,
    leastPauseMs,
  };
  const loop = new ConnectionLoop(ports);
  loop.run();
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  return { loop, log, dials, settled, silent };
}

Deno.test("[NET6] the loop settles with whoever the server is now, and again after it is lost", async () => {
  const { loop, log, dials, settled } = setup();
  const connection = dials[0]!(FIRST)!;
  await settled();
  assert.deepEqual(log, ["connecting", `settle ${FIRST}`, "online"]);
  assert.ok(loop.current !== null);
  connection.abort();
  await settled();
  assert.equal(loop.current, null);
  loop.retryNow();
  await settled();
  dials[1]!(SECOND);
  await settled();
  assert.deepEqual(log.slice(3), ["connecting", `settle ${SECOND}`, "online"]);
  loop.stop();
});

Deno.test("[NET6] a server that cannot be reached is reported offline, and tried again", async () => {
  const { loop, log, dials, settled } = setup();
  dials[0]!(null);
  await settled();
  assert.deepEqual(log, ["connecting", "offline"]);
  assert.equal(dials.length, 1, "not at once");
  loop.retryNow();
  await settled();
  assert.equal(dials.length, 2);
  loop.stop();
});

Deno.test("[NET6] a server that does not answer any more is given up when the page comes back", async () => {
  const { loop, log, dials, settled, silent } = setup();
  const connection = dials[0]!(FIRST)!;
  await settled();
  loop.retryNow();
  await settled();
  assert.equal(connection.status, "open");
  silent.add(FIRST);
  loop.retryNow();
  await settled();
  assert.equal(connection.status, "aborted");
  assert.deepEqual(log.slice(-2), ["online", "connecting"]);
  loop.stop();
});

Deno.test("a connection that cannot be made what it is for is given up", async () => {
  const { loop, log, dials, settled } = setup(() => Promise.reject(new Error("full")));
  const connection = dials[0]!(FIRST)!;
  await settled();
  assert.equal(connection.status, "aborted");
  assert.equal(log.at(-1), "offline");
  loop.stop();
});

Deno.test("a stopped loop makes no further attempt", async () => {
  const { loop, dials, settled } = setup();
  dials[0]!(null);
  await settled();
  loop.stop();
  await settled();
  assert.equal(dials.length, 1);
});

Deno.test("a server that asked for a pause is left alone for that long", async () => {
  const { loop, dials, settled } = setup(undefined, () => 700);
  dials[0]!(null);
  await settled();
  // The first delay of ours, at most 500 ms, has passed by then.
  await new Promise((resolve) => setTimeout(resolve, 600));
  assert.equal(dials.length, 1);
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(dials.length, 2);
  loop.stop();
});
