/** A guild for tests: people by name who make ops on whatever they choose to have seen. Signatures are left out. */
import { sha256 } from "../../core/crypto/kdf.ts";
import { GUILD_ACTIONS } from "../../core/access/capability.ts";
import { explain } from "../../core/guild/explain.ts";
import { Hindsight } from "../../core/guild/hindsight.ts";
import { resolve } from "../../core/guild/resolve.ts";
import type { Rule } from "../../core/guild/rule.ts";
import { type Rulings, VOID } from "../../core/guild/rulings.ts";
import { stateOf } from "../../core/guild/state.ts";
import {
  type DeviceId,
  deviceId,
  fromHex,
  type GuildId,
  guildOfOp,
  type OpId,
  type RoleId,
  roleOfOp,
  type UserId,
  userId,
} from "../../core/ids.ts";
import type { LoggedOp } from "../../core/log/log.ts";
import { linksOf, opIdOf } from "../../core/log/signedOp.ts";
import type { Capability } from "../../core/wire/guildCapability.ts";
import { type Op, OP_VERSION, opCodec } from "../../core/wire/op.ts";
import { encodeOpBody, type OpBody } from "../../core/wire/opBody.ts";
import { utf8 } from "../../core/wire/text.ts";
import { must } from "./world.ts";

const users = new Map<string, UserId>();
const devices = new Map<string, DeviceId>();

function remembered<Id>(ids: Map<string, Id>, name: string, make: () => Id): Id {
  const id = ids.get(name) ?? make();
  ids.set(name, id);
  return id;
}

const digest = (name: string) => sha256(utf8(name));
export const userNamed = (name: string): UserId => remembered(users, name, () => must(userId(digest(`user ${name}`))));
/** "ann" or "ann 2" and so on, of one person. */
export const deviceNamed = (name: string): DeviceId =>
  remembered(devices, name, () => must(deviceId(digest(`device ${name}`))));
/** From now on the name is that of a device that has keys, for tests that seal and sign. */
export const standsFor = (name: string, device: DeviceId): void => void devices.set(name, device);
const personOf = (device: string): string => device.split(" ")[0]!;

export const everywhere = (...actions: readonly string[]): readonly Capability[] =>
  actions.map((action) => ({ action, channel: null }));

export const ALL_ACTIONS: readonly Capability[] = everywhere(...GUILD_ACTIONS, "view", "send", "attach");

/** Devices with a later number are younger. */
const certificateOf = (device: string) => ({
  user: fromHex(userNamed(personOf(device))),
  device: fromHex(deviceNamed(device)),
  dh: new Uint8Array(32),
  createdAtMs: Number(device.split(" ")[1] ?? 1),
  signature: new Uint8Array(64),
});

export interface Making {
  /** What the author says that it has seen; all that there is if left out. */
  readonly on?: readonly LoggedOp[];
  /** For equivocation: the device's op before, if it is not its latest in what it has seen. */
  readonly previous?: LoggedOp;
  readonly type?: string;
  readonly v?: number;
}

export class GuildStage {
  readonly ops: LoggedOp[] = [];
  private readonly byId = new Map<OpId, LoggedOp>();
  readonly guild: GuildId;
  readonly genesis: LoggedOp;

  constructor(founder: string, everyone: readonly Capability[] = everywhere("view", "send")) {
    const body = { t: "genesis", name: "guild", certificate: certificateOf(founder), everyone } as const;
    this.genesis = this.place(founder, body, { guild: null, previous: null, parents: [], seq: 1 }, {});
    this.guild = guildOfOp(this.genesis.id);
  }

  /** The op of a device, introduced first if nobody has seen it. */
  make(device: string, body: OpBody, making: Making = {}): LoggedOp {
    const seen = making.on ?? this.heads();
    const previous = making.previous ?? this.latestOf(device, seen);
    if (previous === null && body.t !== "device" && body.t !== "redeem") {
      const first = this.introduce(device, seen);
      return this.make(device, body, { ...making, on: [first] });
    }
    const parents = [...new Set(seen.map(({ id }) => id))].filter((id) => id !== previous?.id).sort();
    const seq = (previous?.op.seq ?? 0) + 1;
    return this.place(device, body, { guild: this.guild, previous: previous?.id ?? null, parents, seq }, making);
  }

  introduce(device: string, on = this.heads()): LoggedOp {
    return this.make(device, { t: "device", certificate: certificateOf(device) }, { on });
  }

  redeem(device: string, invite: LoggedOp, making: Making = {}): LoggedOp {
    const key = invite.body.t === "invite" ? invite.body.key : new Uint8Array(32);
    const proof = new Uint8Array(64);
    return this.make(
      device,
      { t: "redeem", invite: invite.id, key, proof, certificate: certificateOf(device) },
      making,
    );
  }

  role(author: string, rank: number, capabilities: readonly Capability[], making: Making = {}): RoleId {
    return roleOfOp(this.make(author, { t: "role.create", name: `rank ${rank}`, rank, capabilities }, making).id);
  }

  grant(author: string, role: RoleId, user: string, making: Making = {}): LoggedOp {
    return this.make(author, { t: "role.grant", role, user: userNamed(user) }, making);
  }

  heads(): readonly LoggedOp[] {
    const followed = new Set(this.ops.flatMap(({ op }) => linksOf(op)));
    return this.ops.filter(({ id }) => !followed.has(id));
  }

  past(of: readonly LoggedOp[]): ReadonlySet<LoggedOp> {
    const past = new Set<LoggedOp>();
    const left = [...of];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (past.has(next)) continue;
      past.add(next);
      for (const id of linksOf(next.op)) left.push(this.byId.get(id)!);
    }
    return past;
  }

  resolve(): Rulings {
    return resolve(this.ops);
  }

  hindsight(): Hindsight {
    const rulings = this.resolve();
    return new Hindsight(rulings, stateOf(rulings));
  }

  /** What became of an op. */
  ruleOf(op: LoggedOp): Rule {
    return explain(this.resolve(), op.id).rule;
  }

  levelOf(op: LoggedOp): number {
    const { levels, history } = this.resolve();
    return levels[history.placeOf.get(op.id)!] ?? VOID;
  }

  private latestOf(device: string, seen: readonly LoggedOp[]): LoggedOp | null {
    const id = deviceNamed(device);
    let latest: LoggedOp | null = null;
    for (const one of this.past(seen)) {
      if (one.op.device === id && (latest === null || one.op.seq > latest.op.seq)) latest = one;
    }
    return latest;
  }

  private place(
    device: string,
    body: OpBody,
    at: Pick<Op, "guild" | "previous" | "parents" | "seq">,
    { type, v }: Making,
  ): LoggedOp {
    const op: Op = {
      ...at,
      v: v ?? OP_VERSION,
      device: deviceNamed(device),
      type: type ?? body.t,
      body: encodeOpBody(body),
    };
    const bytes = opCodec.encode(op);
    const id = opIdOf(bytes);
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    const isKnown = op.type === body.t && op.v === OP_VERSION;
    const depth = 1 + Math.max(-1, ...linksOf(op).map((link) => this.byId.get(link)!.depth));
    const logged = {
      id,
      op,
      body: isKnown ? body : { t: "unknown" },
      author: userNamed(personOf(device)),
      deviceCreatedAtMs: certificateOf(device).createdAtMs,
      bytes,
      depth,
    } as LoggedOp;
    this.byId.set(id, logged);
    this.ops.push(logged);
    return logged;
  }
}
