import assert from "node:assert/strict";
import fc from "fast-check";
import { envelopeIdOf } from "../../core/crypto/spaceEntry.ts";
import { MAILBOX } from "../../core/limits.ts";
import { SEALED_LENGTHS } from "../../core/wire/sealedMail.ts";
import type { WaitingMail } from "../../core/wire/spaceAnswer.ts";
import { DELIVERY } from "../../rendezvous/limits.ts";
import { MemorySpaceStore } from "../../rendezvous/store/memory.ts";
import { openSpaceStore } from "../../rendezvous/store/open.ts";
import type { OwnerClient } from "./mailClient.ts";
import {
  deposit,
  enterDepositor,
  enterOwner,
  expectDone,
  expectRefused,
  fetchPage,
  hears,
  keptBy,
  sealed,
  type Stage,
  withMail,
} from "./mailStage.ts";
import { HandClock, rendezvousTest, until } from "./support.ts";

const MIB = 2 ** 20;
const hexOf = (bytes: Uint8Array): string => bytes.toHex();
const envelopesOf = (mail: readonly WaitingMail[]): string[] => mail.map(({ envelope }) => hexOf(envelope));

rendezvousTest(
  "[MBX9] mail is fetched in the order in which it was left, page by page, until it is acknowledged",
  async () => {
    await withMail({}, async (stage) => {
      const { owner, address } = await stage.space();
      const depositor = await enterDepositor(await stage.line(), address);
      const left = [...await deposit(depositor, 5), ...await deposit(depositor, 2)];
      const first = await fetchPage(owner, 0, 4);
      assert.equal(first.more, true);
      const last = await fetchPage(owner, first.waiting.at(-1)!.serial, 4);
      assert.equal(last.more, false);
      assert.deepEqual(envelopesOf([...first.waiting, ...last.waiting]), left.map(hexOf));
      expectDone(await owner.ask({ t: "ack", envelopes: left.slice(0, 5).map(envelopeIdOf) }));
      assert.deepEqual(envelopesOf((await fetchPage(owner)).waiting), left.slice(5).map(hexOf));
    });
  },
);

rendezvousTest("[MBX9] a deposit is acknowledged, and sent on, when it is kept and not before", async () => {
  const store = new MemorySpaceStore(Date.now());
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const keep = store.deposit.bind(store);
  store.deposit = async (...args) => {
    begun.resolve();
    await gate.promise;
    return await keep(...args);
  };
  await withMail({ mail: keptBy(store) }, async (stage) => {
    const { owner, address } = await stage.space();
    await fetchPage(owner);
    const depositor = await enterDepositor(await stage.line(), address);
    let isAnswered = false;
    const deposited = deposit(depositor).then(() => isAnswered = true);
    await begun.promise;
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(!isAnswered);
    assert.deepEqual(owner.unasked.filter(({ t }) => t === "arrived"), []);
    gate.resolve();
    await deposited;
    assert.equal((await hears(owner, "arrived")).waiting.length, 1);
  });
});

rendezvousTest("[MBX9] a copy of what waits is answered as kept, and is neither kept nor sent twice", async () => {
  await withMail({}, async (stage) => {
    const { owner, address } = await stage.space();
    await fetchPage(owner);
    const depositor = await enterDepositor(await stage.line(), address);
    const [mail] = await deposit(depositor);
    expectDone(await depositor.ask({ t: "deposit", envelopes: [mail!] }));
    const [other] = await deposit(depositor);
    const heard: WaitingMail[] = [];
    while (heard.length < 2) heard.push(...(await hears(owner, "arrived")).waiting);
    assert.deepEqual(envelopesOf(heard), [hexOf(mail!), hexOf(other!)]);
  });
});

rendezvousTest("[MBX5] only mail of the padded lengths is taken, and a full frame of it is", async () => {
  await withMail({}, async (stage) => {
    const { owner, address } = await stage.space();
    const depositor = await enterDepositor(await stage.line(), address);
    const wrong = [sealed(SEALED_LENGTHS[0]! + 1), sealed().fill(9, 0, 1)];
    for (const mail of wrong) {
      const answer = await depositor.ask({ t: "deposit", envelopes: [sealed(), mail] });
      assert.equal(expectRefused(answer, "malformed"), 0);
    }
    expectRefused(await depositor.ask({ t: "deposit", envelopes: [] }), "malformed");
    await deposit(depositor, MAILBOX.maxDeposited);
    const large = Array.from({ length: 16 }, () => sealed(SEALED_LENGTHS[1]!));
    expectDone(await depositor.ask({ t: "deposit", envelopes: large }));
    const first = await fetchPage(owner);
    assert.ok(first.more);
    const second = await fetchPage(owner, first.waiting.at(-1)!.serial);
    assert.equal(first.waiting.length + second.waiting.length, MAILBOX.maxDeposited + 16);
    const tooMany = Array.from({ length: MAILBOX.maxDeposited + 1 }, () => sealed());
    assert.equal(await depositor.ask({ t: "deposit", envelopes: tooMany }), null);
    await until(() => stage.server.counters.get("spaces.malformed") === 1, "the frame with too many was counted");
  });
});

