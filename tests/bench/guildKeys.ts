/** Keys of channels: what a ban in a channel of a thousand costs, and a page of keys for who was not there. */
import process from "node:process";
import { acceptDistribution } from "../../core/group/accepting.ts";
import { nextStep, planHandover } from "../../core/group/handover.ts";
import type { Devices } from "../../core/group/holders.ts";
import { createReceiver, openGroup } from "../../core/group/receiver.ts";
import { type GroupSender, sealGroup } from "../../core/group/sender.ts";
import { followReaders, NO_READERS } from "../../core/guild/keys/readers.ts";
import { tryKeys } from "../../core/guild/keys/trying.ts";
import type { Channel, GuildState, Member, Role } from "../../core/guild/state.ts";
import {
  chainId,
  type ChannelId,
  channelId,
  type DeviceId,
  deviceId,
  type RoleId,
  roleId,
  type UserId,
  userId,
} from "../../core/ids.ts";
import { GUILD_KEYS } from "../../core/limits.ts";
import type { Env } from "../../core/ports.ts";
import { open, seal, type Session } from "../../core/session/session.ts";
import { uintBytes } from "../../core/wire/bytes.ts";
import { type GivenChain, guildKeysCodec } from "../../core/wire/guildKeys.ts";
import { guildToldCodec } from "../../core/wire/guildTold.ts";
import { utf8 } from "../../core/wire/text.ts";
import { everywhere } from "../support/guild.ts";
import { must, pair, party, START_MS } from "../support/world.ts";
import { median, printFigure, quantile, spreadOf } from "./figure.ts";

const MEMBERS = 1_000;
const CHANNELS = 100;
const REPEATS = 9;
/** The first runs are for the compilers. */
const WARM_UP = 2;
const MAX_STEP_MS = 8;
const ALICE = party(1).device;
const env: Env = { nowMs: START_MS, rng: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) } };
const TEXT = utf8("x".repeat(200));

const numbered = <Id>(make: (bytes: Uint8Array) => Parameters<typeof must<Id>>[0], number: number): Id =>
  must(make(uintBytes(number + 1, 32)));

