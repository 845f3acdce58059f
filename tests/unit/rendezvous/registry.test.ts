import assert from "node:assert/strict";
import fc from "fast-check";
import { RENDEZVOUS } from "../../../core/limits.ts";
import { openCookie, sealCookie } from "../../../rendezvous/discovery/cookie.ts";
import { grantTtlS, Registry } from "../../../rendezvous/discovery/registry.ts";
import { REGISTRATIONS } from "../../../rendezvous/limits.ts";

const RECORD: Uint8Array = Uint8Array.of(1, 2, 3);
const add = (registry: Registry, ns: string, peer: string, nowMs: number, ttlS = 100, record = RECORD) =>
  registry.register({ ns, peer, record, ttlS }, nowMs);
const peersOf = (registry: Registry, ns: string, nowMs: number, after = 0) =>
  registry.discover(ns, after, 100, nowMs).map(({ peer }) => peer);

Deno.test("[RDV4] a registration is found until its time has passed, and is swept out then", () => {
  const registry = new Registry();
  add(registry, "a", "p", 0);
  assert.deepEqual(peersOf(registry, "a", 99_999), ["p"]);
  assert.deepEqual(peersOf(registry, "a", 100_000), []);
  assert.deepEqual(registry.expire(99_999), []);
  assert.deepEqual(registry.expire(100_000).map(({ ns, peer }) => [ns, peer]), [["a", "p"]]);
  assert.equal(registry.size, 0);
});

Deno.test("[RDV4] TTLs are granted within their bounds only", () => {
  assert.equal(grantTtlS(0), RENDEZVOUS.defaultTtlS);
  assert.equal(grantTtlS(REGISTRATIONS.minTtlS), REGISTRATIONS.minTtlS);
  assert.equal(grantTtlS(RENDEZVOUS.maxTtlS), RENDEZVOUS.maxTtlS);
  assert.equal(grantTtlS(REGISTRATIONS.minTtlS - 1), null);
  assert.equal(grantTtlS(RENDEZVOUS.maxTtlS + 1), null);
});

Deno.test("[RDV5] what a peer registered ends 30 seconds after it left, unless it comes back", () => {
  const registry = new Registry();
  for (const ns of ["a", "b"]) add(registry, ns, "p", 0);
  add(registry, "a", "q", 0);
  registry.linger("p", 10_000);
  assert.deepEqual(peersOf(registry, "a", 39_999), ["p", "q"]);
  add(registry, "b", "p", 20_000);
  assert.deepEqual(peersOf(registry, "a", 40_000), ["q"]);
  assert.deepEqual(peersOf(registry, "b", 40_000), ["p"]);
});

Deno.test("[RDV5] leaving never prolongs a registration", () => {
  const registry = new Registry();
  add(registry, "a", "p", 0, 60);
  registry.linger("p", 50_000);
  assert.deepEqual(peersOf(registry, "a", 60_000), []);
});

Deno.test("[RDV6] only the peer's own registration is taken back", () => {
  const registry = new Registry();
  add(registry, "a", "p", 0);
  assert.equal(registry.unregister("a", "q"), null);
  assert.equal(registry.unregister("b", "p"), null);
  assert.equal(registry.unregister("a", "p")?.peer, "p");
  assert.equal(registry.unregister("a", "p"), null);
  assert.equal(registry.size, 0);
});

Deno.test("[RDV7] discovery goes on after the serial it stopped at, and skips nobody", () => {
  const registry = new Registry();
  const peers = Array.from({ length: 7 }, (_, i) => `p${i}`);
  for (const peer of peers) add(registry, "a", peer, 0);
  const seen: string[] = [];
  let after = 0;
  while (true) {
    const page = registry.discover("a", after, 3, 1);
    if (page.length === 0) break;
    seen.push(...page.map(({ peer }) => peer));
    after = page.at(-1)!.serial;
  }
  assert.deepEqual(seen, peers);
  add(registry, "a", "p3", 1, 100, Uint8Array.of(9));
  assert.deepEqual(peersOf(registry, "a", 1, after), ["p3"]);
});

