/** The ops of a history by what they speak of. Nothing here says whether an op is valid. */
import { type DeviceId, everyoneOf, guildOfOp, type OpId, type RoleId, roleOfOp, type UserId } from "../ids.ts";
import type { History } from "../log/history.ts";
import type { LoggedOp } from "../log/log.ts";
import type { BodyOf, OpType } from "../wire/opBody.ts";

/** An op of a known type with its place in the history. */
export type Fact<T extends OpType = OpType> = FactOf<BodyOf<T>>;

interface FactOf<B> {
  readonly place: number;
  readonly logged: LoggedOp;
  readonly body: B;
}

type Index<Key, T extends OpType> = (key: Key) => readonly Fact<T>[];
export type Definition = Fact<"genesis" | "role.create" | "role.change" | "role.delete">;
export type Departure = Fact<"remove" | "ban" | "leave">;

export interface Facts {
  readonly everyone: RoleId;
  /** Ops that carry the certificate of the device: more than one where it equivocated at once. */
  readonly introductions: Index<DeviceId, "genesis" | "device" | "redeem">;
  readonly transfers: readonly Fact<"transfer">[];
  readonly deviceRevocations: readonly Fact<"device.revoke">[];
  readonly admissions: Index<UserId, "genesis" | "add" | "redeem" | "role.grant" | "transfer">;
  readonly departures: Index<UserId, "remove" | "ban" | "leave">;
  readonly bans: Index<UserId, "ban">;
  readonly unbans: Index<UserId, "unban">;
  readonly grants: Index<UserId, "role.grant">;
  readonly losses: Index<UserId, "role.revoke">;
  readonly definitions: Index<RoleId, "genesis" | "role.create" | "role.change" | "role.delete">;
  readonly revocationsOf: Index<DeviceId, "device.revoke">;
  readonly reinstatements: Index<DeviceId, "device.reinstate">;
  readonly inviteRevocations: Index<OpId, "invite.revoke">;
  readonly redemptions: Index<OpId, "redeem">;
  /** [GLD15] Places of the ops of a device that bear one number, where there are several. */
  readonly equivocations: ReadonlyMap<DeviceId, ReadonlyMap<number, readonly number[]>>;
  readonly all: readonly Fact[];
}

class Table<T extends OpType> {
  private readonly rows = new Map<string, Fact<T>[]>();

  readonly get = (key: string): readonly Fact<T>[] => this.rows.get(key) ?? [];

  put(key: string, fact: Fact): void {
    const row = this.rows.get(key);
    if (row === undefined) this.rows.set(key, [fact as unknown as Fact<T>]);
    else row.push(fact as unknown as Fact<T>);
  }
}

export function factsOf({ ops }: History): Facts {
  const everyone = everyoneOf(guildOfOp(ops[0]!.id));
  const tables = {
    introductions: new Table<"genesis" | "device" | "redeem">(),
    admissions: new Table<"genesis" | "add" | "redeem" | "role.grant" | "transfer">(),
    departures: new Table<"remove" | "ban" | "leave">(),
    bans: new Table<"ban">(),
    unbans: new Table<"unban">(),
    grants: new Table<"role.grant">(),
    losses: new Table<"role.revoke">(),
    definitions: new Table<"genesis" | "role.create" | "role.change" | "role.delete">(),
    revocationsOf: new Table<"device.revoke">(),
    reinstatements: new Table<"device.reinstate">(),
    inviteRevocations: new Table<"invite.revoke">(),
    redemptions: new Table<"redeem">(),
  };
  const all: Fact[] = [];
  for (const [place, logged] of ops.entries()) {
    const { body } = logged;
    if (body.t === "unknown") continue;
    const fact: Fact = { place, logged, body };
    all.push(fact);
    for (const [table, key] of entriesOf(fact, everyone)) tables[table].put(key, fact);
  }
  const get = Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, table.get]));
  return {
    ...get as { [K in keyof typeof tables]: (typeof tables)[K]["get"] },
    everyone,
    all,
    transfers: only(all, "transfer"),
    deviceRevocations: only(all, "device.revoke"),
    equivocations: equivocationsIn(ops),
  };
}

/** Those of one type, in their order. */
export const only = <T extends OpType>(facts: readonly Fact[], type: T): readonly Fact<T>[] =>
  facts.filter(({ body }) => body.t === type) as unknown as readonly Fact<T>[];

type TableName =
  | "introductions"
  | "admissions"
  | "departures"
  | "bans"
  | "unbans"
  | "grants"
  | "losses"
  | "definitions"
  | "revocationsOf"
  | "reinstatements"
  | "inviteRevocations"
  | "redemptions";

function entriesOf(
  { logged: { id, author, op: { device } }, body }: Fact,
  everyone: RoleId,
): readonly (readonly [TableName, string])[] {
  switch (body.t) {
    case "genesis":
      return [["admissions", author], ["definitions", everyone], ["introductions", device]];
    case "device":
      return [["introductions", device]];
    case "add":
    case "transfer":
      return [["admissions", body.user]];
    case "redeem":
      return [["admissions", author], ["redemptions", body.invite], ["introductions", device]];
    case "role.grant":
      return [["admissions", body.user], ["grants", body.user]];
    case "role.revoke":
      return [["losses", body.user]];
    case "remove":
      return [["departures", body.user]];
    case "ban":
      return [["departures", body.user], ["bans", body.user]];
    case "leave":
      return [["departures", author]];
    case "unban":
      return [["unbans", body.user]];
    case "role.create":
      return [["definitions", roleOfOp(id)]];
    case "role.change":
    case "role.delete":
      return [["definitions", body.role]];
    case "device.revoke":
      return [["revocationsOf", body.device]];
    case "device.reinstate":
      return [["reinstatements", body.device]];
    case "invite.revoke":
      return [["inviteRevocations", body.invite]];
    default:
      return [];
  }
}

/** A revocation of a device of one's own can be repeated without harm, so it is never one side of an equivocation. */
function equivocationsIn(ops: readonly LoggedOp[]): ReadonlyMap<DeviceId, ReadonlyMap<number, readonly number[]>> {
  const byDevice = new Map<DeviceId, Map<number, number[]>>();
  for (const [place, { op, body }] of ops.entries()) {
    if (body.t === "device.revoke") continue;
    const bySeq = byDevice.get(op.device) ?? new Map<number, number[]>();
    byDevice.set(op.device, bySeq);
    bySeq.set(op.seq, [...bySeq.get(op.seq) ?? [], place]);
  }
  for (const [device, bySeq] of byDevice) {
    for (const [seq, places] of bySeq) if (places.length < 2) bySeq.delete(seq);
    if (bySeq.size === 0) byDevice.delete(device);
  }
  return byDevice;
}
