/** What must hold of a simulated guild, all along and in the end. A broken one throws, and the run names its seed. */
import type { LiveEvent, LiveGuild } from "../../../core/guild/live/index.ts";
import { isForked } from "../../../core/guild/contentChain.ts";
import { currentDeals, knownDeals } from "../../../core/guild/join/deals.ts";
import { judgeChain } from "../../../core/guild/judgeChain.ts";
import { contentsOf } from "../../../core/guild/live/view.ts";
import { openResolver } from "../../../core/guild/resolver.ts";
import { type GuildState, may, stateOf } from "../../../core/guild/state.ts";
import type { LoggedOp } from "../../../core/log/log.ts";
import { linksOf } from "../../../core/log/signedOp.ts";
import { resolve } from "../../../core/guild/resolve.ts";
import type { ChannelId, ContentId, OpId } from "../../../core/ids.ts";
import { VOID } from "../../../core/guild/rulings.ts";
import { BrokenInvariant } from "../invariants.ts";
import type { GuildNode } from "./node.ts";
import { type Place, readersOpenOnly, removedOpenNothing, type Written } from "./secrecy.ts";

function check(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new BrokenInvariant(sentence);
}

export class GuildInvariants {
  saidCount = 0;
  /** How many times somebody was in the world who was not to open something. */
  withheldCount = 0;
  /** What honest devices have taken to be said, by the device. */
  private readonly typed = new Map<GuildNode, { readonly channel: ChannelId; readonly text: string }[]>();
  /** All content that an honest device has sealed, and committed. */
  private readonly written = new Map<ContentId, Written>();

  private looked: { readonly opCount: number; readonly guild: GuildState } | null = null;

  /** `nodes` are the honest ones. */
  constructor(readonly nodes: GuildNode[], readonly all: GuildNode[]) {}

  stepped(node: GuildNode, event: LiveEvent, before: LiveGuild): void {
    if (!this.nodes.includes(node)) return;
    const { state } = node;
    if (event.type === "Say") this.heard(node, before, event);
    if (state.channels !== before.channels) this.wrote(node, before);
    check(state.log.ops.size >= before.log.ops.size, `${node.name} forgot ops`);
  }

  /** What was typed is in the store, or refused to the person's face. */
  private heard(node: GuildNode, before: LiveGuild, event: Extract<LiveEvent, { type: "Say" }>): void {
    const isKept = node.state.unsaid.size > before.unsaid.size ||
      node.state.channels.get(event.channel) !== before.channels.get(event.channel);
    if (!isKept || event.text === null) return;
    this.saidCount++;
    this.typed.set(node, [...this.typed.get(node) ?? [], { channel: event.channel, text: event.text }]);
  }

  private wrote(node: GuildNode, before: LiveGuild): void {
    const own = node.device.id;
    for (const [channel, { shelf }] of node.state.channels) {
      const now = shelf.get(own);
      const then = before.channels.get(channel)?.shelf.get(own);
      if (now === undefined || now === then) continue;
      for (const { id, content, chain, index } of now.kept.after(then?.kept.size ?? 0)) {
        if (this.written.has(id)) continue;
        const readers = node.state.ruled.readers.get(channel) ?? new Set();
        const { seq, heads } = content;
        this.written.set(id, { channel, device: own, chain, index, author: node, seq, heads, readers });
      }
    }
  }

  /** As whoever sees the ciphertext knows it. */
  get places(): readonly Place[] {
    return [...this.written.values()];
  }

  /** Honest devices that are members' by all ops there are: who is removed may never hear of it, and go on. */
  members(): readonly GuildNode[] {
    const { members } = this.byAllOps();
    return this.nodes.filter(({ device }) => members.get(device.user)?.devices.has(device.id) === true);
  }

  private byAllOps(): GuildState {
    const known = new Map<OpId, LoggedOp>();
    for (const { state: { log: { ops, parked } } } of this.nodes) {
      for (const one of [...ops.values(), ...parked.values()]) known.set(one.id, one);
    }
    if (this.looked?.opCount === known.size) return this.looked.guild;
    const whole = new Map<OpId, LoggedOp>();
    for (const one of [...known.values()].sort((a, b) => a.depth - b.depth)) {
      if (linksOf(one.op).every((id) => whole.has(id))) whole.set(one.id, one);
    }
    const guild = stateOf(openResolver(whole.values()).rulings);
    this.looked = { opCount: known.size, guild };
    return guild;
  }

  removedCount(): number {
    return this.nodes.length - this.members().length;
  }

  /** In what the honest members do not agree yet; `null` when they do. */
  difference(): string | null {
    const members = this.members();
    const [first] = members;
    if (first === undefined) return null;
    for (const node of members) {
      if (counting(node) !== counting(first)) return `${node.name} and ${first.name} differ in what counts`;
    }
    for (const [id, written] of this.written) {
      // Whoever is gone, or may not read there any more, has nobody to give to what nobody had.
      const isThere = members.some((node) => reads(node, written.channel) && has(node, written.channel, id));
      if (!isThere) continue;
      const reader = members.find((node) => this.shouldHave(node, written) && !has(node, written.channel, id));
      if (reader !== undefined) return `${reader.name} lacks content ${id} of ${written.author.name}`;
    }
    const names = new Map(members.map((node) => [profilesOf(node), node.name]));
    return names.size > 1 ? `${[...names.values()].join(" and ")} know others by other names` : null;
  }

