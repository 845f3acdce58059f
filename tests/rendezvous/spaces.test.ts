import assert from "node:assert/strict";
import type { Stream } from "@libp2p/interface";
import { lpStream } from "@libp2p/utils";
import { type EntryContext, signEntry } from "../../core/crypto/spaceEntry.ts";
import { MAILBOX } from "../../core/limits.ts";
import { depositorEntry, ownerEntry } from "../../core/mailbox/space.ts";
import { spaceAnswerCodec } from "../../core/wire/spaceAnswer.ts";
import { MAILBOX_PROTOCOL, PREKEYS_PROTOCOL } from "../../core/wire/spaceEntry.ts";
import { mailboxDepositorCodec, mailboxOwnerCodec } from "../../core/wire/spaceRequest.ts";
import type { CounterName } from "../../rendezvous/counters.ts";
import { SPACES } from "../../rendezvous/limits.ts";
import { MemorySpaceStore } from "../../rendezvous/store/memory.ts";
import { WebSocket } from "../../rendezvous/ws/socket.ts";
import { endsOf, knock, type Line, SpaceClient } from "./mailClient.ts";
import {
  deposit,
  enterDepositor,
  enterOwner,
  enterUploader,
  expectDone,
  expectRefused,
  fetchPage,
  hears,
  inMemory,
  keptBy,
  newAddress,
  newKeys,
  sealed,
  type Stage,
  withMail,
} from "./mailStage.ts";
import { expectViolation, HandClock, rendezvousTest, until, withServer } from "./support.ts";

rendezvousTest("[MBX7] an owner enters, makes its space, and finds it made the next time", async () => {
  await withMail({}, async (stage) => {
    const keys = newKeys();
    const first = await enterOwner(await stage.line(), keys);
    assert.equal(first.exists, false);
    expectRefused(await first.ask({ t: "fetch", after: 0, limit: 10 }), "unknown-space");
    expectDone(await first.ask({ t: "open", joinCode: null }));
    expectDone(await first.ask({ t: "open", joinCode: null }));
    assert.equal((await enterOwner(await stage.line(), keys)).exists, true);
    assert.equal((await enterUploader(await stage.line(), keys)).exists, true);
    assert.equal(stage.server.counters.get("spaces.made"), 1);
  });
});

/** What is signed, and in which place of an entry it is wrong. */
const FORGERIES: readonly (readonly [string, (context: EntryContext) => Uint8Array])[] = [
  ["signed for another stream", (context) => ownerEntry(newKeys(), { ...context, challenge: new Uint8Array(32) })],
  ["signed for another protocol", (context) => ownerEntry(newKeys(), { ...context, protocol: PREKEYS_PROTOCOL })],
  ["signed for another server", (context) => ownerEntry(newKeys(), { ...context, serverPeer: context.clientPeer })],
  ["signed for another client", (context) => ownerEntry(newKeys(), { ...context, clientPeer: context.serverPeer })],
  ["of another space's owner", (context) => signEntry(newKeys().owner, "owner", newKeys().id, context)],
  ["with a bent signature", (context) => {
    const entry = ownerEntry(newKeys(), context);
    entry[entry.indexOf(0x58, 60) + 9]! ^= 1;
    return entry;
  }],
  ["that is no CBOR", () => Uint8Array.of(0xff)],
  ["that is empty", () => new Uint8Array(0)],
  ["for a depositor, signed by another key", (context) => {
    const keys = newKeys();
    return depositorEntry({ ...newAddress(keys), space: newKeys().id }, { ...context, challenge: new Uint8Array(32) });
  }],
];

const enterWith = (line: Line, stream: Stream, sign: (context: EntryContext) => Uint8Array) =>
  SpaceClient.enter(stream, endsOf(line.connection, line.peer), mailboxOwnerCodec, sign);

rendezvousTest(
  "[MBX8] an entry that is wrong in one place ends its stream, is counted, and harms no other",
  async () => {
    await withMail({}, async (stage) => {
      const line = await stage.line();
      const honest = await enterOwner(line, newKeys());
      for (const [at, [what, sign]] of FORGERIES.entries()) {
        const client = await enterWith(line, await line.connection.newStream(MAILBOX_PROTOCOL), sign);
        assert.equal(client.exists, null, what);
        await until(() => stage.server.counters.get("spaces.bad-entry") === at + 1, `the entry ${what} was counted`);
      }
      assert.equal(line.connection.status, "open");
      expectDone(await honest.ask({ t: "open", joinCode: null }));
    });
  },
);

rendezvousTest("[MBX8] the bytes of a good entry are good on its own stream only", async () => {
  await withMail({}, async (stage) => {
    const keys = newKeys();
    const [line, other] = [await stage.line(), await stage.line()];
    let bytes: Uint8Array | null = null;
    const good = await enterWith(line, await line.connection.newStream(MAILBOX_PROTOCOL), (context) => {
      bytes = ownerEntry(keys, context);
      return bytes;
    });
    assert.equal(good.exists, false);
    for (const replayedOn of [line, other]) {
      const stream = await replayedOn.connection.newStream(MAILBOX_PROTOCOL);
      assert.equal((await enterWith(replayedOn, stream, () => bytes!)).exists, null);
    }
    assert.equal(stage.server.counters.get("spaces.bad-entry"), 2);
  });
});

