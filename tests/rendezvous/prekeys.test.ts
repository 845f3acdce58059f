import assert from "node:assert/strict";
import { MAILBOX } from "../../core/limits.ts";
import type { SpaceAnswer } from "../../core/wire/spaceAnswer.ts";
import { TAKING } from "../../rendezvous/limits.ts";
import { openSpaceStore } from "../../rendezvous/store/open.ts";
import type { TakerClient } from "./mailClient.ts";
import {
  enterOwner,
  enterTaker,
  enterUploader,
  expectDone,
  expectRefused,
  fetchPage,
  hears,
  inMemory,
  newAddress,
  sealedBundle,
  type Stage,
  withMail,
} from "./mailStage.ts";
import { HandClock, rendezvousTest } from "./support.ts";

type OwnSpace = Awaited<ReturnType<Stage["space"]>>;

/** Uploads so many one-time bundles and one of last resort, and gives them back in hex. */
async function upload(stage: Stage, { keys }: OwnSpace, count: number) {
  const uploader = await enterUploader(await stage.line(), keys);
  const oneTime = Array.from({ length: count }, sealedBundle);
  const lastResort = sealedBundle();
  expectDone(await uploader.ask({ t: "upload", oneTime, lastResort, replace: true }));
  await uploader.close();
  return { oneTime: oneTime.map((bundle) => bundle.toHex()), lastResort: lastResort.toHex() };
}

const take = (taker: TakerClient): Promise<SpaceAnswer | null> => taker.ask({ t: "take" });

function bundleIn(answer: SpaceAnswer | null): string {
  assert.ok(answer?.t === "bundle", JSON.stringify(answer));
  return answer.sealed.toHex();
}

rendezvousTest("[MBX4] of 100 who take at once out of 20 bundles each one-time bundle goes to one", async () => {
  const folder = await Deno.makeTempDir();
  await withMail({ mail: { ...inMemory(), folder, openStore: openSpaceStore } }, async (stage) => {
    const space = await stage.space();
    const { oneTime, lastResort } = await upload(stage, space, 20);
    const takers: TakerClient[] = [];
    for (let lines = 0; lines < 10; lines++) {
      const line = await stage.line();
      const addresses = [await space.grant({ maxBundles: 5 }), await space.grant({ maxBundles: 5 })];
      takers.push(...await Promise.all(addresses.map((address) => enterTaker(line, address))));
    }
    const answers = await Promise.all(Array.from({ length: 100 }, (_, at) => take(takers[at % takers.length]!)));
    const given = answers.map(bundleIn);
    assert.deepEqual(given.filter((bundle) => bundle !== lastResort).toSorted(), oneTime.toSorted());
    assert.equal(given.filter((bundle) => bundle === lastResort).length, 80);
  });
  await Deno.remove(folder, { recursive: true });
});

rendezvousTest("[MBX4] a depositor takes as many bundles as its grant says, and none that nobody left", async () => {
  await withMail({}, async (stage) => {
    const space = await stage.space({ maxBundles: 2 });
    const taker = await enterTaker(await stage.line(), space.address);
    assert.ok(expectRefused(await take(taker), "no-bundle") > 0);
    const { oneTime } = await upload(stage, space, 3);
    assert.deepEqual([bundleIn(await take(taker)), bundleIn(await take(taker))], oneTime.slice(0, 2));
    expectRefused(await take(taker), "quota");
    const stranger = await enterTaker(await stage.line(), newAddress(space.keys));
    assert.equal(expectRefused(await take(stranger), "unknown-depositor"), 0);
    expectDone(await space.owner.ask({ t: "close" }));
    assert.equal(expectRefused(await take(taker), "unknown-space"), 0);
  });
});

rendezvousTest("[MBX16] an owner hears how few bundles are left, as they are taken and when it comes", async () => {
  await withMail({}, async (stage) => {
    const space = await stage.space();
    await fetchPage(space.owner);
    await upload(stage, space, MAILBOX.lowStockCount + 2);
    const taker = await enterTaker(await stage.line(), space.address);
    bundleIn(await take(taker));
    assert.deepEqual(space.owner.unasked, []);
    for (let left = MAILBOX.lowStockCount; left >= 0; left--) {
      bundleIn(await take(taker));
      assert.deepEqual(await hears(space.owner, "stock"), { t: "stock", left });
    }
    bundleIn(await take(taker));
    const later = await enterOwner(await stage.line(), space.keys);
    assert.deepEqual(await hears(later, "stock"), { t: "stock", left: 0 });
    assert.deepEqual(space.owner.unasked, [], "the last resort is no news");
    await upload(stage, space, MAILBOX.stockCount);
    const stocked = await enterOwner(await stage.line(), space.keys);
    await fetchPage(stocked);
    assert.deepEqual(stocked.unasked, []);
  });
});

rendezvousTest("[MBX16] one connection takes so many bundles at once, and more as time passes", async () => {
  const clock = new HandClock();
  await withMail({ clock }, async (stage) => {
    const space = await stage.space({ maxBundles: MAILBOX.maxBundles });
    await upload(stage, space, 1);
    const line = await stage.line();
    const taker = await enterTaker(line, space.address);
    for (let taken = 0; taken < TAKING.connectionBurst; taken++) bundleIn(await take(taker));
    const retryAfterS = expectRefused(await take(taker), "too-many");
    clock.advance(1_000 * retryAfterS);
    bundleIn(await take(taker));
    expectRefused(await take(taker), "too-many");
  });
});

rendezvousTest(
  "[MBX16] of one space so many bundles are taken, and what strangers ask in vain does not count",
  async () => {
    await withMail({}, async (stage) => {
      const space = await stage.space();
      await upload(stage, space, 1);
      const inLine = async (asks: number, address = space.address) => {
        const taker = await enterTaker(await stage.line(), address);
        const answers: (SpaceAnswer | null)[] = [];
        for (let asked = 0; asked < asks; asked++) answers.push(await take(taker));
        return answers;
      };
      const rounds = TAKING.spaceBurst / TAKING.connectionBurst;
      for (let round = 0; round < rounds; round++) {
        for (const answer of await inLine(TAKING.connectionBurst, newAddress(space.keys))) {
          expectRefused(answer, "unknown-depositor");
        }
      }
      for (let round = 0; round < rounds; round++) {
        const address = await space.grant({ maxBundles: MAILBOX.maxBundles });
        for (const answer of await inLine(TAKING.connectionBurst, address)) bundleIn(answer);
      }
      const [late] = await inLine(1, await space.grant());
      assert.ok(expectRefused(late!, "too-many") >= 1);
    });
  },
);
