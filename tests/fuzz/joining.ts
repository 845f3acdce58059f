/** What members, keepers and links hand to whoever joins a guild. */
import { Buffer } from "node:buffer";
import { makeCheckpoint, openCheckpoint } from "../../core/guild/join/checkpoint.ts";
import { verifyDeal } from "../../core/guild/join/deal.ts";
import { encodeDeals } from "../../core/guild/join/deals.ts";
import { openDoor, sealDoor } from "../../core/guild/join/doorway.ts";
import { openPage, sealPage } from "../../core/guild/join/sealedLog.ts";
import { stateFromSnapshot } from "../../core/guild/join/snapshot.ts";
import { fromBase64Url, toBase64Url } from "../../core/wire/base64url.ts";
import { concat } from "../../core/wire/bytes.ts";
import { decodeGuildCheckpoint, encodeGuildCheckpoint } from "../../core/wire/guildCheckpoint.ts";
import { dealListCodec, dealsRecord, decodeGuildDeal, encodeGuildDeal } from "../../core/wire/guildDeal.ts";
import { decodeGuildDoor } from "../../core/wire/guildDoor.ts";
import { decodeGuildLink, encodeGuildLink } from "../../core/wire/guildLink.ts";
import { checkpointPageCodec, decodeLogPage, pageOpsCodec, snapshotPartCodec } from "../../core/wire/guildLogPage.ts";
import { snapshotCodec } from "../../core/wire/guildSnapshot.ts";
import { dealsOf, deviceOf, hindsightOf, JoinStage } from "../support/joinStage.ts";
import { must } from "../support/world.ts";
import { cbor, MAX_DECODE_MS, outcome, record, target } from "./coding.ts";
import { mutateBytes, mutateCbor, type Mutator } from "./mutate.ts";
import type { Target } from "./target.ts";

const stage = new JoinStage();
stage.admit("ann", "bob");
stage.say("fay", { t: "channel.create", name: "general", kind: "text" });
const { link, keys } = stage.invite("ann");
const { state } = hindsightOf(stage.log);
const deal = stage.deal("fay");
const deals = [deal, stage.deal("ann")];
const step = { ...link, sealing: keys.sealing.publicKey, kem: keys.kem.publicKey };
const door = must(sealDoor(step, deal, stage.env));
const { checkpoint, snapshot } = must(makeCheckpoint(stage.guild, stage.heads, state, deviceOf("bob")));
const ops = stage.ops.map(({ bytes }) => bytes);
const part = { digest: stage.env.rng.bytes(32), part: 1, bytes: snapshot };
const pages = [
  sealPage(deal, { kind: "ops", ops }, stage.env),
  sealPage(deal, { kind: "redemption", ops: ops.slice(-1) }, stage.env),
  sealPage(deal, { kind: "checkpoint", checkpoint, parts: 1 }, stage.env),
  sealPage(deal, { kind: "snapshot", ...part }, stage.env),
];
const links = [link, { ...link, servers: ["https://a.example", "https://b.example"] }].map(encodeGuildLink);

const latin = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
const fromLatin = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** Mostly a change of what the text stands for, at times one of the text. */
const mutateLink: Mutator = (random, seed, other) => {
  const [inner, otherInner] = [seed, other].map((text) => fromBase64Url(fromLatin(text)));
  if (inner == null || otherInner == null || random.chance(0.3)) return mutateBytes(random, seed, other);
  return latin(toBase64Url(mutateCbor(random, inner, otherInner)));
};

/** Public keys are at work in each. */
const costly = (name: string, seeds: readonly Uint8Array[], mutate: Mutator, run: Target["run"]): Target => ({
  name,
  cost: "costly",
  maxInputMs: MAX_DECODE_MS,
  seeds,
  mutate,
  run,
});

export const JOINING: readonly Target[] = [
  target("deal of a guild", deals.map(({ bytes }) => bytes), {
    decode: decodeGuildDeal,
    encode: encodeGuildDeal,
    mutate: mutateCbor,
    steps: 2,
  }),
  cbor("list of deals", [dealListCodec.encode({ ids: deals.map(({ id }) => id) })], dealListCodec),
  record("stored deals", [encodeDeals(stage.settled(dealsOf(...deals))), encodeDeals(dealsOf(deal))], dealsRecord),
  target("link into a guild", links.map(latin), {
    decode: (input) => decodeGuildLink(fromLatin(input)),
    encode: (value) => latin(encodeGuildLink(value)),
    mutate: mutateLink,
  }),
  target("door of a guild", [door], {
    decode: decodeGuildDoor,
    encode: ({ head, ciphertext }) => concat(head, ciphertext),
  }),
  target("page of a sealed log", pages, {
    decode: decodeLogPage,
    encode: ({ head, ciphertext }) => concat(head, ciphertext),
    maxInputMs: 4 * MAX_DECODE_MS,
  }),
  cbor("ops in a page", [pageOpsCodec.encode({ ops }), pageOpsCodec.encode({ ops: [] })], pageOpsCodec),
  cbor("part of a snapshot", [snapshotPartCodec.encode(part)], snapshotPartCodec),
  cbor("page of a checkpoint", [checkpointPageCodec.encode({ checkpoint, parts: 1 })], checkpointPageCodec),
  target("checkpoint of a guild", [checkpoint], {
    decode: decodeGuildCheckpoint,
    encode: encodeGuildCheckpoint,
    mutate: mutateCbor,
    steps: 2,
  }),
  cbor("snapshot of a guild", [snapshot], snapshotCodec),
  target("state from a snapshot", [snapshot], {
    decode: stateFromSnapshot,
    encode: (_, input) => input,
    mutate: mutateCbor,
    steps: 2,
  }),
  costly(
    "deal at a member",
    deals.map(({ bytes }) => bytes),
    mutateCbor,
    (input) => outcome(verifyDeal(input, stage.guild), 2),
  ),
  costly("door at a newcomer", [door], mutateBytes, (input) => outcome(openDoor(link, keys, input), 2)),
  costly("page at a newcomer", pages, mutateBytes, (input) => outcome(openPage([deal], input), 2)),
  costly(
    "checkpoint at a newcomer",
    [checkpoint],
    mutateCbor,
    (input) => outcome(openCheckpoint(stage.guild, { checkpoint: input, snapshot }), 2),
  ),
];
