/** People with a device each, and the guild that they begin with: the same in every world, so it is made once. */
import { x25519Key } from "../../../core/crypto/dh.ts";
import { signingKey } from "../../../core/crypto/sign.ts";
import { issueCertificate } from "../../../core/identity/certificate.ts";
import { must } from "../../support/world.ts";
import { type ChannelId, channelOfOp, deviceId, everyoneOf, type RoleId, roleOfOp } from "../../../core/ids.ts";
import { createIdentity, type LocalDevice } from "../../../core/identity/identity.ts";
import { enterGuild, foundGuild, type LiveEvent, type LiveGuild, liveStep } from "../../../core/guild/live/index.ts";
import type { LoggedOp, OpLog } from "../../../core/log/log.ts";
import { everywhere } from "../../support/guild.ts";
import type { Deals } from "../../../core/guild/join/deals.ts";
import { Random } from "../random.ts";

export const MEMBERS = 20;
export const NEWCOMERS = 3;
export const OLD_MEMBERS = 16;
const START_MS = Date.UTC(2026, 0, 1, 12);

const identities = Array.from(
  { length: MEMBERS + NEWCOMERS },
  (_, at) => createIdentity({ nowMs: START_MS + at, rng: new Random(1_000 + at) }),
);

export const people: readonly LocalDevice[] = identities.map(({ device }) => device);

/** A second device of some: of one who may moderate, and of one who may not. */
export const further: ReadonlyMap<number, LocalDevice> = new Map([5, 9].map((at) => {
  const { identity, device: { user } } = identities[at]!;
  const rng = new Random(2_000 + at);
  const [signing, dh] = [signingKey(rng.bytes(32)), x25519Key(rng.bytes(32))];
  const certificate = issueCertificate(identity, signing.publicKey, dh.publicKey, START_MS + at);
  return [at, { user, id: must(deviceId(signing.publicKey)), signing, dh, certificate }];
}));

export interface Founding {
  readonly log: OpLog;
  readonly deals: Deals;
  readonly roles: readonly RoleId[];
  /** Everybody's; one that gives newcomers what was said before; one for those with a role. */
  readonly channels: readonly ChannelId[];
}

export const POWERS = ["invite", "remove", "ban", "manageRoles", "manageChannels"] as const;
const MODERATION = ["manageMessages", "mentionEveryone"] as const;

function found(): Founding {
  const rng = new Random(7);
  const [first] = people;
  let state = foundGuild(first!, "guild", everywhere("view", "send", "attach"), { nowMs: START_MS, rng }).state;
  const act = (body: Extract<LiveEvent, { type: "Act" }>["body"]): LoggedOp => {
    const step = liveStep(state, { type: "Act", body }, { nowMs: START_MS, rng });
    if (step.refusal !== null) throw new Error(`the founding is refused: ${body.t} ${step.refusal}`);
    state = step.state;
    return [...state.log.ops.values()].at(-1)!;
  };
  const roles = [1, 3, 6].map((rank) =>
    roleOfOp(
      act({
        t: "role.create",
        name: `rank ${rank}`,
        rank,
        capabilities: everywhere(...POWERS, ...MODERATION, "view", "send", "attach"),
      }).id,
    )
  );
  const channels = ["general", "archive", "staff"].map((name) =>
    channelOfOp(act({ t: "channel.create", name, kind: "text" }).id)
  );
  const [, archive, staff] = channels;
  act({ t: "channel.change", channel: archive!, name: "archive", topic: "", position: 1, history: "archive" });
  const everyone = everyoneOf(state.log.guild);
  act({ t: "channel.override", channel: staff!, subject: { t: "role", role: everyone }, allow: [], deny: ["view"] });
  for (const role of roles) {
    act({ t: "channel.override", channel: staff!, subject: { t: "role", role }, allow: ["view"], deny: [] });
  }
  for (const [at, { user }] of people.slice(1, MEMBERS).entries()) {
    if (at < 6) act({ t: "role.grant", role: roles[at >> 1]!, user });
    else act({ t: "add", user });
  }
  return { log: introduced(state, rng), deals: state.deals, roles, channels };
}

/** The log in which most devices have said whose they are; a few come with nothing but the name of the guild. */
function introduced({ log: before }: LiveGuild, rng: Random): OpLog {
  let log = before;
  for (const device of people.slice(1, OLD_MEMBERS)) {
    const { state } = enterGuild(device, log);
    log = liveStep(state, { type: "Tick" }, { nowMs: START_MS, rng }).state.log;
  }
  return log;
}

let founding: Founding | null = null;
export const theFounding = (): Founding => founding ??= found();