  /** Who reads the channel now, and read it to the author then or is given what was said before. */
  private shouldHave(node: GuildNode, { channel, readers }: Written): boolean {
    const { device, state: { ruled } } = node;
    if (!reads(node, channel)) return false;
    return readers.has(device.id) || ruled.guild.channels.get(channel)!.history === "archive";
  }

  /** What must hold when they agree. */
  converged(): void {
    this.ruledAsPlain();
    this.nothingTyped();
    removedOpenNothing(this.members()[0]!, this.all, this.written);
    this.withheldCount = readersOpenOnly(this.members()[0]!, this.all, this.written);
    this.removedKnowNoSecret();
    this.judgedAlike();
  }

  /** Who is gone finds the guild no more, and opens no page of its log. */
  private removedKnowNoSecret(): void {
    const members = this.members();
    const current = new Set(members.flatMap(({ state }) => currentDeals(state.deals).map(({ id }) => id)));
    const { guild } = members[0]!.state.ruled;
    for (const { name, state } of members) {
      check(currentDeals(state.deals).length > 0, `${name} has no secret of the guild`);
    }
    for (const { name, device, state } of this.all) {
      if (guild.members.get(device.user)?.devices.has(device.id)) continue;
      check(
        !knownDeals(state.deals).some((id) => current.has(id)),
        `${name}, who is gone, knows a secret of the guild`,
      );
    }
  }

  /** [CNT9] Who has the same ops and the same chain says the same of it, but for what was confirmed. */
  private judgedAlike(): void {
    const said = new Map<string, string>();
    for (const { name, state } of this.members()) {
      for (const [channel, { shelf }] of state.channels) {
        for (const [device, { kept, chain }] of shelf) {
          const key = `${channel}/${device}/${[...kept.keys()].sort().join()}`;
          const contents = [...kept.values()].map(({ id, content }) => ({
            id,
            content,
            isConfirmed: false,
            isForked: isForked(chain, content.seq),
          }));
          const rules = judgeChain(state.ruled.hindsight, contents, chain.here);
          const verdicts = [...rules].map(([id, rule]) => `${id} ${rule}`).sort().join();
          check((said.get(key) ?? verdicts) === verdicts, `${name} judges content of ${device} unlike others`);
          said.set(key, verdicts);
        }
      }
    }
  }

  private ruledAsPlain(): void {
    const [first] = this.members();
    const plain = resolve([...first!.state.log.ops.values()]);
    const { levels, history } = first!.state.ruled.resolver.rulings;
    for (const [place, { id }] of plain.history.ops.entries()) {
      check(levels[history.placeOf.get(id)!] === plain.levels[place], `the resolvers differ on op ${id}`);
    }
    for (const { name, state } of this.members()) {
      check(state.ruled.guild.members.size === first!.state.ruled.guild.members.size, `${name} has other members`);
    }
  }

  /** What a person typed is sealed, unless they may not say it any more, and is lost by no crash. */
  private nothingTyped(): void {
    for (const node of this.members()) {
      const { name, state } = node;
      check(state.quietUntilMs === null, `${name} is still catching up`);
      for (const { channel, text } of state.unsaid.values()) {
        const isMute = !reads(node, channel) || !may(state.ruled.guild, node.device.user, "send", channel) ||
          state.ruled.guild.equivocators.has(node.device.id);
        check(isMute, `${name} has not said "${text}" and may`);
      }
      if (!node.wasSetBack) this.nothingLost(node);
    }
  }

  private nothingLost(node: GuildNode): void {
    const { name, device, state } = node;
    const waiting = new Set([...state.unsaid.values()].map(({ text }) => text));
    for (const { channel, text } of this.typed.get(node) ?? []) {
      const isSaid = contentsOf(state, channel).some((one) => one.content.device === device.id && one.text === text);
      check(isSaid || waiting.has(text), `${name} has lost "${text}"`);
    }
  }
}

const profilesOf = ({ state: { profiles } }: GuildNode): string =>
  [...profiles.records].map(([user, { digest }]) => `${user} ${digest}`).sort().join();

/** [LOG10] Of what is void and nobody builds upon, one may have what another has no room for. */
function counting({ state: { ruled: { resolver: { rulings: { history, levels } } } } }: GuildNode): string {
  return history.ops.flatMap(({ id }, place) => levels[place] === VOID ? [] : [`${id} ${levels[place]}`]).sort().join();
}

const reads = ({ device, state: { ruled } }: GuildNode, channel: ChannelId): boolean =>
  ruled.readers.get(channel)?.has(device.id) === true;

const has = (node: GuildNode, channel: ChannelId, id: ContentId): boolean =>
  [...node.state.channels.get(channel)?.shelf.values() ?? []].some(({ kept }) => kept.has(id));
