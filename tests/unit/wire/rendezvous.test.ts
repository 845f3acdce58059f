import assert from "node:assert/strict";
import fc from "fast-check";
import { RENDEZVOUS } from "../../../core/limits.ts";
import { concat } from "../../../core/wire/bytes.ts";
import { type PresenceFrame, presenceFrame, watchFrame } from "../../../core/wire/presence.ts";
import { type RendezvousMessage, rendezvousMessage } from "../../../core/wire/rendezvous.ts";
import { fromHex, toHex } from "../../../core/ids.ts";

/** Plain objects, which is what the decoders make. */
const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(fields, { noNullPrototype: true });

const ns = fc.string({ maxLength: 60, unit: "binary" });
const seconds = fc.integer({ min: 0, max: RENDEZVOUS.maxTtlS });
const cookie = fc.uint8Array({ maxLength: RENDEZVOUS.maxCookieBytes });
const status = fc.constantFrom("OK", "E_INVALID_NAMESPACE", "E_INVALID_COOKIE", "E_UNAVAILABLE");
const statusText = fc.string({ maxLength: 40 });
const registration = record({ ns, signedPeerRecord: fc.uint8Array({ maxLength: 300 }), ttlS: seconds });

const message: fc.Arbitrary<RendezvousMessage> = fc.oneof(
  record({ t: fc.constant("register" as const), register: registration }),
  record({ t: fc.constant("register-response" as const), status, statusText, ttlS: seconds }),
  record({ t: fc.constant("unregister" as const), ns }),
  record({ t: fc.constant("discover" as const), ns, limit: fc.nat(), cookie }),
  record({
    t: fc.constant("discover-response" as const),
    status,
    statusText,
    registrations: fc.array(registration, { maxLength: 5 }),
    cookie,
  }),
) as fc.Arbitrary<RendezvousMessage>;

Deno.test("[RDV1] every message comes back as it was", () => {
  fc.assert(
    fc.property(message, (value) => {
      assert.deepEqual(rendezvousMessage.decode(rendezvousMessage.encode(value)), { ok: true, value });
    }),
    { seed: 10, numRuns: 500 },
  );
});

/** Written by hand from the field numbers of the specification. */
const KNOWN: readonly (readonly [hex: string, message: RendezvousMessage])[] = [
  ["0800120a0a026e731202aabb1878", {
    t: "register",
    register: { ns: "ns", signedPeerRecord: Uint8Array.of(0xaa, 0xbb), ttlS: 120 },
  }],
  ["08011a09080012026f6b18a038", { t: "register-response", status: "OK", statusText: "ok", ttlS: 7200 }],
  ["08011a020864", { t: "register-response", status: "E_INVALID_NAMESPACE", statusText: "", ttlS: 0 }],
  ["080222040a026e73", { t: "unregister", ns: "ns" }],
  ["08032a090a026e7310051a0107", { t: "discover", ns: "ns", limit: 5, cookie: Uint8Array.of(7) }],
  ["0804320e0a060a016e1201ff12010718ac02", {
    t: "discover-response",
    status: "E_INTERNAL_ERROR",
    statusText: "",
    registrations: [{ ns: "n", signedPeerRecord: Uint8Array.of(0xff), ttlS: 0 }],
    cookie: Uint8Array.of(7),
  }],
];

Deno.test("[RDV1] the bytes are those of the public specification", () => {
  for (const [hex, value] of KNOWN) {
    const decoded = rendezvousMessage.decode(fromHex(hex));
    assert.deepEqual(decoded, { ok: true, value });
    const again = rendezvousMessage.decode(rendezvousMessage.encode(value));
    assert.deepEqual(again, decoded);
  }
  assert.equal(toHex(rendezvousMessage.encode(KNOWN[3]![1])), KNOWN[3]![0]);
});

