/** Whatever members do, know, and lose: keys of content reach those who may have it, and nobody else. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Hindsight } from "../../core/guild/hindsight.ts";
import { mayHave } from "../../core/guild/keys/granting.ts";
import { resolve } from "../../core/guild/resolve.ts";
import { restrict } from "../../core/guild/restrict.ts";
import type { Rulings } from "../../core/guild/rulings.ts";
import { may, stateOf } from "../../core/guild/state.ts";
import { type ChannelId, channelOfOp, type DeviceId } from "../../core/ids.ts";
import type { GuildKeysFrame, KeysAnswer } from "../../core/wire/guildKeys.ts";
import type { OpBody } from "../../core/wire/opBody.ts";
import { deviceNamed, everywhere, userNamed } from "../support/guild.ts";
import { chainIdOf, deviceFor, type KeyMember, KeyNet, placeOf, type Posted } from "../support/keyNet.ts";
import { removal, town } from "../unit/guild/town.ts";

const NAMES = ["fay", "ann", "mia", "pip", "pat"] as const;
for (const name of [...NAMES, "abe", "max", "hal", "zoe"]) deviceFor(name);

const LIAR = "mia";

type Story = ReturnType<typeof begin>;

/** What a liar does with its answers. */
const LIES: Readonly<Record<string, (answer: KeysAnswer) => KeysAnswer>> = {
  "is honest": (answer) => answer,
  "gives wrong keys": (answer) => ({ ...answer, chains: answer.chains.map(withKeys((key) => key.toReversed())) }),
  "gives keys of another signer": (answer) => ({
    ...answer,
    chains: answer.chains.map((one) => ({ ...one, signer: one.signer.toReversed() })),
  }),
  "says that it has nothing": (answer) => ({ ...answer, chains: [] }),
  "says that it never looked": (answer) => ({ ...answer, chains: [], stop: { at: 0, index: 999 } }),
  "answers something else": (answer) => ({ ...answer, number: answer.number + 1 }),
};

const withKeys = (change: (key: Uint8Array) => Uint8Array) => (chain: KeysAnswer["chains"][number]) => ({
  ...chain,
  keys: chain.keys.map(({ index, key }) => ({ index, key: change(key) })),
});

function begin(lie: string) {
  const { stage, mod } = town(everywhere("view", "send"));
  const channel = channelOfOp(stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
  const net = new KeyNet(stage);
  for (const name of [...NAMES, "zoe"]) net.add(name, name === LIAR ? LIES[lie] : undefined).learn(stage.heads());
  net.linkAll();
  const story = { stage, mod, channel, net };
  watch(story);
  return story;
}

/** By the plain question: whose device it is, and whether that person may view the channel. */
function reads(rulings: Rulings, channel: ChannelId, device: DeviceId): boolean {
  const state = stateOf(rulings);
  return [...state.members].some(([user, { devices }]) => devices.has(device) && may(state, user, "view", channel));
}

/** Of an answer, by what its giver knows, and by what the author knew. */
function checkGiven(story: Story, giver: KeyMember, to: DeviceId, posted: Posted): void {
  const { channel } = story;
  const rulings = resolve([...giver.ops]);
  assert.ok(reads(rulings, channel, to), "given to who is no reader");
  const { heads } = posted.content;
  assert.ok(heads.every((id) => rulings.history.placeOf.has(id)), "given by who does not know what its author knew");
  if (stateOf(rulings).channels.get(channel)!.history === "archive") return;
  assert.ok(reads(restrict(rulings, heads)!, channel, to), "given to who did not read it when it was written");
  const believed = beliefOf(story, posted);
  const isVoidedSince = believed.history.ops.some(({ id }, place) =>
    believed.levels[place] !== rulings.levels[rulings.history.placeOf.get(id)!]
  );
  assert.ok(isVoidedSince || reads(believed, channel, to), "given to whom its author knew to be none");
}

/** The guild as the author saw it who wrote this. */
const beliefOf = ({ stage }: Story, { content: { heads } }: Posted): Rulings =>
  resolve([...stage.past(stage.ops.filter(({ id }) => heads.includes(id)))]);

function watch(story: Story): void {
  const { net } = story;
  net.openedByChain = ({ id }, posted) =>
    assert.ok(
      reads(beliefOf(story, posted), story.channel, id),
      "opened by a chain by whom its author knew to be no reader",
    );
  const tell = net.tell.bind(net);
  net.tell = (from: DeviceId, to: DeviceId, frame: GuildKeysFrame) => {
    const giver = [...net.members.values()].find(({ id }) => id === from)!;
    if (frame.t === "keys") {
      for (const { device, chain, keys } of frame.chains) {
        const given = net.posted.filter((one) => one.device === device && chainIdOf(one).chain === chain);
        for (const one of given) {
          if (keys.some(({ index }) => index === placeOf(one).index)) checkGiven(story, giver, to, one);
        }
      }
    }
    if (frame.t === "chain") assert.ok(reads(resolve([...giver.ops]), story.channel, to), "handed to who is no reader");
    tell(from, to, frame);
  };
}

const change = (channel: ChannelId, history: "none" | "archive"): OpBody => ({
  t: "channel.change",
  channel,
  name: "square",
  topic: "",
  position: 0,
  history,
});

const override = (channel: ChannelId, name: string, isIn: boolean): OpBody => ({
  t: "channel.override",
  channel,
  subject: { t: "member", user: userNamed(name) },
  allow: isIn ? ["view"] : [],
  deny: isIn ? [] : ["view"],
});

const name = fc.constantFrom(...NAMES);
const anybody = fc.constantFrom(...NAMES, "zoe");
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ t: fc.constant("say" as const), who: anybody }) },
  { weight: 4, arbitrary: fc.record({ t: fc.constant("learn" as const), who: anybody, of: anybody }) },
  { weight: 2, arbitrary: fc.record({ t: fc.constant("settle" as const) }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constant("drop" as const) }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constant("cut" as const), who: anybody, of: anybody }) },
  {
    weight: 2,
    arbitrary: fc.record({ t: fc.constant("override" as const), who: name, whom: anybody, isIn: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ t: fc.constant("remove" as const), who: name, whom: anybody }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constant("add" as const), who: name, whom: anybody }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constant("history" as const), isArchive: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constant("revoke" as const), who: name }) },
);

