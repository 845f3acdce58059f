import assert from "node:assert/strict";
import { installWebSocket, restMs } from "../../../../client/net/serverRest.ts";

class FakeSocket extends EventTarget {
  readonly url: string;
  constructor(url: string | URL) {
    super();
    this.url = String(url);
  }
}

function closed(url: string, code: number, reason: string): void {
  const scope: { WebSocket?: typeof WebSocket } = { WebSocket: FakeSocket as unknown as typeof WebSocket };
  installWebSocket(scope);
  const socket = new scope.WebSocket!(url);
  socket.dispatchEvent(Object.assign(new Event("close"), { code, reason }));
}

Deno.test("[RDV23] a server that goes down, or has no room, is left alone for as long as it said", () => {
  closed("wss://one.example/", 1012, "7");
  closed("wss://two.example/", 1013, "20");
  assert.ok(restMs("https://one.example/") > 6_000 && restMs("https://one.example/") <= 7_000);
  assert.ok(restMs("https://two.example/") > 19_000);
  assert.equal(restMs("https://three.example/"), 0);
});

Deno.test("[RDV23] no closing keeps us away for long, and none of another kind at all", () => {
  closed("wss://four.example/", 1012, "999999");
  assert.ok(restMs("https://four.example/") <= 300_000);
  closed("wss://five.example/", 1000, "7");
  closed("wss://five.example/", 1013, "soon");
  closed("wss://five.example/", 1013, "-7");
  closed("wss://five.example/", 1013, "");
  assert.equal(restMs("https://five.example/"), 0);
});