rendezvousTest("[MBX15] mail is pushed after the last page, and not before it", async () => {
  await withMail({}, async (stage) => {
    const { owner, address } = await stage.space();
    const depositor = await enterDepositor(await stage.line(), address);
    const left = await deposit(depositor, 3);
    const page = await fetchPage(owner, 0, 2);
    await deposit(depositor, 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.deepEqual(owner.unasked.filter(({ t }) => t === "arrived"), []);
    const rest = await fetchPage(owner, page.waiting.at(-1)!.serial, 10);
    assert.equal(rest.waiting.length, 2);
    const [pushed] = await deposit(depositor, 1);
    const { waiting, more } = await hears(owner, "arrived");
    assert.equal(more, false);
    assert.deepEqual(envelopesOf(waiting), [hexOf(pushed!)]);
    assert.ok(left.length === 3);
  });
});

rendezvousTest("[MBX15] deposits that come at once go out in few frames", async () => {
  await withMail({}, async (stage) => {
    const { owner, address } = await stage.space();
    await fetchPage(owner);
    const depositor = await enterDepositor(await stage.line(), address);
    const answers = Array.from({ length: 16 }, () => depositor.ask({ t: "deposit", envelopes: [sealed()] }));
    for (const answer of answers) expectDone(await answer);
    let frames = 0;
    for (let heard = 0; heard < 16; frames++) heard += (await hears(owner, "arrived")).waiting.length;
    assert.ok(frames <= 8, `${frames} frames`);
  });
});

rendezvousTest(
  "[MBX15] two streams of an owner both get its mail; of more than a few the oldest is closed",
  async () => {
    await withMail({}, async (stage) => {
      const { keys, owner, address } = await stage.space();
      const others = [await enterOwner(await stage.line(), keys)];
      for (const one of [owner, ...others]) await fetchPage(one);
      const depositor = await enterDepositor(await stage.line(), address);
      const [mail] = await deposit(depositor);
      assert.deepEqual(envelopesOf((await hears(owner, "arrived")).waiting), [hexOf(mail!)]);
      while (others.length < DELIVERY.maxOwners) others.push(await enterOwner(await stage.line(), keys));
      await until(() => owner.isOver, "the oldest was closed");
      assert.equal(stage.server.counters.get("mailbox.displaced"), 1);
      assert.ok(others.every(({ isOver }) => !isOver));
      await enterOwner(await stage.line(), keys);
      await until(() => others[0]!.isOver, "the next oldest was closed");
      assert.equal(stage.server.counters.get("mailbox.displaced"), 2);
    });
  },
);

/** Fetches until there is no more, then listens, and fetches again when told to; calls `see` with all mail in order. */
async function receive(owner: OwnerClient, count: number, see: (mail: WaitingMail) => void): Promise<void> {
  let after = 0;
  let seen = 0;
  const take = (waiting: readonly WaitingMail[]) => {
    for (const mail of waiting) {
      see(mail);
      after = mail.serial;
      seen++;
    }
  };
  const catchUp = async () => {
    for (let more = true; more;) {
      const page = await fetchPage(owner, after, 7);
      take(page.waiting);
      more = page.more;
    }
  };
  await catchUp();
  while (seen < count) {
    const heard = await owner.hear();
    assert.ok(heard !== null, "the stream ended early");
    if (heard.t !== "arrived") continue;
    take(heard.waiting);
    if (heard.more) await catchUp();
  }
}

async function race(stage: Stage, plan: { readonly bursts: readonly number[]; readonly startAfterMs: number }) {
  const { owner, grant } = await stage.space();
  const total = plan.bursts.reduce((sum, count) => sum + count, 0);
  const line = await stage.line();
  const depositors = [await enterDepositor(line, await grant()), await enterDepositor(line, await grant())];
  const kept: string[][] = [[], []];
  const writing = Promise.all(depositors.map(async (depositor, who) => {
    for (const [at, count] of plan.bursts.entries()) {
      if (at % 2 !== who) continue;
      const envelopes = Array.from({ length: count }, () => sealed());
      kept[who]!.push(...envelopes.map(hexOf));
      expectDone(await depositor.ask({ t: "deposit", envelopes }));
    }
  }));
  await new Promise((resolve) => setTimeout(resolve, plan.startAfterMs));
  const serials: number[] = [];
  const seen: WaitingMail[] = [];
  await receive(owner, total, (mail) => {
    serials.push(mail.serial);
    seen.push(mail);
  });
  await writing;
  assert.deepEqual(serials, serials.toSorted((a, b) => a - b));
  assert.equal(new Set(serials).size, total);
  for (const [who, envelopes] of kept.entries()) {
    const its = seen.map(({ envelope }) => hexOf(envelope)).filter((hex) => envelopes.includes(hex));
    assert.deepEqual(its, envelopes, `what depositor ${who} left, in its order`);
  }
}

const plans = fc.record({
  bursts: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 24 }),
  startAfterMs: fc.integer({ min: 0, max: 8 }),
});

