/** The ops of a history by what they speak of. Nothing here says whether an op is valid. */
import {
  type ChannelId,
  channelOfOp,
  type DeviceId,
  everyoneOf,
  guildOfOp,
  type OpId,
  type RoleId,
  roleOfOp,
  type UserId,
} from "../ids.ts";
import type { History } from "../log/history.ts";
import { Layered } from "../log/layered.ts";
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
  /** The same by the person. */
  readonly ownIntroductions: Index<UserId, "genesis" | "device" | "redeem">;
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
  readonly channelCreations: Index<ChannelId, "channel.create">;
  readonly channelChanges: Index<ChannelId, "channel.change">;
  readonly channelDeletions: Index<ChannelId, "channel.delete">;
  readonly channelRetentions: Index<ChannelId, "channel.retention">;
  readonly channelOverrides: Index<ChannelId, "channel.override">;
  /** [GLD15] Places of the ops of a device that bear one number, where there are several. */
  readonly equivocations: ReadonlyMap<DeviceId, ReadonlyMap<number, readonly number[]>>;
  readonly all: readonly Fact[];
  readonly index: FactIndex;
}

type Numbers = readonly (readonly number[] | undefined)[];
type Rows = Layered<string, readonly Fact[]>;

/** What the rows above are read from. */
interface FactIndex {
  readonly rows: Readonly<Record<TableName, Rows>>;
  /** Of each device, at each number, the places of its ops. */
  readonly numbers: Layered<DeviceId, Numbers>;
}

export function factsOf({ ops }: History): Facts {
  const everyone = everyoneOf(guildOfOp(ops[0]!.id));
  const rows = tablesFrom(() => new Map<string, Fact[]>());
  const numbers = new Map<DeviceId, (number[] | undefined)[]>();
  const all: Fact[] = [];
  for (const [place, logged] of ops.entries()) {
    if (isNumbered(logged)) pushNumber(numbers, logged, place);
    const { body } = logged;
    if (body.t === "unknown") continue;
    const fact: Fact = { place, logged, body };
    all.push(fact);
    for (const [table, key] of entriesOf(fact, everyone)) push(rows[table], key, fact);
  }
  let equivocations: Facts["equivocations"] = new Map();
  for (const places of [...numbers.values()].flat()) {
    if (places !== undefined && places.length > 1) {
      equivocations = withEquivocation(equivocations, ops[places[0]!]!, places);
    }
  }
  return {
    ...tablesOf({ rows: tablesFrom((table) => new Layered(rows[table])), numbers: new Layered(numbers) }),
    everyone,
    all,
    transfers: only(all, "transfer"),
    deviceRevocations: only(all, "device.revoke"),
    equivocations,
  };
}

/** Those of a history that has one op more, at its end. */
export function withFact(facts: Facts, { ops }: History): Facts {
  const place = ops.length - 1;
  const logged = ops[place]!;
  const { everyone } = facts;
  let { index: { numbers, rows }, equivocations, all } = facts;
  if (isNumbered(logged)) {
    const { device, seq } = logged.op;
    const known = numbers.get(device) ?? [];
    const places = [...known[seq] ?? [], place];
    const own = known.slice();
    own[seq] = places;
    numbers = numbers.with([[device, own]]);
    if (places.length > 1) equivocations = withEquivocation(equivocations, logged, places);
  }
  const { body } = logged;
  const added: readonly Fact[] = body.t === "unknown" ? [] : [{ place, logged, body }];
  for (const fact of added) {
    for (const [table, key] of entriesOf(fact, everyone)) {
      rows = { ...rows, [table]: rows[table].with([[key, [...rows[table].get(key) ?? [], fact]]]) };
    }
    all = [...all, fact];
  }
  return {
    ...tablesOf({ rows, numbers }),
    everyone,
    all,
    transfers: [...facts.transfers, ...only(added, "transfer")],
    deviceRevocations: [...facts.deviceRevocations, ...only(added, "device.revoke")],
    equivocations,
  };
}

