import assert from "node:assert/strict";
import { lpStream } from "@libp2p/utils";
import { MAILBOX } from "../../core/limits.ts";
import { spaceAnswerCodec } from "../../core/wire/spaceAnswer.ts";
import { MAILBOX_PROTOCOL, PREKEYS_PROTOCOL } from "../../core/wire/spaceEntry.ts";
import { mailboxDepositorCodec, mailboxOwnerCodec } from "../../core/wire/spaceRequest.ts";
import type { CounterName } from "../../rendezvous/counters.ts";
import { SPACES } from "../../rendezvous/limits.ts";
import { MemorySpaceStore } from "../../rendezvous/store/memory.ts";
import { endsOf, knock } from "./mailClient.ts";
import {
  deposit,
  enterDepositor,
  enterOwner,
  expectDone,
  expectRefused,
  fetchPage,
  hears,
  keptBy,
  newAddress,
  newKeys,
  pass,
  sealed,
  type Stage,
  withMail,
} from "./mailStage.ts";
import { HandClock, rendezvousTest, until, withServer } from "./support.ts";

const request = (number: number): Uint8Array =>
  mailboxOwnerCodec.encode({ number, request: { t: "fetch", after: 0, limit: 1 } });

function withLength(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  return Uint8Array.of((length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14, ...bytes);
}

/** What is sent on a stream that was entered, and what must be counted. */
const CASES: readonly (readonly [what: string, Uint8Array, CounterName, "close"?])[] = [
  ["a number twice", Uint8Array.of(...withLength(request(2)), ...withLength(request(2))), "spaces.out-of-order"],
  [
    "a number that goes back",
    Uint8Array.of(...withLength(request(2)), ...withLength(request(1))),
    "spaces.out-of-order",
  ],
  ["bytes that are no CBOR", withLength(Uint8Array.of(0xff, 0xff)), "spaces.malformed"],
  [
    "a depositor's request on an owner's stream",
    withLength(mailboxDepositorCodec.encode({ number: 1, request: { t: "deposit", envelopes: [sealed()] } })),
    "spaces.malformed",
  ],
  ["an empty frame", Uint8Array.of(0), "spaces.malformed"],
  ["an endless length", new Uint8Array(9).fill(0xff), "spaces.malformed"],
  ["a frame that is too large", Uint8Array.of(0xff, 0xff, 0x7f), "spaces.too-large"],
  ["half a frame", Uint8Array.of(100, 1, 2), "spaces.malformed", "close"],
];

for (const [what, bytes, counter, end] of CASES) {
  rendezvousTest(`[MBX13] ${what} cuts the stream, is counted, and leaves the connection`, async () => {
    await withMail({}, async (stage) => {
      const { owner, line } = await stage.space();
      owner.stream.send(bytes);
      if (end === "close") await owner.close();
      await until(() => stage.server.counters.get(counter) > 0, `${counter} was counted`);
      await until(() => owner.isOver, "the stream was cut");
      assert.equal(line.connection.status, "open");
      assert.equal((await enterOwner(line, newKeys())).exists, false);
    });
  });
}

rendezvousTest("[MBX13] who does not enter in time, or does not finish a frame, is cut off", async () => {
  const clock = new HandClock();
  await withMail({ clock }, async (stage) => {
    const line = await stage.line();
    const { owner } = await stage.space();
    const stream = await line.connection.newStream(MAILBOX_PROTOCOL);
    await knock(stream, endsOf(line.connection, line.peer));
    stream.send(Uint8Array.of(200));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await pass(clock, SPACES.entryTimeoutMs);
    await until(() => stage.server.counters.get("spaces.slow-entry") === 1, "the entry was too slow");
    owner.stream.send(Uint8Array.of(200, 1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    clock.advance(SPACES.checkIntervalMs);
    assert.equal(stage.server.counters.get("spaces.slow-frame"), 0);
    await pass(clock, SPACES.frameTimeoutMs);
    await until(() => stage.server.counters.get("spaces.slow-frame") === 1, "the frame was too slow");
    await until(() => owner.isOver, "its stream was cut");
  });
});

rendezvousTest(
  "[MBX13] a depositor's stream that is quiet is closed, an owner's that waits for mail is not",
  async () => {
    const clock = new HandClock();
    await withMail({ clock }, async (stage) => {
      const { owner, address } = await stage.space();
      const depositor = await enterDepositor(await stage.line(), address);
      await deposit(depositor);
      await pass(clock, SPACES.idleMs + 20_000);
      await until(() => depositor.isOver, "the quiet stream was closed");
      assert.equal(stage.server.counters.get("spaces.idle"), 1);
      assert.equal((await fetchPage(owner)).waiting.length, 1);
    });
  },
);

rendezvousTest(
  "[MBX3] a depositor that is unknown, revoked or has ended hears the same, in mid-stream as well",
  async () => {
    const clock = new HandClock();
    await withMail({ clock }, async (stage) => {
      const { keys, owner, address, grant } = await stage.space();
      const ending = await grant({ expiresAtMs: clock.nowMs() + 1_000 });
      const [revoked, ended] = [
        await enterDepositor(await stage.line(), address),
        await enterDepositor(await stage.line(), ending),
      ];
      const stranger = await enterDepositor(await stage.line(), newAddress(keys));
      assert.equal(stranger.exists, true, "an entry tells a stranger nothing");
      await deposit(revoked);
      await deposit(ended);
      const [depositor] = (await fetchPage(owner)).waiting;
      expectDone(await owner.ask({ t: "revoke", depositors: [depositor!.depositor] }));
      clock.advance(1_000);
      for (const client of [stranger, revoked, ended]) {
        const answer = await client.ask({ t: "deposit", envelopes: [sealed()] });
        assert.equal(expectRefused(answer, "unknown-depositor"), 0);
      }
      assert.equal((await fetchPage(owner)).waiting.length, 2, "what they left before stays");
    });
  },
);

rendezvousTest("[MBX3] a deposit beyond the quota is refused as a whole, with a time to come back", async () => {
  await withMail({}, async (stage) => {
    const { owner, address } = await stage.space({ maxWaiting: 3 });
    const depositor = await enterDepositor(await stage.line(), address);
    const [first] = await deposit(depositor, 2);
    const answer = await depositor.ask({ t: "deposit", envelopes: [sealed(), sealed()] });
    assert.ok(expectRefused(answer, "quota") > 0);
    assert.equal((await fetchPage(owner)).waiting.length, 2);
    expectDone(await depositor.ask({ t: "deposit", envelopes: [sealed()] }));
    assert.ok(first);
  });
});

rendezvousTest(
  "[MBX17] a space that is closed is gone with everything in it, and streams of its owner end",
  async () => {
    await withMail({}, async (stage) => {
      const { keys, owner, address } = await stage.space();
      const other = await enterOwner(await stage.line(), keys);
      const depositor = await enterDepositor(await stage.line(), address);
      await deposit(depositor);
      expectDone(await owner.ask({ t: "close" }));
      await until(() => owner.isOver && other.isOver, "both streams of the owner ended");
      expectRefused(await depositor.ask({ t: "deposit", envelopes: [sealed()] }), "unknown-space");
      const later = await enterOwner(await stage.line(), keys);
      assert.equal(later.exists, false);
      expectDone(await later.ask({ t: "open", joinCode: null }));
      assert.deepEqual((await fetchPage(later)).waiting, []);
    });
  },
);

rendezvousTest("[MBX12] a store that is busy or fails is answered with a time to come back", async () => {
  const store = new MemorySpaceStore(Date.now());
  let reason: "busy" | "failed" | null = null;
  const deposits = store.deposit.bind(store);
  store.deposit = (...args) => reason === null ? deposits(...args) : Promise.resolve({ t: "refused", reason } as const);
  await withMail({ mail: keptBy(store) }, async (stage) => {
    const { address } = await stage.space();
    const depositor = await enterDepositor(await stage.line(), address);
    for (reason of ["busy", "failed"] as const) {
      const answer = await depositor.ask({ t: "deposit", envelopes: [sealed()] });
      assert.ok(expectRefused(answer, "busy") > 0);
    }
    assert.equal(stage.server.counters.get("spaces.failed"), 1);
    reason = null;
    await deposit(depositor);
  });
});

rendezvousTest("[MBX12] more requests than a connection may make are refused, and the stream goes on", async () => {
  await withMail({}, async (stage) => {
    const { owner } = await stage.space();
    const asked = Array.from({ length: SPACES.requestBurst + 100 }, () => owner.ask({ t: "revoke", depositors: [] }));
    const answers = await Promise.all(asked);
    const refusals = answers.filter((answer) => answer?.t === "refused" && answer.reason === "too-many");
    assert.ok(refusals.length > 50 && refusals.length <= 100, `${refusals.length} were refused`);
    assert.equal(answers.filter((answer) => answer?.t === "done").length, answers.length - refusals.length);
  });
});

/** Holds back what is deposited until it is told to go on. */
function slowStore(): { readonly store: MemorySpaceStore; readonly begun: () => number; goOn(): void } {
  const store = new MemorySpaceStore(Date.now());
  const gate = Promise.withResolvers<void>();
  const deposits = store.deposit.bind(store);
  let begun = 0;
  store.deposit = async (...args) => {
    begun++;
    await gate.promise;
    return await deposits(...args);
  };
  return { store, begun: () => begun, goOn: () => gate.resolve() };
}

rendezvousTest("[MBX17] a server that stops says when to come back, and finishes what it has begun", async () => {
  const { store, begun, goOn } = slowStore();
  await withMail({ mail: keptBy(store) }, async (stage) => {
    const { owner, address, line } = await stage.space();
    const depositor = await enterDepositor(await stage.line(), address);
    const answer = depositor.ask({ t: "deposit", envelopes: [sealed()] });
    await until(() => begun() === 1, "the deposit has begun");
    const stopped = stage.server.stop();
    const { retryAfterS } = await hears(owner, "closing");
    assert.ok(retryAfterS >= 1 && retryAfterS <= SPACES.maxReturnS);
    const late = depositor.ask({ t: "deposit", envelopes: [sealed()] });
    assert.ok(expectRefused(await late, "busy") > 0);
    const another = lpStream(await line.connection.newStream(MAILBOX_PROTOCOL));
    const said = spaceAnswerCodec.decode((await another.read()).slice());
    assert.ok(said.ok && said.value.t === "closing", "in place of the challenge");
    goOn();
    expectDone(await answer);
    await stopped;
    const { envelopes } = await store.usage();
    assert.equal(envelopes, 1);
  });
});

rendezvousTest("[MBX13] a client that half closes its stream still hears its answers", async () => {
  const { store, goOn } = slowStore();
  await withMail({ mail: keptBy(store) }, async (stage) => {
    const { address } = await stage.space();
    const depositor = await enterDepositor(await stage.line(), address);
    const answers = [sealed(), sealed()].map((mail) => depositor.ask({ t: "deposit", envelopes: [mail] }));
    await depositor.close();
    goOn();
    for (const answer of answers) expectDone(await answer);
    await until(() => depositor.isOver, "the server closed its side as well");
  });
});

rendezvousTest("a rendezvous without mail serves neither protocol, and says so", async () => {
  await withServer({}, async ({ server, client }) => {
    const { server: connection } = await client();
    for (const protocol of [MAILBOX_PROTOCOL, PREKEYS_PROTOCOL]) await assert.rejects(connection.newStream(protocol));
    assert.equal((await (await fetch(`${server.url}node.json`)).json()).mail, false);
  });
});

rendezvousTest(
  "[MBX13] frames that are sent ahead are read as there is room for their requests, and all are answered",
  async () => {
    const { store, begun, goOn } = slowStore();
    await withMail({ mail: keptBy(store) }, async (stage: Stage) => {
      const { address } = await stage.space();
      const depositor = await enterDepositor(await stage.line(), address);
      const count = 60;
      const answers = Array.from({ length: count }, () => depositor.ask({ t: "deposit", envelopes: [sealed()] }));
      await until(() => begun() === SPACES.maxInFlight, "as many are under way as may be");
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(begun(), SPACES.maxInFlight);
      const { heldBytes } = stage.server.mail!.sizes();
      assert.ok(heldBytes <= SPACES.maxInFlightBytes + 2 * MAILBOX.maxRequestBytes, `${heldBytes} bytes are held`);
      goOn();
      for (const answer of answers) expectDone(await answer);
      assert.equal(begun(), count);
      await until(() => stage.server.mail!.sizes().heldBytes === 0, "nothing is held any more");
    });
  },
);
