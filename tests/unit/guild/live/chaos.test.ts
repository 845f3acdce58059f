/** SPEC section 26 as a whole: a few devices, two of them one person's, whatever happens to their links, frames and stores. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { placeOf } from "../../../../core/guild/live/shelf.ts";
import { everywhere } from "../../../support/guild.ts";
import { recordOf } from "../../../support/liveRecord.ts";
import { LiveStage } from "../../../support/liveStage.ts";

const NAMES = ["fay", "pat", "pat 2", "sam", "joe"] as const;
type Name = (typeof NAMES)[number];

const name = fc.constantFrom(...NAMES);
const happening = fc.oneof(
  { weight: 5, arbitrary: fc.record({ t: fc.constant("link" as const), a: name, b: name }) },
  { weight: 2, arbitrary: fc.record({ t: fc.constant("cut" as const), a: name, b: name }) },
  { weight: 7, arbitrary: fc.record({ t: fc.constant("say" as const), by: name, isArchive: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ t: fc.constant("create" as const), by: name }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constant("hide" as const), from: name, isHidden: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ t: fc.constant("restart" as const), who: name }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constant("save" as const), who: name }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constant("set back" as const), who: name }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constant("name" as const), who: name }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;
/** Of a hundred things that are sent: 5 frames are lost and 30 that are told, 3 come twice. */
const fates = fc.infiniteStream(fc.nat(99));

class Chaos {
  readonly stage = new LiveStage({
    members: NAMES.slice(1),
    everyone: everywhere("view", "send", "attach", "manageChannels"),
  });
  /** What people were not told that they may not say. */
  readonly said: string[] = [];
  readonly setBack = new Set<Name>();
  private readonly saved = new Map<Name, ReadonlyMap<string, Uint8Array>>();

  constructor(fate: () => number) {
    this.stage.loses = (sent) => {
      const luck = fate();
      if (luck < 3) this.stage.deliver(sent);
      return luck >= (sent.kind === "told" ? 70 : 95);
    };
  }

  async happen(one: Happening): Promise<void> {
    const { stage } = this;
    switch (one.t) {
      case "link":
        return one.a === one.b || stage.isLinked(one.a, one.b) ? undefined : stage.link(one.a, one.b);
      case "cut":
        return stage.cut(one.a, one.b);
      case "say": {
        const text = `word ${this.said.length}`;
        const { refusal } = stage.say(one.by, text, one.isArchive ? stage.archive : stage.general);
        return refusal === null ? void this.said.push(text) : undefined;
      }
      case "create":
        return void stage.step(one.by, { type: "Act", body: { t: "channel.create", name: "room", kind: "text" } });
      case "hide": {
        const [subject, deny] = [{ t: "member", user: stage.userOf(one.from) } as const, one.isHidden ? ["view"] : []];
        const body = { t: "channel.override", channel: stage.general, subject, allow: [], deny } as const;
        return one.from === "fay" ? undefined : void stage.step("fay", { type: "Act", body });
      }
      case "restart":
        return await stage.restart(one.who);
      case "save":
        return void this.saved.set(one.who, stage.player(one.who).store.snapshot());
      case "set back": {
        const records = this.saved.get(one.who);
        if (records === undefined || one.who === "fay") return;
        this.setBack.add(one.who);
        return await stage.restart(one.who, records);
      }
      case "name": {
        const profile = { name: `${one.who} ${this.said.length}`, status: "", picture: null };
        return void stage.step(one.who, { type: "SetProfile", profile });
      }
    }
  }

  /** What nothing opens here, and is open at somebody who is there: the key of the rest was lost with a store. */
  openElsewhere(who: Name): readonly string[] {
    const { stage } = this;
    const channelOf = (each: Name) => stage.state(each).channels.get(stage.archive);
    const isOpenAt = (each: Name, place: string) =>
      [...channelOf(each)?.shelf.values() ?? []].some(({ places }) => places.has(place));
    return [...channelOf(who)?.sealed.values() ?? []].map(placeOf)
      .filter((place) => NAMES.some((each) => isOpenAt(each, place)));
  }

  /** Nothing is lost any more, and all are linked. */
  heal(): void {
    const { stage } = this;
    stage.loses = () => false;
    for (const a of NAMES) stage.cutOff(a);
    for (const [at, a] of NAMES.entries()) for (const b of NAMES.slice(at + 1)) stage.link(a, b);
    stage.pass(10 * 60_000);
  }
}

/** Some that are new, and those that once failed. */
const REPLAYED = [{ seed: 26, numRuns: 6 }, { seed: 3, path: "7", numRuns: 1 }, { seed: 33, path: "33", numRuns: 1 }];

Deno.test("[LIVE1] [LIVE3] [LIVE4] whatever happens, in the end all agree, nothing typed is lost, and no number was said twice", async () => {
  const happenings = fc.array(fc.tuple(happening, fc.nat(2_000)), { minLength: 30, maxLength: 60 });
  const property = fc.asyncProperty(happenings, fates, async (all, stream) => {
    const chaos = new Chaos(() => stream.next().value as number);
    const { stage } = chaos;
    for (const [one, ms] of all) {
      await chaos.happen(one);
      stage.pass(ms);
    }
    chaos.heal();
    const { log, profiles } = stage.state("fay");
    const words = new Set(NAMES.flatMap((each) => [...stage.texts(each), ...stage.texts(each, stage.archive)]));
    const waiting = NAMES.flatMap((each) => [...stage.state(each).unsaid.values()].map(({ text }) => text));
    if (chaos.setBack.size === 0) {
      assert.equal(stage.state("fay").ruled.guild.equivocators.size, 0);
      const rules = NAMES.flatMap((each) => stage.contents(each, stage.archive).map(({ rule }) => rule));
      assert.ok(!rules.includes("forked"));
      assert.deepEqual(chaos.said.filter((text) => !words.has(text) && !waiting.includes(text)), []);
    }
    for (const each of NAMES) {
      const state = stage.state(each);
      assert.equal(state.quietUntilMs, null);
      assert.equal(state.log.ops.size, log.ops.size, `${each} has other ops`);
      assert.deepEqual(
        stage.contents(each, stage.archive).map(({ id }) => id),
        stage.contents("fay", stage.archive).map(({ id }) => id),
        each,
      );
      assert.deepEqual(chaos.openElsewhere(each), [], each);
      assert.deepEqual([...state.profiles.records.keys()].sort(), [...profiles.records.keys()].sort(), each);
      for (const { channel } of state.unsaid.values()) {
        assert.ok(!state.ruled.readers.get(channel)!.has(state.device.id), each);
      }
      await stage.restart(each);
      assert.deepEqual(recordOf(stage.state(each)), recordOf(state), `${each} after a start`);
    }
  });
  for (const replay of REPLAYED) await fc.assert(property, { ...replay, endOnFailure: true });
});