rendezvousTest("[MBX15] between pages and live delivery nothing is lost, doubled or out of order", async () => {
  const folder = await Deno.makeTempDir();
  const mail = { folder, joinCode: null, openStore: openSpaceStore };
  await withMail({ mail }, async (stage) => {
    await fc.assert(fc.asyncProperty(plans, (plan) => race(stage, plan)), {
      seed: 11,
      numRuns: 10,
      endOnFailure: true,
    });
  });
  await Deno.remove(folder, { recursive: true });
});

rendezvousTest(
  "[MBX15] who does not read is told once to fetch, and gets all of it in the end",
  async () => {
    await withMail({}, async (stage) => {
      const { owner, grant } = await stage.space();
      await fetchPage(owner);
      const addresses = [await grant(), await grant(), await grant(), await grant()];
      owner.stream.pause();
      const left: string[] = [];
      for (const address of addresses) {
        const depositor = await enterDepositor(await stage.line(), address);
        for (let frames = 0; frames < 8; frames++) left.push(...(await deposit(depositor, 32)).map(hexOf));
        await depositor.close();
      }
      assert.equal(stage.server.counters.get("mailbox.behind"), 1);
      assert.equal(stage.server.mail!.sizes().heldBytes, 0);
      const pushed = stage.server.counters.get("mailbox.pushed");
      assert.ok(pushed <= DELIVERY.maxUnacknowledged, `${pushed} were pushed`);
      owner.stream.resume();
      const seen: string[] = [];
      let after = 0;
      for (let told = false; !told;) {
        const { waiting, more } = await hears(owner, "arrived");
        seen.push(...envelopesOf(waiting));
        after = waiting.at(-1)?.serial ?? after;
        told = more;
      }
      for (let more = true; more;) {
        const page = await fetchPage(owner, after);
        seen.push(...envelopesOf(page.waiting));
        after = page.waiting.at(-1)!.serial;
        more = page.more;
      }
      assert.deepEqual(seen, left);
    });
  },
);

rendezvousTest("[MBX13] an owner that never reads what it asks for is cut off", async () => {
  const clock = new HandClock();
  await withMail({ clock }, async (stage) => {
    const { owner, address, line } = await stage.space();
    const depositor = await enterDepositor(await stage.line(), address);
    for (let frames = 0; frames < 4; frames++) await deposit(depositor, 32);
    owner.stream.pause();
    const answers = Array.from({ length: 40 }, () => owner.ask({ t: "fetch", after: 0, limit: 50 }));
    await until(() => stage.server.counters.get("mailbox.fetched") > 100, "pages were read");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { heldBytes } = stage.server.mail!.sizes();
    assert.ok(heldBytes > 0 && heldBytes < 2 * MIB, `${heldBytes} bytes are held`);
    for (let passedMs = 0; passedMs < 20_000; passedMs += 4_000) {
      clock.advance(4_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(() => stage.server.counters.get("spaces.slow-reader") === 1, "it was cut off");
    assert.equal(line.connection.status, "open");
    assert.equal(stage.server.mail!.sizes().heldBytes, 0);
    owner.stream.resume();
    await Promise.all(answers);
  });
});
