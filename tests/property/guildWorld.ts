/** Random guilds full of quarrels: people of several ranks who lie about what they have seen, backdate and equivocate. */
import { CHANNEL_ACTIONS, GUILD_ACTIONS } from "../../core/access/capability.ts";
import { type ChannelId, channelOfOp, type RoleId, roleOfOp } from "../../core/ids.ts";
import { GUILD } from "../../core/limits.ts";
import type { LoggedOp } from "../../core/log/log.ts";
import type { OpBody } from "../../core/wire/opBody.ts";
import { ALL_ACTIONS, deviceNamed, everywhere, GuildStage, userNamed } from "../support/guild.ts";
import { inviteBody } from "../support/invite.ts";

/** mulberry32: whole numbers below `n`. */
export function dice(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = state + 0x6d2b79f5 >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) % n;
  };
}

export const PEOPLE = ["fay", "ann", "max", "mia", "hal", "pip"] as const;
const OUTSIDERS = ["eve", "zoe"] as const;
const RANKS = [1, 2, 3, 5, 8] as const;

export class QuarrelWorld {
  readonly stage: GuildStage;
  readonly roll: (n: number) => number;
  private readonly roles: RoleId[] = [];
  private readonly channels: ChannelId[] = [];
  private readonly invites: LoggedOp[] = [];

  constructor(seed: number) {
    this.roll = dice(seed);
    this.stage = new GuildStage("fay", everywhere("view", "send", ...this.chance(50) ? ["invite"] : []));
    for (const rank of RANKS) {
      this.roles.push(this.stage.role("fay", rank, this.chance(80) ? ALL_ACTIONS : this.some()));
    }
    for (const [at, name] of PEOPLE.slice(1).entries()) {
      if (this.chance(85)) this.stage.grant("fay", this.roles[Math.min(at, 4)]!, name);
      else this.stage.make("fay", { t: "add", user: userNamed(name) });
    }
    for (const name of PEOPLE.slice(1)) this.stage.introduce(name);
  }

  /** `count` ops; those of `authors` only, where any are named. */
  run(count: number, authors: readonly string[] = [...PEOPLE, ...PEOPLE, ...OUTSIDERS]): void {
    for (let i = 0; i < count; i++) this.step(this.pick(authors));
  }

  /** One op on top of all, as by somebody honest who knows everything. */
  orderly(): LoggedOp {
    return this.act(this.pick(PEOPLE), this.stage.heads());
  }

  chance(percent: number): boolean {
    return this.roll(100) < percent;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.roll(from.length)]!;
  }

  private step(person: string): void {
    const { stage } = this;
    const device = this.chance(80) ? person : `${person} 2`;
    const on = this.chance(35) ? stage.heads() : this.glimpses();
    // A device that leaves out its own last op says two things under one number.
    const own = stage.ops.filter(({ op }) => op.device === deviceNamed(device)).at(-1);
    this.act(device, this.chance(85) && own !== undefined ? [...on, own] : on);
  }

  /** Some of the latest ops, now and then one from long ago. */
  private glimpses(): readonly LoggedOp[] {
    const { ops } = this.stage;
    return Array.from({ length: 1 + this.roll(3) }, () => this.pick(this.chance(80) ? ops.slice(-12) : ops));
  }

  private act(device: string, seen: readonly LoggedOp[]): LoggedOp {
    const on = this.withoutCovered(seen);
    if (this.invites.length > 0 && this.chance(12)) {
      return this.stage.redeem(this.fresh(device), this.pick(this.invites), { on });
    }
    const made = this.stage.make(device, this.body(device), { on });
    if (made.body.t === "role.create") this.roles.push(roleOfOp(made.id));
    if (made.body.t === "channel.create") this.channels.push(channelOfOp(made.id));
    if (made.body.t === "invite") this.invites.push(made);
    return made;
  }

  private fresh(device: string): string {
    return `${device.split(" ")[0]} ${3 + this.roll(1_000_000)}`;
  }

  private withoutCovered(seen: readonly LoggedOp[]): readonly LoggedOp[] {
    return seen.filter((one) => !seen.some((other) => other !== one && this.stage.past([other]).has(one)));
  }

  private some() {
    return everywhere(...[...GUILD_ACTIONS, ...CHANNEL_ACTIONS].filter(() => this.chance(45)));
  }

  /** Mostly on people and roles below: else nearly all would be refused. */
  private body(author: string): OpBody {
    const below = PEOPLE.slice(1 + PEOPLE.findIndex((name) => author.startsWith(name)));
    const user = userNamed(this.pick(below.length > 0 && this.chance(70) ? below : [...PEOPLE, ...OUTSIDERS]));
    const role = this.pick(this.chance(70) ? this.roles.slice(-Math.max(below.length, 1)) : this.roles);
    const channel = this.channels.length > 0 ? this.pick(this.channels) : this.stage.guild as string as ChannelId;
    const definition = { name: "role", rank: 1 + this.roll(9), capabilities: this.some() };
    const owner = this.chance(70) ? author.split(" ")[0] : this.pick(PEOPLE);
    const device = deviceNamed(`${owner}${this.chance(50) ? "" : " 2"}`);
    const removing: readonly OpBody[] = [
      { t: "remove", user, seen: [] },
      { t: "ban", user, seen: [] },
      { t: "role.revoke", role, user },
      { t: "role.change", role, ...definition },
      { t: "role.delete", role },
      { t: "device.revoke", device },
    ];
    const giving: readonly OpBody[] = [
      { t: "add", user },
      { t: "unban", user },
      { t: "role.grant", role, user },
      { t: "role.grant", role, user },
      { t: "role.create", ...definition },
      inviteBody({ maxUses: this.chance(50) ? 1 : null }),
      { t: "device.reinstate", device, seq: 1 + this.roll(6) },
    ];
    const other: readonly OpBody[] = [
      { t: "channel.create", name: "channel", kind: "text" },
      { t: "channel.change", channel, name: "c", topic: "", position: this.roll(9), history: "none" },
      { t: "channel.delete", channel },
      { t: "channel.override", channel, subject: { t: "role", role }, allow: ["view"], deny: ["send"] },
      { t: "settings", name: `name ${this.roll(100)}`, icon: null },
      { t: "leave" },
      { t: "role.change", role: this.stage.guild as string as RoleId, ...definition, rank: GUILD.noRank },
      { t: "invite.revoke", invite: (this.invites.at(-1) ?? this.stage.genesis).id },
      { t: "settings", name: `name ${this.roll(100)}`, icon: null },
    ];
    if (this.chance(1)) return { t: "transfer", user };
    return this.pick(this.chance(40) ? removing : this.chance(65) ? giving : other);
  }
}
