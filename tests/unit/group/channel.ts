/** A channel with a sender and readers, as the tests of sender keys need it. */
import { acceptDistribution } from "../../../core/group/accepting.ts";
import { createReceiver, type GroupReceiver, openGroup } from "../../../core/group/receiver.ts";
import { type GroupSender, type SealedGroup, sealGroup } from "../../../core/group/sender.ts";
import { type ChannelId, channelId, type DeviceId } from "../../../core/ids.ts";
import type { Env } from "../../../core/ports.ts";
import { fromUtf8, utf8 } from "../../../core/wire/text.ts";
import { envOf, must, party } from "../../support/world.ts";

export const CHANNEL: ChannelId = must(channelId(new Uint8Array(32).fill(7)));
export const OTHER_CHANNEL: ChannelId = must(channelId(new Uint8Array(32).fill(8)));
export const ALICE = party(1).device;
export const BOB = party(2).device;
export const CAROL = party(3).device;
export const DAVE = party(4).device;
export const EVERYBODY: ReadonlySet<DeviceId> = new Set([ALICE.id, BOB.id, CAROL.id]);

export const only = (...devices: readonly { readonly id: DeviceId }[]): ReadonlySet<DeviceId> =>
  new Set(devices.map(({ id }) => id));

/** Alice, who says one thing after another. */
export class Speaker {
  state: GroupSender | null = null;
  readonly env: Env;

  constructor(seed = 1) {
    this.env = envOf(seed);
  }

  /** One block of these texts. */
  block(entitled: ReadonlySet<DeviceId>, ...texts: readonly string[]): SealedGroup {
    const sealed = sealGroup(this.state, CHANNEL, ALICE, entitled, texts.map(utf8), this.env);
    this.state = sealed.state;
    return sealed;
  }

  /** One message in a block of its own. */
  say(text: string, entitled: ReadonlySet<DeviceId> = EVERYBODY): Uint8Array {
    return this.block(entitled, text).envelopes[0]!;
  }
}

/** A speaker whose chain has begun by a first message, and a reader who has opened that one. */
export function conversation(seed = 1): { readonly alice: Speaker; readonly bob: GroupReceiver } {
  const alice = new Speaker(seed);
  const { handover, envelopes } = alice.block(EVERYBODY, "first");
  const bob = must(acceptDistribution(createReceiver(CHANNEL, ALICE.id), handover!.message));
  return { alice, bob: must(openGroup(bob, envelopes[0]!)).receiver };
}

export const read = (receiver: GroupReceiver, envelope: Uint8Array): { receiver: GroupReceiver; text: string } => {
  const opened = must(openGroup(receiver, envelope));
  return { receiver: opened.receiver, text: fromUtf8(opened.plaintext)! };
};
