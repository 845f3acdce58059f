/** A guild as it may have lived: people who come, act at once with others, are removed, and some who do what they may not. */
import { sha256 } from "../../core/crypto/kdf.ts";
import {
  channelOfOp,
  deviceId,
  type GuildId,
  guildOfOp,
  type OpId,
  opId,
  type RoleId,
  roleOfOp,
} from "../../core/ids.ts";
import { type ChannelId, type UserId, userId } from "../../core/ids.ts";
import type { LoggedOp } from "../../core/log/log.ts";
import { linksOf } from "../../core/log/signedOp.ts";
import type { OpBody } from "../../core/wire/opBody.ts";
import { utf8 } from "../../core/wire/text.ts";
import { dice } from "../property/guildWorld.ts";
import { ALL_ACTIONS, everywhere } from "../support/guild.ts";
import { inviteBody } from "../support/invite.ts";
import { must } from "../support/world.ts";

const RANKS = [1, 2, 3, 5, 8, 13, 21, 34];
const MODERATORS = 24;
/** Heads that were, for those who have not heard of the latest. */
const REMEMBERED = 600;
const KEY = new Uint8Array(32);

const named = (name: string): UserId => must(userId(sha256(utf8(name))));
const certificate = { user: KEY, device: KEY, dh: KEY, createdAtMs: 1, signature: new Uint8Array(64) };

export class GuildLife {
  readonly ops: LoggedOp[] = [];
  private readonly byId = new Map<OpId, LoggedOp>();
  private readonly last = new Map<UserId, LoggedOp>();
  private readonly roll: (n: number) => number;
  private readonly guild: GuildId;
  private readonly people: UserId[] = [];
  private readonly roles: RoleId[] = [];
  private readonly channels: ChannelId[] = [];
  private readonly invites: OpId[] = [];
  private heads: readonly OpId[] = [];
  private past: (readonly OpId[])[] = [];

  /** `away`: how many of the latest ops half of the authors may not have heard of. */
  constructor(seed: number, private readonly away = 6) {
    this.roll = dice(seed);
    const founder = named("0");
    const everyone = everywhere("view", "send", "invite");
    this.guild = guildOfOp(this.put(founder, { t: "genesis", name: "guild", certificate, everyone }, []).id);
    this.people.push(founder);
    for (const rank of RANKS) {
      const body = { t: "role.create", name: "role", rank, capabilities: ALL_ACTIONS } as const;
      this.roles.push(roleOfOp(this.say(founder, body).id));
    }
    this.invites.push(this.say(founder, inviteBody()).id);
    for (let i = 0; i < MODERATORS; i++) {
      const user = this.join();
      this.say(founder, { t: "role.grant", role: this.roles[i % RANKS.length]!, user });
    }
  }

  live(count: number): readonly LoggedOp[] {
    while (this.ops.length < count) this.step();
    return this.ops.slice(0, count);
  }

  /** By the founder, who has seen all. */
  settings(name: string): LoggedOp {
    return this.say(this.people[0]!, { t: "settings", name, icon: null });
  }

  private pick<T>(from: readonly T[]): T {
    return from[this.roll(from.length)]!;
  }

  private join(behind = 0): UserId {
    const user = named(`${this.people.length}`);
    this.people.push(user);
    this.say(user, { t: "redeem", invite: this.pick(this.invites), key: KEY, proof: KEY, certificate }, behind);
    return user;
  }

  private step(): void {
    const luck = this.roll(1000);
    // Half know all there is, some have been away for a while, a few for long or pretend so.
    const behind = luck < 500
      ? 0
      : luck < 950
      ? this.roll(this.away)
      : luck < 998
      ? this.roll(40)
      : this.roll(REMEMBERED);
    if (this.roll(100) < 12) return void this.join(behind);
    const moderator = this.people[1 + this.roll(MODERATORS)]!;
    const author = this.roll(100) < 6 ? this.pick(this.people) : this.roll(100) < 15 ? this.people[0]! : moderator;
    const made = this.say(author, this.body(author), behind);
    if (made.body.t === "channel.create") this.channels.push(channelOfOp(made.id));
    if (made.body.t === "invite") this.invites.push(made.id);
  }

  private body(author: UserId): OpBody {
    const luck = this.roll(100);
    const user = this.people[Math.min(this.people.length - 1, 1 + MODERATORS + this.roll(this.people.length))]!;
    const channel = this.channels.length === 0 ? null : this.pick(this.channels);
    if (channel === null || luck < 3) return { t: "channel.create", name: "channel", kind: "text" };
    if (luck < 25) return { t: "channel.change", channel, name: "c", topic: "", position: 1, history: "none" };
    if (luck < 45) return { t: "channel.override", channel, subject: { t: "member", user }, allow: ["view"], deny: [] };
    if (luck < 55) return inviteBody({ maxUses: 100 });
    if (luck < 65) return { t: "settings", name: "guild", icon: null };
    if (luck < 82) return { t: "role.grant", role: this.roles.at(-1)!, user };
    if (luck < 88) return { t: "role.revoke", role: this.roles.at(-1)!, user };
    if (luck < 90) return { t: "invite.revoke", invite: this.pick(this.invites) };
    if (luck < 91) {
      return { t: "role.change", role: this.roles.at(-1)!, name: "r", rank: 34, capabilities: ALL_ACTIONS };
    }
    if (luck < 94) return { t: "ban", user: this.roll(10) === 0 ? author : user, seen: [] };
    return luck < 97 ? { t: "remove", user, seen: [] } : { t: "unban", user };
  }

  /** `behind`: so many of the latest ops the author has not seen. */
  private say(author: UserId, body: OpBody, behind = 0): LoggedOp {
    return this.put(author, body, behind === 0 ? this.heads : this.past.at(-behind) ?? this.heads);
  }

  private put(author: UserId, body: OpBody, seen: readonly OpId[]): LoggedOp {
    const previous = this.last.get(author) ?? null;
    const parents = seen.filter((id) => id !== previous?.id).slice(-16).sort();
    const op = {
      v: 1,
      guild: this.guild ?? null,
      device: must(deviceId(sha256(utf8(author)))),
      previous: previous?.id ?? null,
      parents,
      seq: (previous?.op.seq ?? 0) + 1,
      type: body.t,
      body: KEY,
    };
    const depth = 1 + Math.max(-1, ...linksOf(op).map((id) => this.byId.get(id)!.depth));
    const id = must(opId(sha256(utf8(`op ${this.ops.length}`))));
    const logged = { id, op, body, author, deviceCreatedAtMs: 1, bytes: KEY, depth } as unknown as LoggedOp;
    this.byId.set(id, logged);
    this.ops.push(logged);
    this.last.set(author, logged);
    this.past = [...this.past.slice(1 - REMEMBERED), this.heads];
    this.heads = [...this.heads.filter((head) => !linksOf(op).includes(head)), id];
    return logged;
  }
}