Deno.test("[RDV1] unknown fields are skipped and the last of a repeated one counts", () => {
  const unknown = fromHex("3a03010203" + "4107060504030201004d01020304" + "5005");
  const decoded = rendezvousMessage.decode(concat(fromHex(KNOWN[3]![0]), unknown));
  assert.deepEqual(decoded, { ok: true, value: KNOWN[3]![1] });
  const twice = rendezvousMessage.decode(fromHex("080222080a0161" + "0a03626364"));
  assert.deepEqual(twice, { ok: true, value: { t: "unregister", ns: "bcd" } });
});

Deno.test("[RDV1] groups, wrong types, missing bodies, bad text and inner lengths beyond the end are refused", () => {
  const reasonOf = (hex: string) => {
    const result = rendezvousMessage.decode(fromHex(hex));
    return result.ok ? "accepted" : result.reason;
  };
  assert.equal(reasonOf(""), "wire.wrong-shape");
  assert.equal(reasonOf("0800"), "wire.wrong-shape");
  assert.equal(reasonOf("080922040a026e73"), "wire.wrong-shape");
  assert.equal(reasonOf("0a0022040a026e73"), "wire.wrong-shape");
  assert.equal(reasonOf("080222040a02c328"), "wire.wrong-shape");
  assert.equal(reasonOf("0802220413146e73"), "wire.malformed");
  assert.equal(reasonOf("080222040a096e73"), "wire.malformed");
  assert.equal(reasonOf("08011a03080118"), "wire.malformed");
  assert.equal(reasonOf("08011a020801"), "wire.wrong-shape");
  const longName = rendezvousMessage.encode({ t: "unregister", ns: "x".repeat(256) });
  assert.deepEqual(rendezvousMessage.decode(longName), { ok: false, reason: "wire.wrong-shape" });
  assert.equal(rendezvousMessage.decode(new Uint8Array(RENDEZVOUS.maxMessageBytes)).ok, false);
  const tooLarge = rendezvousMessage.decode(new Uint8Array(RENDEZVOUS.maxMessageBytes + 1));
  assert.deepEqual(tooLarge, { ok: false, reason: "wire.too-large" });
});

Deno.test("[RDV1] no bytes make the decoder throw, and what it accepts it encodes to something equal", () => {
  const mutated = fc.tuple(message, fc.nat(), fc.nat(255), fc.nat(40)).map(([value, at, byte, cut]) => {
    const bytes = rendezvousMessage.encode(value);
    bytes[at % bytes.length] = byte;
    return cut < 20 ? bytes.subarray(0, bytes.length - cut) : bytes;
  });
  const input = fc.oneof(fc.uint8Array({ maxLength: 64 }), mutated);
  fc.assert(
    fc.property(input, (bytes) => {
      const first = rendezvousMessage.decode(bytes);
      if (first.ok) assert.deepEqual(rendezvousMessage.decode(rendezvousMessage.encode(first.value)), first);
    }),
    { seed: 11, numRuns: 3_000 },
  );
});

Deno.test("[RDV9] presence frames come back as they were", () => {
  const frame = fc.oneof(
    record({
      t: fc.constant("present" as const),
      namespace: ns,
      signedPeerRecord: fc.uint8Array({ minLength: 1, maxLength: 300 }),
      ttlS: seconds,
    }),
    record({ t: fc.constant("absent" as const), namespace: ns, peerId: fc.string({ maxLength: 60 }) }),
  ) as fc.Arbitrary<PresenceFrame>;
  fc.assert(
    fc.property(frame, (value) => {
      assert.deepEqual(presenceFrame.decode(presenceFrame.encode(value)), { ok: true, value });
    }),
    { seed: 12, numRuns: 300 },
  );
});

Deno.test("[RDV9] the longest watch list fits its frame, and one namespace more is refused", () => {
  const topics = (count: number) => Array.from({ length: count }, (_, i) => i.toString(16).padStart(64, "0"));
  const longest = watchFrame.encode({ t: "watch", namespaces: topics(RENDEZVOUS.maxWatched) });
  assert.equal(watchFrame.decode(longest).ok, true);
  const longer = watchFrame.encode({ t: "watch", namespaces: topics(RENDEZVOUS.maxWatched + 1) });
  assert.deepEqual(watchFrame.decode(longer), { ok: false, reason: "wire.wrong-shape" });
});
