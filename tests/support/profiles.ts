/** Members of a guild with devices that sign, and links between them on which profiles are told. */
import { LABELS } from "../../core/crypto/labels.ts";
import { sign } from "../../core/crypto/sign.ts";
import type { Reason } from "../../core/errors.ts";
import {
  besides,
  openProfileSync,
  profileSyncDueAtMs,
  profileSyncStep,
  profileSyncTick,
  tellProfiles,
} from "../../core/guild/profiles/sync.ts";
import type { ProfileStep, ProfileSync } from "../../core/guild/profiles/syncState.ts";
import type { Profiles } from "../../core/guild/profiles/profiles.ts";
import { type GuildState, stateOf } from "../../core/guild/state.ts";
import type { LocalDevice } from "../../core/identity/identity.ts";
import { PROFILE_VERSION, profileCodec, type ProfileFields, signedProfileCodec } from "../../core/wire/guildProfile.ts";
import { type ProfileFrame, profileSyncCodec } from "../../core/wire/profileSync.ts";
import { GuildStage } from "./guild.ts";
import { must, party } from "./world.ts";

const stage = new GuildStage("fay");
export const GUILD_ID = stage.guild;
const empty = stateOf(stage.resolve());

export const deviceAt = (at: number): LocalDevice => party(60 + at).device;

/** The guild with these devices' people for members. */
export const guildOf = (...devices: readonly LocalDevice[]): GuildState => ({
  ...empty,
  members: new Map(devices.map(({ user, id }) => [user, { roles: new Set(), devices: new Set([id]) }])),
});

/** Whatever it says, signed by the device. */
export function signedProfile(device: LocalDevice, some: Partial<ProfileFields> = {}): Uint8Array {
  const { user, id } = device;
  const own = {
    v: PROFILE_VERSION,
    guild: GUILD_ID,
    user,
    device: id,
    number: 1,
    name: "n",
    status: "",
    picture: null,
  };
  const profile = profileCodec.encode({ ...own, ...some });
  return signedProfileCodec.encode({ profile, signature: sign(device.signing, LABELS.guildProfile, profile) });
}

interface Sent {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

export class ProfileNet {
  nowMs = 1_000;
  frames = 0;
  sizeBytes = 0;
  readonly refused: Reason[] = [];
  readonly lacking: string[] = [];
  queue: Sent[] = [];
  private readonly syncs = new Map<string, ProfileSync>();

  /** `hostile` answers in the place of one member. */
  constructor(
    readonly members: Profiles[],
    public state: GuildState,
    private readonly hostile: { at: number; answer(frame: ProfileFrame): readonly ProfileFrame[] } | null = null,
  ) {}

  /** New links between all, as after a cut: nothing of what was under way is left. */
  open(): void {
    this.queue = [];
    this.each((at, other) => {
      if (at !== this.hostile?.at) this.done(at, other, openProfileSync(this.members[at]!, this.nowMs, other * 7_919));
    });
  }

  /** `fate` says how often the frame that was picked arrives. */
  deliver(pick: (count: number) => number = () => 0, fate: () => number = () => 1): void {
    const [sent] = this.queue.splice(pick(this.queue.length), 1);
    for (let times = fate(); times > 0; times--) this.arrive(sent!);
  }

  /** Until nothing is on its way and nothing is due; `false` where that takes more frames. */
  settle(maxFrames: number): boolean {
    const start = this.frames;
    for (;;) {
      while (this.queue.length > 0) {
        this.deliver();
        if (this.frames - start > maxFrames) return false;
      }
      const due: number[] = [];
      this.each((at, other) => {
        const sync = this.syncs.get(`${at} ${other}`);
        const atMs = sync === undefined ? null : profileSyncDueAtMs(this.members[at]!, sync);
        if (atMs !== null) due.push(atMs);
      });
      if (due.length === 0) return true;
      this.nowMs = Math.max(this.nowMs, Math.min(...due));
      this.tick();
    }
  }

  tick(): void {
    this.each((at, other) => {
      if (this.sync(at, other) === undefined) return;
      this.done(at, other, profileSyncTick(this.members[at]!, this.state, this.besides(at, other), this.nowMs));
    });
  }

  sync(at: number, other: number): ProfileSync {
    return this.syncs.get(`${at} ${other}`)!;
  }

  send(from: number, to: number, frame: ProfileFrame): void {
    const bytes = profileSyncCodec.encode(frame);
    must(profileSyncCodec.decode(bytes));
    this.queue.push({ from, to, bytes });
    this.frames++;
    this.sizeBytes += bytes.length;
  }

  private besides(at: number, other: number): ProfileSync {
    const others = this.members.map((_, third) => third === other ? undefined : this.syncs.get(`${at} ${third}`));
    return besides(this.sync(at, other), others.filter((sync) => sync !== undefined));
  }

  /** What a member has by other ways is told to all. */
  set(at: number, profiles: Profiles): void {
    this.members[at] = profiles;
    for (let third = 0; third < this.members.length; third++) {
      const sync = this.syncs.get(`${at} ${third}`);
      if (sync !== undefined) this.done(at, third, tellProfiles(profiles, sync, this.nowMs));
    }
  }

  done(at: number, other: number, step: ProfileStep): void {
    const isChanged = step.profiles !== this.members[at];
    this.members[at] = step.profiles;
    this.syncs.set(`${at} ${other}`, step.sync);
    if (step.refused !== null) this.refused.push(step.refused);
    this.lacking.push(...step.lacking);
    for (const frame of step.send) this.send(at, other, frame);
    if (isChanged) this.set(at, step.profiles);
  }

  private arrive({ from, to, bytes }: Sent): void {
    const frame = must(profileSyncCodec.decode(bytes));
    if (to === this.hostile?.at) {
      for (const answer of this.hostile.answer(frame)) this.send(to, from, answer);
      return;
    }
    this.done(to, from, profileSyncStep(this.members[to]!, this.state, this.besides(to, from), frame, this.nowMs));
  }

  private each(visit: (at: number, other: number) => void): void {
    for (let at = 0; at < this.members.length; at++) {
      for (let other = 0; other < this.members.length; other++) if (other !== at) visit(at, other);
    }
  }
}
