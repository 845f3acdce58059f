import assert from "node:assert/strict";
import { REGISTRATIONS } from "../../rendezvous/limits.ts";
import { type Client, expectViolation, HandClock, rendezvousTest, until, watch, withServer } from "./support.ts";

const TOPIC = "7f".repeat(32);
const NOTHING: Uint8Array = new Uint8Array(0);

async function find(client: Client, ns: string, cookie = NOTHING, limit = 0) {
  const answer = await client.ask({ t: "discover", ns, limit, cookie });
  assert.ok(answer.t === "discover-response");
  return answer;
}

rendezvousTest("[RDV2] [RDV7] two clients register and find each other; a cookie brings only what is new", async () => {
  await withServer({}, async (world) => {
    const [alice, bob, carol] = [await world.client(), await world.client(), await world.client()];
    const record = await alice.record();
    const registered = await alice.register(TOPIC, record);
    assert.deepEqual(registered, { t: "register-response", status: "OK", statusText: "", ttlS: 120 });
    const first = await find(bob, TOPIC);
    assert.equal(first.status, "OK");
    assert.deepEqual(first.registrations, [{ ns: TOPIC, signedPeerRecord: record, ttlS: 120 }]);
    await carol.register(TOPIC);
    assert.equal((await find(bob, TOPIC)).registrations.length, 2);
    const news = await find(bob, TOPIC, first.cookie);
    assert.equal(news.registrations.length, 1);
    assert.equal((await find(bob, TOPIC, news.cookie)).registrations.length, 0);
    assert.equal((await find(bob, TOPIC, NOTHING, 1)).registrations.length, 1);
    assert.equal((await find(bob, "another")).registrations.length, 0);
    assert.equal((await find(bob, "another", first.cookie)).status, "E_INVALID_COOKIE");
    assert.equal(world.server.counters.get("rendezvous.bad-cookie"), 1);
  });
});

rendezvousTest("[RDV3] nobody registers under, or lists, no namespace", async () => {
  await withServer({}, async (world) => {
    const client = await world.client();
    assert.equal((await find(client, "")).status, "E_INVALID_NAMESPACE");
    const answer = await client.register("");
    assert.ok(answer.t === "register-response" && answer.status === "E_INVALID_NAMESPACE");
    assert.equal(world.server.counters.get("rendezvous.bad-namespace"), 2);
  });
});

rendezvousTest("[RDV4] a TTL out of bounds is refused, and none means two hours", async () => {
  await withServer({}, async (world) => {
    const client = await world.client();
    const signedPeerRecord = await client.record();
    const ask = async (ttlS: number) => {
      const answer = await client.ask({ t: "register", register: { ns: TOPIC, signedPeerRecord, ttlS } });
      return answer.t === "register-response" ? `${answer.status} ${answer.ttlS}` : answer.t;
    };
    assert.equal(await ask(0), "OK 7200");
    assert.equal(await ask(1), "E_INVALID_TTL 0");
    assert.equal(await ask(72 * 3_600 + 1), "E_INVALID_TTL 0");
  });
});

rendezvousTest("[RDV5] a registration outlives its connection by 30 seconds", async () => {
  const clock = new HandClock();
  await withServer({ clock }, async (world) => {
    const [alice, bob] = [await world.client(), await world.client()];
    await alice.register(TOPIC);
    const presence = await watch(bob);
    await presence.set([TOPIC]);
    assert.equal((await presence.next()).t, "present");
    await alice.node.stop();
    const leftS = async () => (await find(bob, TOPIC)).registrations[0]?.ttlS ?? 0;
    let shortened = 120;
    while (shortened > 30) shortened = await leftS();
    assert.equal(shortened, REGISTRATIONS.lingerMs / 1_000);
    clock.advance(REGISTRATIONS.lingerMs - 1);
    assert.equal(await leftS(), 1);
    clock.advance(REGISTRATIONS.sweepIntervalMs);
    assert.equal(await leftS(), 0);
    const absent = await presence.next();
    assert.deepEqual(absent, { t: "absent", namespace: TOPIC, peerId: alice.node.peerId.toString() });
  });
});

rendezvousTest("[RDV2] a forged record is refused, counted, and ends the connection", async () => {
  await withServer({}, async (world) => {
    const client = await world.client();
    const record = await client.record();
    record[record.length - 1]! ^= 1;
    const answer = await client.register(TOPIC, record);
    assert.ok(answer.t === "register-response" && answer.status === "E_INVALID_SIGNED_PEER_RECORD");
    await expectViolation(world, client, "rendezvous.forged-record");
    assert.equal((await find(await world.client(), TOPIC)).registrations.length, 0);
  });
});

rendezvousTest("[RDV2] nobody registers with another peer's record", async () => {
  await withServer({}, async (world) => {
    const [alice, mallory] = [await world.client(), await world.client()];
    const answer = await mallory.register(TOPIC, await alice.record());
    assert.ok(answer.t === "register-response" && answer.status === "E_INVALID_SIGNED_PEER_RECORD");
    await expectViolation(world, mallory, "rendezvous.foreign-record");
    assert.equal((await find(alice, TOPIC)).registrations.length, 0);
  });
});

rendezvousTest("[RDV9] [RDV10] presence is pushed as it happens, and only under watched namespaces", async () => {
  await withServer({}, async (world) => {
    const [alice, bob] = [await world.client(), await world.client()];
    const presence = await watch(bob);
    await presence.set([TOPIC, "other"]);
    await until(() => world.server.counters.get("presence.watching") === 1, "the list arrived");
    const record = await alice.record();
    await alice.register("unwatched", record);
    await bob.register(TOPIC);
    await alice.register(TOPIC, record);
    const present = await presence.next();
    assert.deepEqual(present, { t: "present", namespace: TOPIC, signedPeerRecord: record, ttlS: 120 });
    await alice.register("other", record);
    const other = await presence.next();
    assert.equal(other.namespace, "other");
  });
});

rendezvousTest("[RDV6] unregistering ends it at once and tells the watchers", async () => {
  await withServer({}, async (world) => {
    const [alice, bob] = [await world.client(), await world.client()];
    await alice.register(TOPIC);
    const presence = await watch(bob);
    await presence.set([TOPIC]);
    assert.equal((await presence.next()).t, "present");
    // Unregistering is not answered, so a question behind it on the same stream shows that it was done.
    await alice.ask({ t: "discover", ns: TOPIC, limit: 0, cookie: NOTHING });
    void alice.ask({ t: "unregister", ns: TOPIC }).catch(() => {});
    assert.equal((await presence.next()).t, "absent");
    assert.equal((await find(bob, TOPIC)).registrations.length, 0);
  });
});
