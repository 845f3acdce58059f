import assert from "node:assert/strict";
import type { VoiceEngine } from "../../../client/audio/engine.ts";
import { createVoice } from "../../../client/runtime/voice.ts";
import type { CallId } from "../../../core/ids.ts";

Deno.test("[CALL6] a command that fails costs no engine: the call that it holds can still be closed", async () => {
  Object.assign(globalThis, { AudioContext: class {} });
  const reported: unknown[] = [];
  globalThis.reportError = (error) => reported.push(error);
  const closed: string[] = [];
  const call = "00".repeat(16) as CallId;
  const loadEngine = () =>
    Promise.resolve({
      open: () => {},
      deliverSignal: () => {
        throw new TypeError("a signal of theirs");
      },
      close: () => closed.push(`engine ${loads}`),
    } as unknown as VoiceEngine);
  let loads = 0;
  const voice = createVoice({ loadEngine: () => (loads++, loadEngine()), onEvent: () => {} });
  voice.run({ type: "OpenVoice", call, initiator: true });
  voice.run({ type: "DeliverVoiceSignal", call, signal: new Uint8Array(1) });
  await new Promise((resolve) => setTimeout(resolve, 5));
  voice.run({ type: "CloseVoice", call });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual([loads, closed, reported.length], [1, ["engine 1"], 1]);
});

Deno.test("[CALL6] where the engine cannot be fetched the call fails at once, and the next one tries again", async () => {
  Object.assign(globalThis, { AudioContext: class {} });
  const reported: unknown[] = [];
  globalThis.reportError = (error) => reported.push(error);
  const call = "00".repeat(16) as CallId;
  const events: unknown[] = [];
  let loads = 0;
  const voice = createVoice({
    loadEngine: () => (loads++, Promise.reject(new TypeError("server away"))),
    onEvent: (event) => events.push(event),
  });
  for (const expected of [1, 2]) {
    voice.run({ type: "OpenVoice", call, initiator: true });
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual([loads, reported.length], [expected, expected]);
    assert.deepEqual(events.splice(0), [{ type: "VoiceFailed", call }]);
  }
});
