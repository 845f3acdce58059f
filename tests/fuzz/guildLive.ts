/** What members' devices say and tell each other in a guild, and what a device keeps of it. */
import { guildFrameCodec } from "../../core/wire/guildFrame.ts";
import { contentRecord, unsaidRecord } from "../../core/wire/guildRecords.ts";
import { guildTextCodec } from "../../core/wire/guildText.ts";
import { guildToldCodec } from "../../core/wire/guildTold.ts";
import { NO_CLAIMS } from "../../core/wire/guildContent.ts";
import { channelId } from "../../core/ids.ts";
import { envOf, must, party } from "../support/world.ts";
import { cbor, record } from "./coding.ts";
import type { Target } from "./target.ts";

const { rng } = envOf(98);
const { user } = party(1).device;
const channel = must(channelId(rng.bytes(32)));
const body = rng.bytes(90);

export const GUILD_LIVE: readonly Target[] = [
  cbor("guild frame", (["log", "content"] as const).map((t) => guildFrameCodec.encode({ t, body })), guildFrameCodec),
  cbor("told in a guild", [guildToldCodec.encode({ t: "keys", body })], guildToldCodec),
  cbor("text in a channel", [guildTextCodec.encode({ lamport: 4, sentAtMs: 5, text: "hello" })], guildTextCodec),
  record("record of content", [
    contentRecord.encode({
      content: body,
      envelope: rng.bytes(300),
      key: rng.bytes(32),
      signer: rng.bytes(32),
      ownership: rng.bytes(64),
    }),
  ], contentRecord),
  record("record of what is unsaid", [
    unsaidRecord.encode({ channel, claims: { ...NO_CLAIMS, mutes: user }, text: "hello", saidAtMs: 9 }),
    unsaidRecord.encode({ channel, claims: NO_CLAIMS, text: null, saidAtMs: 9 }),
  ], unsaidRecord),
];
