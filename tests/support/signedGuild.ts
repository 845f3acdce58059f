/** Signed ops of one guild by a few devices, and logs that hold any closed part of them. */
import { guildOfOp, type OpId } from "../../core/ids.ts";
import type { LocalDevice } from "../../core/identity/identity.ts";
import { AppendMap } from "../../core/log/appendMap.ts";
import { type LoggedOp, openLog, type OpLog, receiveOps } from "../../core/log/log.ts";
import { decodeOp, linksOf, signOp } from "../../core/log/signedOp.ts";
import { must, party } from "./world.ts";

export class SignedGuild {
  readonly devices: readonly LocalDevice[];
  log: OpLog;

  constructor(deviceCount: number) {
    this.devices = Array.from({ length: deviceCount }, (_, at) => party(60 + at).device);
    const [founder] = this.devices;
    const { certificate } = founder!;
    const at = { guild: null, device: founder!.id, previous: null, parents: [], seq: 1 } as const;
    this.log = must(openLog(signOp(founder!.signing, at, { t: "genesis", name: "guild", certificate, everyone: [] })));
    for (const device of this.devices.slice(1)) {
      const first = { guild: this.log.guild, device: device.id, previous: null, seq: 1 };
      const parents = [...this.log.ops.keys()].slice(0, 1);
      this.take(signOp(device.signing, { ...first, parents }, { t: "device", certificate: device.certificate }));
    }
  }

  get ops(): readonly LoggedOp[] {
    return [...this.log.ops.values()];
  }

  /** A device's op after `previous`, which may have another one after it already. */
  say(previous: LoggedOp, seen: readonly LoggedOp[], name: string): LoggedOp {
    const device = this.devices.find(({ id }) => id === previous.op.device)!;
    const parents = [...new Set(seen.map(({ id }) => id))].filter((id) => id !== previous.id).sort();
    const placed = {
      guild: this.log.guild,
      device: device.id,
      previous: previous.id,
      parents,
      seq: previous.op.seq + 1,
    };
    return this.take(signOp(device.signing, placed, { t: "settings", name, icon: null }));
  }

  /** A log of these ops and all that they follow. */
  part(tips: Iterable<OpId>): OpLog {
    return logOf(this.ops, tips);
  }

  private take(bytes: Uint8Array): LoggedOp {
    this.log = receiveOps(this.log, [bytes]).log;
    return this.log.ops.get(must(decodeOp(bytes)).id)!;
  }
}

/** `ops` come each after what they follow, the genesis op first, which is always in it. */
export function logOf(ops: readonly LoggedOp[], tips: Iterable<OpId>): OpLog {
  const kept = new Set<OpId>(tips).add(ops[0]!.id);
  for (const { id, op } of ops.toReversed()) if (kept.has(id)) { for (const link of linksOf(op)) kept.add(link); }
  const some = ops.filter(({ id }) => kept.has(id));
  const followed = new Set(some.flatMap(({ op }) => linksOf(op)));
  return {
    guild: guildOfOp(ops[0]!.id),
    ops: AppendMap.of(some.map((op) => [op.id, op])),
    heads: new Set(some.map(({ id }) => id).filter((id) => !followed.has(id))),
    waiting: new Map(),
    parked: new Map(),
  };
}