/** Eight roles, most people with one or two; every fourth channel is closed but for some roles and people. */
function guild(): GuildState {
  const everyone = numbered<RoleId>(roleId, 999);
  const named = Array.from({ length: 8 }, (_, rank) => numbered<RoleId>(roleId, rank));
  const roles = new Map<RoleId, Role>([
    ...named.map((id, rank): [RoleId, Role] => [id, { name: `${rank}`, rank: rank + 1, capabilities: [] }]),
    [everyone, { name: "", rank: 1_001, capabilities: everywhere("view", "send") }],
  ]);
  const user = (at: number) => numbered<UserId>(userId, at);
  const members = new Map(Array.from({ length: MEMBERS }, (_, at): [UserId, Member] => [user(at), {
    roles: new Set([named[at % 8]!, named[(at * 5 + 3) % 8]!].slice(0, at % 3)),
    devices: new Set([numbered<DeviceId>(deviceId, at)]),
  }]));
  const override = (word: "allow" | "deny") => ({
    allow: new Set(word === "allow" ? ["view"] : []),
    deny: new Set(word === "deny" ? ["view"] : []),
  });
  const channels = new Map(Array.from({ length: CHANNELS }, (_, at): [ChannelId, Channel] => {
    const isClosed = at % 4 === 3;
    const overrides = {
      roles: new Map(isClosed ? [[everyone, override("deny")], [named[at % 8]!, override("allow")]] : []),
      members: new Map(isClosed ? [[user(at), override("allow")], [user(at + 500), override("deny")]] : []),
    };
    const rest = { kind: "text", topic: "", position: at, history: "none", keepS: null, overrides } as const;
    return [numbered<ChannelId>(channelId, at), { name: `${at}`, ...rest }];
  }));
  const none = {
    icon: null,
    servers: [],
    banned: new Set<UserId>(),
    invites: new Map(),
    equivocators: new Set<DeviceId>(),
  };
  return { ...none, name: "guild", founder: user(0), everyone, members, roles, channels, seen: new Map() };
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

function timed<T>(run: () => T): readonly [number, T] {
  const startMs = cpuMs();
  const result = run();
  return [cpuMs() - startMs, result];
}

const repeated = (run: () => number): readonly number[] =>
  Array.from({ length: WARM_UP + REPEATS }, run).slice(WARM_UP);

function print(figure: string, ms: readonly number[], isStep = false): void {
  const ours = median(ms);
  const goal = isStep ? { goal: `< ${MAX_STEP_MS} ms`, met: ours < MAX_STEP_MS } : {};
  console.log(`${figure.padEnd(64)} ${ours.toFixed(2).padStart(8)} ms CPU`);
  printFigure({ figure, ours, unit: "ms CPU", spread: spreadOf(ms), ...goal });
}

function readers(): Devices {
  const state = guild();
  const without = (at: number) => {
    const members = new Map(state.members);
    members.delete(numbered<UserId>(userId, at));
    return { ...state, members };
  };
  const before = followReaders(NO_READERS, state);
  const states = Array.from({ length: WARM_UP + REPEATS }, (_, at) => without(at + 1));
  let turn = 0;
  const ms = repeated(() => timed(() => followReaders(before, states[turn++]!))[0]);
  print(`readers of ${CHANNELS} channels, ${MEMBERS} members, after a ban`, ms, true);
  return followReaders(before, states[0]!).get(numbered<ChannelId>(channelId, 0))!;
}

const CHANNEL = numbered<ChannelId>(channelId, 0);

/** Sessions are plain data: one stands for all, and seals its next message for each. */
function rekey(entitled: Devices): void {
  const { alice, bob } = pair(1);
  const reply = seal(bob, utf8("reply"), env);
  const warm: Session = seal(must(open(alice, reply.envelope)).session, utf8("x"), env).session;
  const before = sealGroup(null, CHANNEL, ALICE, new Set([...entitled, ALICE.id]), [TEXT], env).state;
  const [sealing, totals, steps]: [number[], number[], number[]] = [[], [], []];
  let sizeBytes = 0;
  for (let i = -WARM_UP; i < REPEATS; i++) {
    const [sealMs, sealed] = timed(() => sealGroup(before, CHANNEL, ALICE, entitled, [TEXT], env));
    const frame = { t: "chain", heads: [], next: 2, distribution: sealed.handover!.message } as const;
    const message = guildToldCodec.encode({ t: "keys", body: guildKeysCodec.encode(frame) });
    sizeBytes = 0;
    const run: number[] = [];
    for (
      let next = nextStep(planHandover({ ...sealed.handover!, message }, () => "warm"));
      next !== null;
      next = nextStep(next.rest)
    ) {
      const { step } = next;
      if (step.t !== "seal") throw new Error("all sessions are warm");
      const [ms] = timed(() => {
        for (const _ of step.devices) sizeBytes += seal(warm, message, env).envelope.length;
      });
      run.push(ms);
    }
    if (i < 0) continue;
    sealing.push(sealMs);
    steps.push(...run);
    totals.push(run.reduce((sum, one) => sum + one, 0));
  }
  print("a fresh chain and the message, for 999", sealing, true);
  print("the chain handed over in 999 warm sessions, all slices", totals);
  print("the same, one slice of 32", steps, true);
  const p99 = quantile(steps, 0.99);
  const goal = { goal: `< ${MAX_STEP_MS} ms`, met: p99 < MAX_STEP_MS };
  printFigure({ figure: "the same, p99 of a slice", ours: p99, unit: "ms CPU", spread: spreadOf(steps), ...goal });
  printFigure({ figure: "the same, envelopes", ours: sizeBytes / 1_000, unit: "kB" });
  receiving(before, entitled);
}

/** One reader: its pairwise message, the chain in it, and the first message of that. */
function receiving(before: GroupSender, entitled: Devices): void {
  const ms = Array.from({ length: WARM_UP + REPEATS }, () => {
    const { alice, bob } = pair(1);
    const sealed = sealGroup(before, CHANNEL, ALICE, entitled, [TEXT], env);
    const frame = { t: "chain", heads: [], next: 2, distribution: sealed.handover!.message } as const;
    const told = guildToldCodec.encode({ t: "keys", body: guildKeysCodec.encode(frame) });
    const first = seal(alice, told, env);
    const next = seal(first.session, told, env);
    const reader = must(open(bob, first.envelope)).session;
    return timed(() => {
      const opened = must(guildToldCodec.decode(must(open(reader, next.envelope)).plaintext));
      if (opened.t !== "keys") throw new Error("another part's");
      const heard = must(guildKeysCodec.decode(opened.body));
      if (heard.t !== "chain") throw new Error("another frame");
      const receiver = must(acceptDistribution(createReceiver(CHANNEL, ALICE.id), heard.distribution));
      must(openGroup(receiver, sealed.envelopes[0]!));
    })[0];
  }).slice(WARM_UP);
  print("one reader: pairwise message, chain, and the message", ms, true);
}

/** As many messages as a page holds keys, as they were sent one by one. */
function page(): void {
  let state: GroupSender | null = null;
  const [envelopes, keys]: [Uint8Array[], { index: number; key: Uint8Array }[]] = [[], []];
  for (let index = 0; index < GUILD_KEYS.maxKeys; index++) {
    const sealed = sealGroup(state, CHANNEL, ALICE, new Set([ALICE.id]), [TEXT], env);
    envelopes.push(sealed.envelopes[0]!);
    keys.push({ index, key: sealed.messageKeys[0]! });
    state = sealed.state;
  }
  const { id, signer, ownership } = state!;
  const chain: GivenChain = { device: ALICE.id, chain: must(chainId(id)), signer: signer.publicKey, ownership, keys };
  const frame = { t: "keys", number: 1, channel: CHANNEL, chains: [chain], stop: null } as const;
  printFigure({
    figure: `a page of ${GUILD_KEYS.maxKeys} keys`,
    ours: guildKeysCodec.encode(frame).length / 1_000,
    unit: "kB",
  });
  const ms = repeated(() =>
    timed(() => {
      if (tryKeys(CHANNEL, chain, envelopes).tried.wrong !== 0n) throw new Error("a key is wrong");
    })[0]
  );
  print(`${GUILD_KEYS.maxKeys} messages opened by a page of keys`, ms, true);
}

export function benchKeys(): void {
  rekey(readers());
  page();
}
