/**
 * What one event costs a device in a guild of 10,000 ops, 1,000 members and 100 channels, of which one has 10,000 contents
 * by 20 devices, while links stand to those. Printed with `bench:guild`.
 */
import { exportSender } from "../../core/group/sender.ts";
import { type LiveEvent, type LiveGuild, liveStep, loadGuild } from "../../core/guild/live/index.ts";
import type { LocalDevice } from "../../core/identity/identity.ts";
import { LIVE } from "../../core/limits.ts";
import { decodeOp, signOp } from "../../core/log/signedOp.ts";
import type { Env } from "../../core/ports.ts";
import { contentSyncCodec, type ContentSyncFrame } from "../../core/wire/contentSync.ts";
import { NO_CLAIMS } from "../../core/wire/guildContent.ts";
import { guildFrameCodec } from "../../core/wire/guildFrame.ts";
import { guildKeysCodec } from "../../core/wire/guildKeys.ts";
import { guildToldCodec } from "../../core/wire/guildTold.ts";
import { logSyncCodec, type LogSyncFrame } from "../../core/wire/logSync.ts";
import type { OpBody } from "../../core/wire/opBody.ts";
import { envOf, must, START_MS } from "../support/world.ts";
import { median, printFigure, quantile } from "./figure.ts";
import { livedTown, Writer } from "./guildLiveTown.ts";
import { joinTown } from "./joinTown.ts";

const [CHANNELS, MEMBERS, OPS, CONTENTS, WRITERS] = [100, 1_000, 10_000, 10_000, 20];
/** Of each kind of step. */
const RUNS = 60;
const LOADS = 3;
const SMALL_GOAL_MS = 1;
const GOAL_MS = 8;

