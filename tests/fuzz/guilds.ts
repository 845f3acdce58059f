/** Ops of a guild, as any member, or anybody who relays for members, may send them. */
import { signingKey } from "../../core/crypto/sign.ts";
import { contentIdOf } from "../../core/guild/contentChain.ts";
import { channelOfOp, guildOfOp } from "../../core/ids.ts";
import { decodeOp, signOp } from "../../core/log/signedOp.ts";
import { logSyncCodec, type LogSyncFrame } from "../../core/wire/logSync.ts";
import { decodeGuildContent, encodeGuildContent, type GuildContent } from "../../core/wire/guildContent.ts";
import { opCodec, signedOpCodec } from "../../core/wire/op.ts";
import { decodeOpBody, encodeOpBody, type OpBody, type UnknownBody } from "../../core/wire/opBody.ts";
import { concat } from "../../core/wire/bytes.ts";
import { fromUtf8, utf8 } from "../../core/wire/text.ts";
import { inviteBody } from "../support/invite.ts";
import { envOf, must, party } from "../support/world.ts";
import { cbor, target } from "./coding.ts";
import { behind, mutateCbor } from "./mutate.ts";
import type { Target } from "./target.ts";

const { rng } = envOf(97);
const { device } = party(1);
const { user } = device;

const place = { guild: null, device: device.id, previous: null, parents: [], seq: 1 } as const;
const genesisBody: OpBody = {
  t: "genesis",
  name: "guild",
  certificate: device.certificate,
  everyone: [{ action: "view", channel: null }],
};
const genesis = signOp(device.signing, place, genesisBody);
const first = must(decodeOp(genesis)).id;

const bodies: readonly OpBody[] = [
  { t: "add", user },
  { t: "remove", user, seen: [{ channel: channelOfOp(first), device: device.id, seq: 7, id: contentIdOf(genesis) }] },
  { t: "role.create", name: "keepers", rank: 3, capabilities: [{ action: "manage-channels", channel: null }] },
  { t: "channel.create", name: "general", kind: "text" },
  inviteBody({ key: signingKey(rng.bytes(32)).publicKey, sealing: rng.bytes(32), kem: rng.bytes(1184), maxUses: 3 }),
  { t: "redeem", invite: first, key: rng.bytes(32), proof: rng.bytes(64), certificate: device.certificate },
  { t: "rendezvous", servers: ["https://rendezvous.example"] },
  { t: "settings", name: "guild", icon: rng.bytes(32) },
];
const ops = bodies.map((body, index) =>
  signOp(device.signing, { ...place, guild: guildOfOp(first), previous: first, seq: index + 2 }, body)
);
const signed = [genesis, ...ops];

const ids = signed.map((bytes) => must(decodeOp(bytes)).id);
const frames: readonly LogSyncFrame[] = [
  { t: "heads", ids },
  { t: "want", number: 1, ids: ids.slice(0, 2), have: ids, strict: true },
  { t: "ops", number: 2, ops: signed },
  { t: "vector", number: 3, entries: [{ device: device.id, seq: 2 ** 33 }], more: true },
  { t: "more", number: 4, after: device.id },
  { t: "more", number: 5, after: null },
  { t: "busy", number: 6, retryAfterMs: 1_000 },
];
const text: GuildContent = {
  v: 1,
  kind: "text",
  channel: channelOfOp(first),
  device: device.id,
  seq: 1,
  previous: null,
  heads: [first],
  claims: { mentionsEveryone: true, attaches: false, playsSound: false, deletes: null, mutes: null },
  body: utf8("hello"),
};
const quiet = { mentionsEveryone: false, attaches: false, playsSound: false };
const contents = [
  text,
  { ...text, claims: { ...quiet, deletes: { device: device.id, seq: 1 }, mutes: user }, body: new Uint8Array() },
].map(encodeGuildContent);

/** The type, a zero, and the body. */
const typed = (body: OpBody): Uint8Array => concat(utf8(body.t), Uint8Array.of(0), encodeOpBody(body));
const typeOf = (input: Uint8Array): string => fromUtf8(input.subarray(0, Math.max(0, input.indexOf(0)))) ?? "";
const bodyOf = (input: Uint8Array): Uint8Array => input.subarray(input.indexOf(0) + 1);
const encoded = (body: OpBody | UnknownBody, input: Uint8Array): Uint8Array =>
  body.t === "unknown" ? input : concat(input.subarray(0, input.indexOf(0) + 1), encodeOpBody(body));

export const GUILDS: readonly Target[] = [
  cbor("signed op", signed, signedOpCodec),
  cbor("op", signed.map((bytes) => must(signedOpCodec.decode(bytes)).op), opCodec),
  cbor("frame of log sync", frames.map(logSyncCodec.encode), logSyncCodec),
  target("op at a log", signed, {
    decode: decodeOp,
    encode: ({ bytes }) => bytes,
    mutate: mutateCbor,
    steps: 2,
  }),
  target("content of a channel", contents, {
    decode: decodeGuildContent,
    encode: encodeGuildContent,
    mutate: mutateCbor,
    steps: 2,
  }),
  ...bodies.map((body) =>
    target(`body of op ${body.t}`, [typed(body)], {
      decode: (input) => decodeOpBody(typeOf(input), bodyOf(input)),
      encode: encoded,
      mutate: behind(typed(body).indexOf(0) + 1, mutateCbor),
      steps: 2,
    })
  ),
];
