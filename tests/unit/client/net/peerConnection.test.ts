import assert from "node:assert/strict";
import { installPeerConnection, onTurnVerdict } from "../../../../client/net/peerConnection.ts";

/** What the subclass needs of the browser's class. */
class FakeConnection extends EventTarget {
  iceGatheringState = "new";

  constructor(readonly configuration: RTCConfiguration = {}) {
    super();
  }

  getConfiguration() {
    return this.configuration;
  }

  tell(type: string, detail: object) {
    this.dispatchEvent(Object.assign(new Event(type), detail));
  }
}

const TURN: RTCConfiguration = { iceServers: [{ urls: ["stun:a:1", "turn:a:1"], username: "u", credential: "c" }] };

function make(configuration?: RTCConfiguration): FakeConnection {
  const scope = { RTCPeerConnection: FakeConnection as unknown as typeof RTCPeerConnection };
  installPeerConnection(scope);
  return new scope.RTCPeerConnection(configuration) as unknown as FakeConnection;
}

function verdicts(run: () => void): readonly string[] {
  const heard: string[] = [];
  const stop = onTurnVerdict((verdict) => heard.push(verdict));
  run();
  stop();
  return heard;
}

Deno.test("the responder's init channel stays open until the initiator closes it; others close as ever", () => {
  const connection = make();
  const closed: string[] = [];
  for (const label of ["init", ""]) {
    const channel = { label, close: () => closed.push(label) };
    connection.tell("datachannel", { channel });
    channel.close();
  }
  assert.deepEqual(closed, [""]);
});

Deno.test("a TURN server that refuses, or never answers, is told from one that works", () => {
  const gathered = (connection: FakeConnection) => {
    connection.iceGatheringState = "complete";
    connection.tell("icegatheringstatechange", {});
  };
  assert.deepEqual(verdicts(() => make(TURN).tell("icecandidateerror", { errorCode: 401 })), ["refused"]);
  assert.deepEqual(verdicts(() => make(TURN).tell("icecandidateerror", { errorCode: 701 })), []);
  assert.deepEqual(verdicts(() => gathered(make(TURN))), ["refused"]);
  assert.deepEqual(verdicts(() => gathered(make())), []);
  assert.deepEqual(
    verdicts(() => {
      const connection = make(TURN);
      connection.tell("icecandidate", { candidate: { type: "relay" } });
      gathered(connection);
    }),
    ["works"],
  );
});

Deno.test("where there is no WebRTC nothing is installed", () => {
  const scope = {};
  installPeerConnection(scope);
  assert.deepEqual(scope, {});
});