const gc = (globalThis as { readonly gc?: () => void }).gc;
function usedBytes(): number {
  for (let i = 0; i < 4; i++) gc?.();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

/** One device, whose steps are timed. */
class Timed {
  nowMs = START_MS;
  private readonly rng = envOf(5).rng;
  private times = new Map<string, number[]>();

  constructor(public state: LiveGuild) {}

  private get env(): Env {
    return { nowMs: this.nowMs, rng: this.rng };
  }

  /** The frames that it sends `to`. */
  step(name: string, event: LiveEvent, to: LocalDevice | null = null): readonly Uint8Array[] {
    this.nowMs += 10;
    const { env } = this;
    const startMs = performance.now();
    const { state, effects, refusal } = liveStep(this.state, event, env);
    const tookMs = performance.now() - startMs;
    if (refusal !== null) throw new Error(`${name} was refused: ${refusal}`);
    this.times.set(name, [...this.times.get(name) ?? [], tookMs]);
    this.state = state;
    return effects.flatMap((effect) => effect.type === "SendFrame" && effect.device === to?.id ? [effect.frame] : []);
  }

  log(name: string, from: LocalDevice, frame: LogSyncFrame): readonly LogSyncFrame[] {
    const bytes = guildFrameCodec.encode({ t: "log", body: logSyncCodec.encode(frame) });
    const sent = this.step(name, { type: "FrameReceived", device: from.id, frame: bytes }, from);
    return sent.flatMap((one) => {
      const { t, body } = must(guildFrameCodec.decode(one));
      return t === "log" ? [must(logSyncCodec.decode(body))] : [];
    });
  }

  content(name: string, from: LocalDevice, frame: ContentSyncFrame): void {
    const bytes = guildFrameCodec.encode({ t: "content", body: contentSyncCodec.encode(frame) });
    this.step(name, { type: "FrameReceived", device: from.id, frame: bytes });
  }

  /** `goalMs` of the median, `null` where there is none. */
  print(figure: string, name: string, goalMs: number | null): void {
    const times = this.times.get(name)!;
    const ours = median(times);
    const goal = goalMs === null ? {} : { goal: `< ${goalMs} ms`, met: ours < goalMs };
    printFigure({ figure: `${figure}, median`, ours, unit: "ms", ...goal });
    if (times.length < 2) return;
    printFigure({ figure: `${figure}, 9th of 10`, ours: quantile(times, 0.9), unit: "ms" });
    printFigure({ figure: `${figure}, largest`, ours: Math.max(...times), unit: "ms" });
  }
}

/** An op that follows all that the device knows comes in answer to its want; the heads before it are not timed. */
function opCame(us: Timed, from: LocalDevice, name: string, body: OpBody): void {
  const { log } = us.state;
  const own = [...log.ops.values()].findLast(({ op }) => op.device === from.id)!;
  const parents = [...log.heads].filter((id) => id !== own.id);
  const at = { guild: log.guild, device: from.id, previous: own.id, parents, seq: own.op.seq + 1 };
  const bytes = signOp(from.signing, at, body);
  us.log("heads", from, { t: "heads", ids: [must(decodeOp(bytes)).id] });
  const want = us.state.peers.get(from.id)!.log;
  us.log(name, from, { t: "ops", number: want.number, ops: [bytes] });
  if (us.state.log.ops.size === log.ops.size) throw new Error("the op did not come");
}

export async function benchLive(): Promise<void> {
  const env = envOf(77);
  const name = `guild of ${OPS} ops, ${MEMBERS} members, ${CHANNELS} channels, ${CONTENTS} contents`;
  const town = joinTown(CHANNELS, MEMBERS, OPS);
  const [self, ...others] = town.people.slice(1, 2 + WRITERS);
  const channel = town.channels[0]!;
  const writers = others.map((device) => new Writer(device, channel));
  const { store } = livedTown(town, writers, CONTENTS, env);

  const before = usedBytes();
  const loads: number[] = [];
  const load = async () => {
    const startMs = performance.now();
    const loaded = await loadGuild(store, town.guild, self!, { nowMs: START_MS });
    loads.push(performance.now() - startMs);
    if (!loaded.ok) throw new Error(`${loaded.key}: ${loaded.reason}`);
    return loaded.value;
  };
  const us = new Timed(await load());
  const usedMB = (usedBytes() - before) / 1e6;
  for (let at = 1; at < LOADS; at++) await load();
  printFigure({
    figure: `${name}: start from the store`,
    ours: median(loads),
    unit: "ms",
    goal: "< 1000 ms",
    met: median(loads) < 1_000,
  });
  if (gc !== undefined) printFigure({ figure: `${name}: state after a start`, ours: usedMB, unit: "MB" });

  us.nowMs += LIVE.quietMs;
  us.step("first tick", { type: "Tick" });
  for (const device of others) us.step("link", { type: "Linked", device: device.id, isInvited: true });
  const [first] = others;
  us.content("all", first!, { t: "all", digest: new Uint8Array(16) });
  us.content("ask", first!, { t: "ask", number: 1, channel, from: 0 });
  us.content("want", first!, {
    t: "want",
    number: 2,
    channel,
    wants: others.map(({ id }) => ({ device: id, ranges: [{ from: 400, to: 402 }] })),
    ids: [],
  });
  us.print(`${name}: a link to a member opens`, "link", GOAL_MS);
  us.print(`${name}: the member says other digest of all`, "all", GOAL_MS);
  us.print(`${name}: the member asks what a channel has`, "ask", GOAL_MS);
  us.print(`${name}: the member wants content`, "want", GOAL_MS);

  us.step("first say", { type: "Say", channel, text: "hello", claims: NO_CLAIMS });
  for (let at = 0; at < RUNS; at++) {
    us.step("say", { type: "Say", channel, text: `text ${at}`, claims: NO_CLAIMS });
  }
  us.print(`${name}: a text said, which begins a chain`, "first say", GOAL_MS);
  us.print(`${name}: a text said`, "say", SMALL_GOAL_MS);

  const heads = [...us.state.log.heads];
  for (const { device, chain, nextSeq: next } of writers) {
    const body = guildKeysCodec.encode({ t: "chain", heads, next, distribution: exportSender(chain) });
    us.step("chain", { type: "ToldBy", device: device.id, message: guildToldCodec.encode({ t: "keys", body }) });
  }
  for (let at = 0; at < RUNS; at++) {
    const writer = writers[at % writers.length]!;
    const { plaintext, seq } = writer.write(heads[0]!, CONTENTS + at);
    const { envelopes: [envelope] } = writer.seal([plaintext], envOf(1000 + at));
    us.content("push", writer.device, { t: "push", channel, seq, envelope: envelope! });
  }
  us.print(`${name}: a chain is handed to us`, "chain", GOAL_MS);
  us.print(`${name}: a text comes`, "push", SMALL_GOAL_MS);

  const keeper = others[0]!;
  for (let at = 0; at < RUNS; at++) opCame(us, keeper, "op", { t: "settings", name: `town ${at}`, icon: null });
  us.print(`${name}: an op comes`, "op", SMALL_GOAL_MS);
  for (let at = 0; at < RUNS; at++) {
    const { user } = town.people[100 + at]!;
    const subject = { t: "member", user } as const;
    opCame(us, keeper, "readers op", {
      t: "channel.override",
      channel,
      subject,
      allow: [],
      deny: at % 2 === 0 ? ["view"] : [],
    });
  }
  us.print(`${name}: an op comes that changes who reads`, "readers op", GOAL_MS);
  for (let at = 0; at < 5; at++) {
    opCame(us, keeper, "removal", { t: "remove", user: town.people[500 + at]!.user, seen: [] });
  }
  us.print(`${name}: an op comes that removes somebody`, "removal", GOAL_MS);
  for (let at = 0; at < 5; at++) {
    us.step("act", { type: "Act", body: { t: "settings", name: `our town ${at}`, icon: null } });
  }
  us.print(`${name}: an op of ours`, "act", GOAL_MS);
}

if (import.meta.main) await benchLive();
