import assert from "node:assert/strict";
import { ICE } from "../../../../client/limits.ts";
import { IceServers } from "../../../../client/net/iceServers.ts";

const HOUR_MS = 3_600_000;
const server = (name: string): RTCIceServer => ({ urls: [`turn:${name}:3478`], username: "u", credential: "c" });
const answer = (name: string, expiresAtMs: number) => Response.json({ iceServers: [server(name)], expiresAtMs });

/** Answers in order; the last one stays. */
function setup(...answers: readonly (() => Response)[]) {
  const asked: string[] = [];
  let nowMs = 0;
  const ice = new IceServers("https://example.org/app", {
    nowMs: () => nowMs,
    fetch(url, init) {
      asked.push(`${init?.method} ${url}`);
      try {
        return Promise.resolve(answers[Math.min(asked.length, answers.length) - 1]!());
      } catch (error) {
        return Promise.reject(error);
      }
    },
  });
  return { ice, asked, at: (ms: number) => nowMs = ms };
}

const unreachable = () => {
  throw new TypeError("fetch failed");
};

Deno.test("[NET5] credentials are asked for once, and anew shortly before they end", async () => {
  const { ice, asked, at } = setup(() => answer("one", HOUR_MS), () => answer("two", 2 * HOUR_MS));
  const [first] = await Promise.all([ice.get(), ice.get()]);
  assert.deepEqual(first, [server("one")]);
  assert.deepEqual(asked, ["POST https://example.org/turn"]);
  at(ICE.maxAgeMs - 1);
  assert.deepEqual(await ice.get(), [server("one")]);
  at(HOUR_MS - ICE.marginMs);
  assert.deepEqual(await ice.get(), [server("two")]);
});

Deno.test("an unreachable server leaves the old credentials, and is not asked at each connection", async () => {
  const { ice, asked, at } = setup(() => answer("one", HOUR_MS), unreachable);
  await ice.get();
  at(HOUR_MS);
  assert.deepEqual(await ice.get(), [server("one")]);
  assert.deepEqual(await ice.get(), [server("one")]);
  assert.equal(asked.length, 2);
});

Deno.test("[NET5] without a TURN server there is none, least of all somebody else's, and no longer an old one", async () => {
  const none = () => Response.json({ iceServers: [], expiresAtMs: 0 });
  assert.deepEqual(await setup(none).ice.get(), []);
  const { ice, at } = setup(() => answer("one", HOUR_MS), none);
  await ice.get();
  at(HOUR_MS);
  assert.deepEqual(await ice.get(), []);
});

Deno.test("answers that are none are refused", async () => {
  for (
    const body of [
      "null",
      "[]",
      '{"iceServers":1,"expiresAtMs":1}',
      '{"iceServers":[{"urls":[1]}],"expiresAtMs":9}',
      "<",
    ]
  ) {
    const { ice } = setup(() => new Response(body));
    assert.deepEqual(await ice.get(), []);
  }
});

Deno.test("[NET5] refused credentials are forgotten", async () => {
  const { ice } = setup(() => answer("one", HOUR_MS), () => answer("two", HOUR_MS));
  await ice.get();
  ice.forget();
  assert.deepEqual(await ice.get(), [server("two")]);
});

Deno.test("a clock that is hours ahead does not make every connection ask", async () => {
  const { ice, asked, at } = setup(() => answer("one", HOUR_MS));
  at(10 * HOUR_MS);
  await ice.get();
  await ice.get();
  assert.equal(asked.length, 1);
});
