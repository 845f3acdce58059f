/** A chain that is judged and offered piece by piece shows and offers what the whole of it does. */
import assert from "node:assert/strict";
import type { ReceivedContent } from "../../core/guild/contentChain.ts";
import { CONTENT_RULES } from "../../core/guild/contentRule.ts";
import { listsOf } from "../../core/guild/content.ts";
import { heldOf } from "../../core/guild/contentSync/held.ts";
import { Hindsight } from "../../core/guild/hindsight.ts";
import { mayHave } from "../../core/guild/keys/granting.ts";
import { shownNow, verdictsOn } from "../../core/guild/live/judging.ts";
import { confirmed, type DeviceShelf, emptyDeviceShelf, type Kept, shelved } from "../../core/guild/live/shelf.ts";
import { offersTo } from "../../core/guild/live/offers.ts";
import { extend, openResolver, type Resolver } from "../../core/guild/resolver.ts";
import { hasSameRulings } from "../../core/guild/rulings.ts";
import { stateOf } from "../../core/guild/state.ts";
import { type ChainId, type ChannelId, channelOfOp } from "../../core/ids.ts";
import type { LoggedOp } from "../../core/log/log.ts";
import { deviceNamed, userNamed } from "../support/guild.ts";
import { lastSeen, linked, said } from "../support/guildContent.ts";
import { arrival } from "./guildArrival.ts";
import { PEOPLE, QuarrelWorld } from "./guildWorld.ts";

const WORLDS = 400;
const CHAIN = "00".repeat(16) as ChainId;

const kept = (one: ReceivedContent, index: number): Kept => ({ ...one, chain: CHAIN, index, sizeBytes: 1 });

/** One device says things on what it said lately, or longer ago, under heads of late, or of long ago. */
function says(world: QuarrelWorld, name: string, channel: ChannelId, from: number): readonly ReceivedContent[] {
  const { ops } = world.stage;
  const all: ReceivedContent[] = [];
  for (let at = 0; at < 16; at++) {
    const before = all.length === 0 ? null : all.at(world.chance(85) ? -1 : -1 - world.roll(all.length))!;
    const seen = Math.min(ops.length - 1, from + Math.floor((ops.length - from) * at / 16));
    const heads = world.chance(80) ? [ops[seen]!] : [world.pick(ops), world.pick(ops)];
    const seq = (before?.content.seq ?? 0) + (world.chance(95) ? 1 : 2);
    all.push(linked(said(name, channel, [...new Set(heads)], { seq, body: `${at}` }), before));
  }
  return all;
}