Deno.test("[RDV7] one response holds no more bytes of records than fit", () => {
  const registry = new Registry();
  const record = new Uint8Array(RENDEZVOUS.maxRecordBytes);
  for (let i = 0; i < 40; i++) add(registry, "a", `p${i}`, 0, 100, record);
  const page = registry.discover("a", 0, 100, 1);
  const sizeBytes = page.length * (record.length + 1);
  assert.ok(page.length > 0 && sizeBytes <= REGISTRATIONS.maxResponseBytes);
});

Deno.test("[RDV7] a cookie opens for its namespace and its run only", () => {
  const key = new Uint8Array(32).fill(1);
  const cookie = sealCookie(key, "a", 77);
  assert.equal(openCookie(key, "a", cookie), 77);
  assert.equal(openCookie(key, "b", cookie), null);
  assert.equal(openCookie(new Uint8Array(32).fill(2), "a", cookie), null);
  assert.equal(openCookie(key, "a", cookie.subarray(1)), null);
  for (let i = 0; i < cookie.length; i++) {
    const forged = cookie.slice();
    forged[i]! ^= 1;
    assert.equal(openCookie(key, "a", forged), null);
  }
});

Deno.test("[RDV8] a namespace and a peer hold only so many", () => {
  const registry = new Registry();
  for (let i = 0; i < REGISTRATIONS.maxPerNamespace; i++) add(registry, "a", `p${i}`, 0);
  assert.equal(add(registry, "a", "one-more", 0).t, "full");
  assert.equal(add(registry, "a", "p0", 1).t, "registered");
  for (let i = 0; i < REGISTRATIONS.maxPerPeer; i++) add(registry, `n${i}`, "p", 0);
  assert.equal(add(registry, "one-more", "p", 0).t, "full");
});

Deno.test("[RDV10] only a new record is news", () => {
  const registry = new Registry();
  const news = (record: Uint8Array, nowMs: number) => {
    const result = add(registry, "a", "p", nowMs, 100, record);
    return result.t === "registered" && result.isNews;
  };
  assert.equal(news(RECORD, 0), true);
  assert.equal(news(RECORD, 1), false);
  assert.equal(news(Uint8Array.of(4), 2), true);
});

Deno.test("[RDV4] [RDV6] the registry agrees with a plain list of what was said", () => {
  const name = fc.constantFrom("a", "b", "c");
  const peer = fc.constantFrom("p", "q", "r");
  const act = fc.oneof(
    fc.record({ t: fc.constant("register" as const), ns: name, peer, ttlS: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ t: fc.constant("unregister" as const), ns: name, peer }),
    fc.record({ t: fc.constant("linger" as const), peer }),
    fc.record({ t: fc.constant("wait" as const), ms: fc.nat(20_000) }),
    fc.record({ t: fc.constant("expire" as const) }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const registry = new Registry();
      const plain = new Map<string, number>();
      let nowMs = 0;
      for (const step of acts) {
        if (step.t === "wait") nowMs += step.ms;
        if (step.t === "expire") registry.expire(nowMs);
        if (step.t === "register") {
          add(registry, step.ns, step.peer, nowMs, step.ttlS);
          plain.set(`${step.ns} ${step.peer}`, nowMs + step.ttlS * 1_000);
        }
        if (step.t === "unregister") {
          registry.unregister(step.ns, step.peer);
          plain.delete(`${step.ns} ${step.peer}`);
        }
        if (step.t === "linger") {
          registry.linger(step.peer, nowMs);
          for (const [key, endsAtMs] of plain) {
            if (key.endsWith(step.peer)) plain.set(key, Math.min(endsAtMs, nowMs + REGISTRATIONS.lingerMs));
          }
        }
      }
      for (const ns of ["a", "b", "c"]) {
        const expected = [...plain].filter(([key, endsAtMs]) => key.startsWith(ns) && endsAtMs > nowMs);
        assert.deepEqual(peersOf(registry, ns, nowMs).sort(), expected.map(([key]) => key.slice(2)).sort());
      }
    }),
    { seed: 13, numRuns: 300 },
  );
});
