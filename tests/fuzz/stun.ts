/** STUN and TURN messages: whoever answers a check of the connection, or stands between, sends what it likes. */
import assert from "node:assert/strict";
import { ATTRIBUTES, CLASSES, decodeStun, encodeStun, isAuthentic, METHODS } from "../../turn/client/message.ts";
import { decodeAddress, decodeErrorCode, decodeXorAddress, encodeXorAddress } from "../../turn/client/values.ts";
import { splitter } from "../../turn/client/wire.ts";
import { STUN } from "../../turn/limits.ts";
import { MAX_DECODE_MS, outcome } from "./coding.ts";
import { mutateBytes } from "./mutate.ts";
import type { Target } from "./target.ts";

const transactionId = Uint8Array.from({ length: 12 }, (_, at) => at);
const key = Uint8Array.of(1, 2, 3);
const address = (host: string) => encodeXorAddress({ host, port: 3_478 }, transactionId);

const messages = [
  encodeStun({ method: METHODS.binding, class: CLASSES.request, transactionId, attributes: [] }),
  encodeStun({
    method: METHODS.allocate,
    class: CLASSES.success,
    transactionId,
    attributes: [
      { type: ATTRIBUTES.relayedAddress, value: address("192.0.2.1") },
      { type: ATTRIBUTES.xorMappedAddress, value: address("2001:db8::1") },
    ],
  }, key),
  encodeStun({
    method: METHODS.allocate,
    class: CLASSES.error,
    transactionId,
    attributes: [
      { type: ATTRIBUTES.errorCode, value: Uint8Array.of(0, 0, 4, 1) },
      { type: ATTRIBUTES.realm, value: Uint8Array.of(114) },
    ],
  }),
];

const message: Target = {
  name: "STUN message",
  cost: "cheap",
  maxInputMs: MAX_DECODE_MS,
  seeds: messages,
  mutate: mutateBytes,
  run(input) {
    const decoded = decodeStun(input);
    if (decoded === null) return outcome({ ok: false, reason: "wire.malformed" }, 1);
    assert.ok(decoded.attributes.length <= STUN.maxAttributes);
    assert.deepEqual(decodeStun(encodeStun(decoded)), decoded);
    isAuthentic(input, key);
    for (const { value } of decoded.attributes) {
      const read = decodeXorAddress(value, decoded.transactionId);
      // The first byte of an address means nothing.
      if (read !== null) assert.deepEqual(encodeXorAddress(read, decoded.transactionId).slice(1), value.slice(1));
      decodeAddress(value);
      decodeErrorCode(value);
    }
    return outcome({ ok: true, value: decoded }, 1);
  },
};

/** However a stream is cut into chunks, the same messages come out of it, and none is larger than allowed. */
const stream: Target = {
  name: "STUN stream",
  cost: "cheap",
  maxInputMs: MAX_DECODE_MS,
  seeds: [Uint8Array.of(...messages[0]!, ...messages[1]!), Uint8Array.of(...messages[2]!, ...messages[0]!)],
  mutate: mutateBytes,
  run(input) {
    const cut = (chunkBytes: number) => {
      const given: Uint8Array[] = [];
      let failures = 0;
      const put = splitter((one) => given.push(one), () => failures++);
      for (let at = 0; at < input.length; at += chunkBytes) put(input.subarray(at, at + chunkBytes));
      assert.ok(given.every(({ length }) => length <= STUN.maxMessageBytes) && failures <= 1);
      return { given, failures };
    };
    const whole = cut(Math.max(1, input.length));
    assert.deepEqual(cut(7), whole);
    return outcome(whole.failures === 0 ? { ok: true, value: whole } : { ok: false, reason: "wire.malformed" }, 1);
  },
};

export const STUN_MESSAGES: readonly Target[] = [message, stream];