function tablesOf(index: FactIndex) {
  const table = <Key extends string, T extends OpType>(name: TableName): Index<Key, T> => (key) =>
    (index.rows[name].get(key) ?? []) as unknown as readonly Fact<T>[];
  return {
    index,
    introductions: table<DeviceId, "genesis" | "device" | "redeem">("introductions"),
    admissions: table<UserId, "genesis" | "add" | "redeem" | "role.grant" | "transfer">("admissions"),
    departures: table<UserId, "remove" | "ban" | "leave">("departures"),
    bans: table<UserId, "ban">("bans"),
    unbans: table<UserId, "unban">("unbans"),
    grants: table<UserId, "role.grant">("grants"),
    losses: table<UserId, "role.revoke">("losses"),
    definitions: table<RoleId, "genesis" | "role.create" | "role.change" | "role.delete">("definitions"),
    revocationsOf: table<DeviceId, "device.revoke">("revocationsOf"),
    reinstatements: table<DeviceId, "device.reinstate">("reinstatements"),
    inviteRevocations: table<OpId, "invite.revoke">("inviteRevocations"),
    redemptions: table<OpId, "redeem">("redemptions"),
    ownIntroductions: table<UserId, "genesis" | "device" | "redeem">("ownIntroductions"),
    channelCreations: table<ChannelId, "channel.create">("channelCreations"),
    channelChanges: table<ChannelId, "channel.change">("channelChanges"),
    channelDeletions: table<ChannelId, "channel.delete">("channelDeletions"),
    channelRetentions: table<ChannelId, "channel.retention">("channelRetentions"),
    channelOverrides: table<ChannelId, "channel.override">("channelOverrides"),
  };
}

function pushNumber(numbers: Map<DeviceId, (number[] | undefined)[]>, { op }: LoggedOp, place: number): void {
  const own = numbers.get(op.device) ?? [];
  numbers.set(op.device, own);
  const places = own[op.seq];
  if (places === undefined) own[op.seq] = [place];
  else places.push(place);
}

function push<Value>(rows: Map<string, Value[]>, key: string, value: Value): void {
  const row = rows.get(key);
  if (row === undefined) rows.set(key, [value]);
  else row.push(value);
}

/** Those of one type, in their order. */
export const only = <T extends OpType>(facts: readonly Fact[], type: T): readonly Fact<T>[] =>
  facts.filter(({ body }) => body.t === type) as unknown as readonly Fact<T>[];

const TABLES = [
  "introductions",
  "admissions",
  "departures",
  "bans",
  "unbans",
  "grants",
  "losses",
  "definitions",
  "revocationsOf",
  "reinstatements",
  "inviteRevocations",
  "redemptions",
  "ownIntroductions",
  "channelCreations",
  "channelChanges",
  "channelDeletions",
  "channelRetentions",
  "channelOverrides",
] as const;

type TableName = (typeof TABLES)[number];

const tablesFrom = <Table>(make: (table: TableName) => Table): Record<TableName, Table> =>
  Object.fromEntries(TABLES.map((table) => [table, make(table)])) as Record<TableName, Table>;

function entriesOf(
  { logged: { id, author, op: { device } }, body }: Fact,
  everyone: RoleId,
): readonly (readonly [TableName, string])[] {
  switch (body.t) {
    case "genesis":
      return [["admissions", author], ["definitions", everyone], ["introductions", device], [
        "ownIntroductions",
        author,
      ]];
    case "device":
      return [["introductions", device], ["ownIntroductions", author]];
    case "add":
    case "transfer":
      return [["admissions", body.user]];
    case "redeem":
      return [
        ["admissions", author],
        ["redemptions", body.invite],
        ["introductions", device],
        ["ownIntroductions", author],
      ];
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
    case "channel.create":
      return [["channelCreations", channelOfOp(id)]];
    case "channel.change":
      return [["channelChanges", body.channel]];
    case "channel.delete":
      return [["channelDeletions", body.channel]];
    case "channel.retention":
      return [["channelRetentions", body.channel]];
    case "channel.override":
      return [["channelOverrides", body.channel]];
    default:
      return [];
  }
}

/** A revocation of a device of one's own can be repeated without harm, so it is never one side of an equivocation. */
const isNumbered = ({ body }: LoggedOp): boolean => body.t !== "device.revoke";

function withEquivocation(
  known: Facts["equivocations"],
  { op: { device, seq } }: LoggedOp,
  places: readonly number[],
): Facts["equivocations"] {
  return new Map([...known, [device, new Map([...known.get(device) ?? [], [seq, places]])]]);
}