rendezvousTest("[MBX13] more entries than a connection may try close it", async () => {
  await withMail({}, async (stage) => {
    const client = await stage.client();
    const line = { connection: client.server, peer: client.node.peerId };
    const attempt = async () => {
      const stream = await line.connection.newStream(MAILBOX_PROTOCOL);
      await enterWith(line, stream, () => Uint8Array.of(0));
    };
    for (let tried = 0; tried <= SPACES.entryBurst + 2; tried++) await attempt().catch(() => {});
    await expectViolation(stage, client, "spaces.entry-flood");
  });
});

rendezvousTest("[MBX13] a connection has so many streams to spaces, and no more", async () => {
  await withMail({}, async (stage) => {
    const line = await stage.line();
    const keys = newKeys();
    for (let count = 0; count < SPACES.maxStreamsPerConnection; count++) await enterOwner(line, keys);
    await assert.rejects(enterOwner(line, keys));
  });
});

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

rendezvousTest("[MBX13] from one address prefix so many streams enter, whatever they have to say", async () => {
  await withMail({ domain: "chat.example", clock: new HandClock() }, async (stage) => {
    const knockOften = async (times: number) => {
      const line = await stage.line();
      for (let knocks = 0; knocks < times; knocks++) {
        const stream = await line.connection.newStream(MAILBOX_PROTOCOL);
        await knock(stream, endsOf(line.connection, line.peer)).finally(() => stream.abort(new Error("enough")));
      }
    };
    const lines = SPACES.prefixEntryBurst / SPACES.entryBurst;
    for (let line = 0; line < lines; line++) await from("192.0.2.7", () => knockOften(SPACES.entryBurst));
    await assert.rejects(from("192.0.2.7", () => knockOften(SPACES.entryBurst)));
    assert.ok(stage.server.counters.get("spaces.prefix-flood") > 0);
    await from("192.0.2.8", () => knockOften(2));
  });
});

/** Lets time pass in steps between which clients can answer pings. */
async function pass(clock: HandClock, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 20_000) {
    clock.advance(20_000);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
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
  "[MBX14] an operator's join code is asked of whoever makes a space, and of nobody who has one",
  async () => {
    await withMail({ mail: { ...inMemory(), joinCode: "open sesame" } }, async (stage) => {
      const keys = newKeys();
      const owner = await enterOwner(await stage.line(), keys);
      expectRefused(await owner.ask({ t: "open", joinCode: null }), "join-code");
      expectRefused(await owner.ask({ t: "open", joinCode: "open says me" }), "join-code");
      expectDone(await owner.ask({ t: "open", joinCode: "open sesame" }));
      expectDone(await owner.ask({ t: "open", joinCode: null }));
      assert.equal(stage.server.counters.get("spaces.wrong-code"), 1);
      const node = await (await fetch(`${stage.server.url}node.json`)).json();
      assert.deepEqual([node.mail, node.joinCode], [true, true]);
    });
  },
);

rendezvousTest(
  "[MBX14] after too many wrong join codes the right one is no better, until time has passed",
  async () => {
    const clock = new HandClock();
    await withMail({ clock, mail: { ...inMemory(), joinCode: "right" } }, async (stage) => {
      const owner = await enterOwner(await stage.line(), newKeys());
      for (let tried = 0; tried < SPACES.wrongCodeBurst; tried++) {
        expectRefused(await owner.ask({ t: "open", joinCode: "wrong" }), "join-code");
      }
      const retryAfterS = expectRefused(await owner.ask({ t: "open", joinCode: "right" }), "too-many");
      assert.ok(retryAfterS >= 60);
      await pass(clock, 1_000 * retryAfterS);
      expectDone(await owner.ask({ t: "open", joinCode: "right" }));
    });
  },
);

/** Runs `play` with clients that a proxy says come from `address`. */
async function from(address: string, play: () => Promise<void>): Promise<void> {
  class Forwarded extends WebSocket {
    constructor(url: string) {
      super(url, { headers: { "x-forwarded-for": address } });
    }
  }
  Object.assign(globalThis, { WebSocket: Forwarded });
  await play().finally(() => Object.assign(globalThis, { WebSocket }));
}

rendezvousTest(
  "[MBX14] [RDV17] from one address prefix so many spaces are made, and libp2p sees no address",
  async () => {
    await withMail({ domain: "chat.example" }, async (stage) => {
      const make = async () => {
        const line = await stage.line();
        assert.match(line.connection.remoteAddr.toString(), /127\.0\.0\.1/);
        const answers: unknown[] = [];
        for (let made = 0; made < 3; made++) {
          const owner = await enterOwner(line, newKeys());
          const answer = await owner.ask({ t: "open", joinCode: null });
          answers.push(answer?.t === "refused" ? answer.reason : answer?.t);
          await owner.close();
        }
        return answers;
      };
      for (let times = 0; times < SPACES.makingBurst; times += 3) {
        await from("2001:db8:0:1100::1", async () => void await make());
      }
      await from(
        "2001:db8:0:11ff::2",
        async () => assert.deepEqual(await make(), ["too-many", "too-many", "too-many"]),
      );
      await from("2001:db8:0:1200::1", async () => assert.deepEqual(await make(), ["done", "done", "done"]));
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
