/** A guild of really signed ops, for joining: people by name, on whatever heads they choose to have seen. */
import { sha256 } from "../../core/crypto/kdf.ts";
import { Hindsight } from "../../core/guild/hindsight.ts";
import { openResolver } from "../../core/guild/resolver.ts";
import { stateOf } from "../../core/guild/state.ts";
import { makeDeal, type VerifiedDeal } from "../../core/guild/join/deal.ts";
import { type Deals, NO_DEALS, settleDeals, withDeal } from "../../core/guild/join/deals.ts";
import { inviteBody, type InviteKeys, inviteKeys } from "../../core/guild/join/inviteKeys.ts";
import type { GuildId, OpId } from "../../core/ids.ts";
import { createIdentity, type LocalDevice } from "../../core/identity/identity.ts";
import { type LoggedOp, openLog, type OpLog, receiveOps } from "../../core/log/log.ts";
import { decodeOp, signOp, signRedemption } from "../../core/log/signedOp.ts";
import type { Capability } from "../../core/wire/guildCapability.ts";
import type { GuildLink } from "../../core/wire/guildLink.ts";
import type { BodyOf, OpBody } from "../../core/wire/opBody.ts";
import { utf8 } from "../../core/wire/text.ts";
import { everywhere } from "./guild.ts";
import { logOf } from "./signedGuild.ts";
import { envOf, must, START_MS } from "./world.ts";

const devices = new Map<string, LocalDevice>();

/** One device for each name. */
export function deviceOf(name: string): LocalDevice {
  const [a, b, c] = sha256(utf8(name));
  const device = devices.get(name) ?? createIdentity(envOf(1 + a! + 256 * b! + 65536 * c!)).device;
  devices.set(name, device);
  return device;
}

export interface Invited {
  readonly link: GuildLink;
  readonly keys: InviteKeys;
  readonly op: LoggedOp;
}

export class JoinStage {
  readonly env = envOf(501);
  readonly guild: GuildId;
  log: OpLog;

  /** Fay founds it. */
  constructor(everyone: readonly Capability[] = everywhere("view", "send", "invite")) {
    const { id, certificate, signing } = deviceOf("fay");
    const at = { guild: null, device: id, previous: null, parents: [], seq: 1 } as const;
    this.log = must(openLog(signOp(signing, at, { t: "genesis", name: "guild", certificate, everyone })));
    this.guild = this.log.guild;
  }

  get heads(): readonly OpId[] {
    return [...this.log.heads];
  }

  get ops(): readonly LoggedOp[] {
    return [...this.log.ops.values()];
  }

  /** An op on these heads: of a device that is new its introduction first. */
  say(name: string, body: OpBody, on: readonly OpId[] = this.heads): LoggedOp {
    const device = deviceOf(name);
    const seen = logOf(this.ops, on);
    const own = [...seen.ops.values()].filter(({ op }) => op.device === device.id);
    const previous = own.at(-1) ?? null;
    if (previous === null && body.t !== "redeem" && body.t !== "device") {
      return this.say(name, body, [this.say(name, { t: "device", certificate: device.certificate }, on).id]);
    }
    const parents = [...new Set(on)].filter((id) => id !== previous?.id);
    const seq = (previous?.op.seq ?? 0) + 1;
    return this.take(
      signOp(device.signing, {
        guild: this.guild,
        device: device.id,
        previous: previous?.id ?? null,
        parents,
        seq,
      }, body),
    );
  }

  /** Fay admits them, and they say hello. */
  admit(...names: readonly string[]): void {
    for (const name of names) {
      this.say("fay", { t: "add", user: deviceOf(name).user });
      this.say(name, { t: "device", certificate: deviceOf(name).certificate });
    }
  }

  invite(
    name: string,
    limits: Pick<BodyOf<"invite">, "maxUses" | "expiresAtMs"> = { maxUses: null, expiresAtMs: null },
    on: readonly OpId[] = this.heads,
  ): Invited {
    const secret = this.env.rng.bytes(32);
    const keys = inviteKeys(secret);
    const op = this.say(name, inviteBody(keys, limits), on);
    return { link: { guild: this.guild, invite: op.id, secret, servers: [] }, keys, op };
  }

  redeem(name: string, { link: { invite }, keys: { key } }: Invited, on: readonly OpId[] = this.heads): LoggedOp {
    const { user, id, certificate } = deviceOf(name);
    const proof = signRedemption(key, this.guild, invite, user, id);
    return this.say(name, { t: "redeem", invite, key: key.publicKey, proof, certificate }, on);
  }

  remove(by: string, name: string, on: readonly OpId[] = this.heads): LoggedOp {
    return this.say(by, { t: "remove", user: deviceOf(name).user, seen: [] }, on);
  }

  take(bytes: Uint8Array): LoggedOp {
    this.log = receiveOps(this.log, [bytes]).log;
    return this.log.ops.get(must(decodeOp(bytes)).id)!;
  }

  /** What somebody knows who has these ops and what they follow. */
  part(tips: readonly OpId[]): OpLog {
    return logOf(this.ops, tips);
  }

  deal(name: string, heads: readonly OpId[] = this.heads): VerifiedDeal {
    return makeDeal(this.guild, heads, deviceOf(name), this.env);
  }

  /** By all ops, or those of a log. */
  settled(deals: Deals, log: OpLog = this.log, nowMs = START_MS): Deals {
    return settleDeals(deals, hindsightOf(log), nowMs);
  }
}

export function hindsightOf(log: OpLog): Hindsight {
  const { rulings } = openResolver(log.ops.values());
  return new Hindsight(rulings, stateOf(rulings));
}

export const dealsOf = (...dealt: readonly VerifiedDeal[]): Deals => dealt.reduce(withDeal, NO_DEALS);
