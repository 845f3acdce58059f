/** A guild of really signed ops as large as is asked for: its members joined by links, made channels and changed them. */
import type { LocalDevice } from "../../core/identity/identity.ts";
import { createIdentity } from "../../core/identity/identity.ts";
import { inviteBody, inviteKeys } from "../../core/guild/join/inviteKeys.ts";
import { type ChannelId, channelOfOp, type GuildId, guildOfOp, type OpId, roleOfOp } from "../../core/ids.ts";
import { decodeOp, signOp, signRedemption } from "../../core/log/signedOp.ts";
import type { GuildLink } from "../../core/wire/guildLink.ts";
import type { OpBody } from "../../core/wire/opBody.ts";
import { ALL_ACTIONS, everywhere } from "../support/guild.ts";
import { envOf, must } from "../support/world.ts";

export interface Town {
  readonly guild: GuildId;
  readonly founder: LocalDevice;
  /** One device of each member, the founder's first. */
  readonly people: readonly LocalDevice[];
  readonly channels: readonly ChannelId[];
  readonly ops: readonly Uint8Array[];
  /** Of an invite that is good. */
  readonly link: GuildLink;
}

/** Each op follows all before it. `opCount` counts every op there is. */
export function joinTown(channelCount: number, memberCount: number, opCount: number): Town {
  const env = envOf(4711);
  const ops: Uint8Array[] = [];
  const last = new Map<LocalDevice, { readonly id: OpId; readonly seq: number }>();
  let guild: GuildId | null = null;
  let head: OpId | null = null;
  const say = (device: LocalDevice, body: OpBody): OpId => {
    const previous = last.get(device) ?? null;
    const parents = head === null || head === previous?.id ? [] : [head];
    const at = { guild, device: device.id, previous: previous?.id ?? null, parents, seq: (previous?.seq ?? 0) + 1 };
    const bytes = signOp(device.signing, at, body);
    const { id } = must(decodeOp(bytes));
    ops.push(bytes);
    last.set(device, { id, seq: at.seq });
    guild ??= guildOfOp(id);
    head = id;
    return id;
  };
  const { device: founder } = createIdentity(env);
  const { certificate } = founder;
  say(founder, { t: "genesis", name: "town", certificate, everyone: everywhere("view", "send") });
  const role = roleOfOp(say(founder, { t: "role.create", name: "keepers", rank: 3, capabilities: ALL_ACTIONS }));
  const secret = env.rng.bytes(32);
  const keys = inviteKeys(secret);
  const invite = say(founder, inviteBody(keys, { maxUses: null, expiresAtMs: null }));
  const people = [founder];
  const channels: ChannelId[] = [];
  for (let at = 1; at < memberCount; at++) {
    const { device } = createIdentity(env);
    const proof = signRedemption(keys.key, guild!, invite, device.user, device.id);
    say(device, { t: "redeem", invite, key: keys.key.publicKey, proof, certificate: device.certificate });
    if (at < 40) say(founder, { t: "role.grant", role, user: device.user });
    people.push(device);
  }
  for (let at = 0; at < channelCount; at++) {
    channels.push(channelOfOp(say(founder, { t: "channel.create", name: `channel ${at}`, kind: "text" })));
  }
  for (let at = 0; ops.length < opCount; at++) {
    const channel = channels[at % channels.length]!;
    const keeper = people[at % 40]!;
    const user = people[(7 * at) % people.length]!.user;
    if (at % 7 === 0) {
      say(keeper, { t: "channel.override", channel, subject: { t: "member", user }, allow: ["view"], deny: [] });
    } else {say(keeper, {
        t: "channel.change",
        channel,
        name: `c ${at}`,
        topic: "",
        position: at % 99,
        history: "none",
      });}
  }
  return {
    guild: guild!,
    founder,
    people,
    channels,
    ops,
    link: { guild: guild!, invite, secret, servers: ["https://a.example"] },
  };
}