const steps = fc.array(step, { minLength: 6, maxLength: 40, size: "max" });

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function run(story: Story, one: Step): void {
  const { net, stage, channel } = story;
  const make = (who: string, body: OpBody) => {
    const member = net.get(who);
    member.learn([stage.make(who, body, { on: member.heads() })]);
  };
  switch (one.t) {
    case "say":
      net.get(one.who).say(channel);
      return;
    case "learn":
      return net.get(one.who).learn([...net.get(one.who).heads(), ...net.get(one.of).heads()]);
    case "settle":
      return net.settle(3);
    case "drop":
      return net.drop();
    case "cut":
      if (one.who === one.of) return;
      net.get(one.who).lose(net.get(one.of).id);
      net.get(one.of).lose(net.get(one.who).id);
      return;
    case "override":
      return make(one.who, override(channel, one.whom, one.isIn));
    case "remove":
      return make(one.who, removal(one.whom));
    case "add":
      make(one.who, { t: "add", user: userNamed(one.whom) });
      return come(story, one.whom, one.who);
    case "history":
      return make("fay", change(channel, one.isArchive ? "archive" : "none"));
    case "revoke":
      return make(one.who, { t: "device.revoke", device: deviceNamed(one.who) });
  }
}

/** Who was added has a device in the guild once it says so. */
function come({ net, stage }: Story, name: string, by: string): void {
  const member = net.get(name);
  if (stage.ops.some(({ op }) => op.device === member.id)) return;
  member.learn([stage.introduce(name, net.get(by).heads())]);
}

/** What anybody who reads the channel and is honest has, each other who may have it has. */
function checkShared({ net, channel }: Story): void {
  const [some] = net.members.values();
  const rulings = resolve([...some!.ops]);
  const hindsight = new Hindsight(rulings, stateOf(rulings));
  const readers = [...net.members.values()].filter(({ id }) => reads(rulings, channel, id));
  for (const posted of net.posted) {
    if (!readers.some(({ kept, name }) => kept.has(posted.id) && name !== LIAR)) continue;
    for (const { kept, id, name } of readers) {
      assert.ok(kept.has(posted.id) || !mayHave(hindsight, id, posted.content), `${name} lacks what it may have`);
    }
  }
}

Deno.test("[GKEY3] [GKEY7] [GKEY8] keys reach all who may have them and nobody else, whatever members do, know and say", () => {
  let [givenCount, postedCount] = [0, 0];
  fc.assert(
    fc.property(steps, fc.constantFrom(...Object.keys(LIES)), (steps, lie) => {
      const story = begin(lie);
      const { net, stage } = story;
      for (const one of steps) run(story, one);
      net.drop();
      for (const member of net.members.values()) member.learn(stage.heads());
      net.cut();
      net.linkAll();
      net.settle(30);
      checkShared(story);
      postedCount += net.posted.length;
      for (const { kept, id } of net.members.values()) {
        givenCount += [...kept.values()].filter(({ device }) => device !== id).length;
      }
    }),
    { seed: 20261124, numRuns: 150 },
  );
  assert.ok(givenCount > postedCount, "nobody got anything");
});