function story(seed: number) {
  const world = new QuarrelWorld(seed);
  const { stage } = world;
  const channel = channelOfOp(stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
  const name = world.pick(PEOPLE.slice(1));
  const from = stage.ops.length;
  world.run(4 + world.roll(10));
  for (let at = 0; at < 4; at++) world.orderly();
  const all = says(world, name, channel, from);
  const removals = world.chance(50) ? 1 + world.roll(2) : 0;
  for (let at = 0; at < removals; at++) {
    const seen = world.chance(80) ? [lastSeen(world.pick(all))] : [];
    stage.make(at === 0 ? "fay" : "ann", { t: "remove", user: userNamed(name), seen }, { on: stage.heads() });
  }
  const subject = { t: "member", user: userNamed(name) } as const;
  for (const deny of world.chance(40) ? [["send"], []] : []) {
    stage.make("fay", { t: "channel.override", channel, subject, allow: [], deny }, { on: stage.heads() });
  }
  if (world.chance(40)) stage.make("fay", { t: "add", user: userNamed(name) });
  for (let at = 0; at < 3; at++) world.orderly();
  return {
    world,
    ops: arrival(stage.ops, world.roll),
    all: all.toSorted(() => world.roll(3) - 1),
    channel,
    name,
    from,
  };
}

class Reader {
  constructor(readonly resolver: Resolver, readonly hindsight: Hindsight, readonly shelf: DeviceShelf) {}

  static of(ops: readonly LoggedOp[], name: string): Reader {
    const resolver = openResolver(ops);
    const hindsight = new Hindsight(resolver.rulings, stateOf(resolver.rulings));
    return new Reader(resolver, hindsight, emptyDeviceShelf(deviceNamed(name)));
  }

  grown(ops: readonly LoggedOp[]): Reader {
    const resolver = extend(this.resolver, ops);
    const { rulings } = resolver;
    const isSame = hasSameRulings(this.hindsight.rulings, rulings);
    const hindsight = new Hindsight(rulings, stateOf(rulings), isSame ? this.hindsight : null);
    return new Reader(resolver, hindsight, this.shelf);
  }

  with(some: readonly Kept[], channel: ChannelId): Reader {
    const lists = listsOf(this.hindsight, channel, this.shelf.held.device);
    return new Reader(this.resolver, this.hindsight, shelved(this.shelf, some, lists));
  }

  /** [GKEY3] What each peer is offered is what it may have, of each content alone. */
  private assertOffers(where: string, counts: Record<string, number>): void {
    const { hindsight, shelf } = this;
    const [first] = shelf.kept.values();
    if (first === undefined) return;
    const { channel, device } = first.content;
    const all = new Map([[device, shelf]]);
    for (const name of PEOPLE) {
      const given = [...shelf.kept.values()].filter(({ content }) => mayHave(hindsight, deviceNamed(name), content));
      const links = given.map(({ id, content: { seq, previous } }) => ({ id, seq, previous }));
      const plain = given.length === 0 ? [] : [heldOf(device, links)];
      assert.deepEqual(offersTo(hindsight, deviceNamed(name), channel, all), plain, where);
      const kind = given.length === 0 ? "offers none" : given.length === shelf.kept.size ? "offers all" : "offers some";
      counts[kind] = 1 + (counts[kind] ?? 0);
    }
  }

  /** What is shown now is compared with the plain form, and confirmed. */
  judged(where: string, counts: Record<string, number>): Reader {
    const { hindsight, shelf } = this;
    const rules = [...verdictsOn(hindsight, shelf)];
    for (const [, rule] of rules) counts[rule] = 1 + (counts[rule] ?? 0);
    const plain = rules.flatMap(([id, rule]) =>
      CONTENT_RULES[rule].standing === "shown" && !shelf.confirmed.has(id) ? [id] : []
    );
    this.assertOffers(where, counts);
    const shown = shownNow(hindsight, shelf);
    assert.deepEqual(shown.toSorted(), plain.toSorted(), where);
    return new Reader(this.resolver, hindsight, confirmed(shelf, shown));
  }
}

Deno.test("[CNT7] [CNT8] [CNT9] [GKEY3] a chain judged as it comes shows what the whole shows, and is offered so", () => {
  const counts: Record<string, number> = {};
  for (let seed = 1; seed <= WORLDS; seed++) {
    const { world, ops, all, channel, name, from } = story(seed);
    let reader = Reader.of(ops.slice(0, from), name);
    let [known, told] = [from, 0];
    while (known < ops.length || told < all.length) {
      const before = reader;
      const isOp = told === all.length || (known < ops.length && world.chance(45));
      const count = 1 + world.roll(2);
      const step = (one: Reader) =>
        isOp
          ? one.grown(ops.slice(known, known + count))
          : one.with(all.slice(told, told + count).map((each, at) => kept(each, told + at)), channel);
      reader = step(reader).judged(`seed ${seed}, ${known} ops, ${told} contents`, counts);
      // A step that was not written down is made again, or others are.
      if (world.chance(20)) before.judged(`seed ${seed} before`, {});
      if (world.chance(10)) reader = step(before).judged(`seed ${seed} again`, counts);
      if (world.chance(10)) {
        const last = all.slice(-count).map((each, at) => kept(each, all.length + at));
        reader.with(last, channel).judged(`seed ${seed} aside`, {});
      }
      if (isOp) known += count;
      else told += count;
    }
  }
  for (const kind of ["none", "some", "all"]) assert.ok(counts[`offers ${kind}`]! > 500, JSON.stringify(counts));
  for (const rule of ["heads-go-back", "unknown-heads", "removed-meanwhile", "unvouched", "forked", "revoked-since"]) {
    assert.ok(counts[rule]! > 100, JSON.stringify(counts));
  }
});
