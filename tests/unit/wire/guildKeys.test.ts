/** Keys of channels on the wire: what fits, and which sets of numbers there are. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { chainId, channelId, deviceId, opId } from "../../../core/ids.ts";
import { CONTENT, GROUP, GUILD_KEYS, MESSAGE } from "../../../core/limits.ts";
import { uintBytes } from "../../../core/wire/bytes.ts";
import {
  countOf,
  greatestOf,
  hasIndex,
  indexesField,
  indexesOf,
  newestOf,
  numbersOf,
  rangesOf,
  upTo,
} from "../../../core/wire/chainIndexes.ts";
import { guildKeysCodec, type GuildKeysFrame } from "../../../core/wire/guildKeys.ts";
import { guildToldCodec } from "../../../core/wire/guildTold.ts";
import { MAX_PLAINTEXT_BYTES } from "../../../core/wire/padding.ts";
import { codec } from "../../../core/wire/schema.ts";
import { must, mustRefuse } from "../../support/world.ts";

const device = (number: number) => must(deviceId(uintBytes(number, 32)));
const chain = (number: number) => must(chainId(uintBytes(number, 16)));
const CHANNEL = must(channelId(new Uint8Array(32).fill(1)));
const MAX = Number.MAX_SAFE_INTEGER;

Deno.test("[GKEY7] the largest of each frame fits one ratchet message, with what is around it", () => {
  const scattered = indexesOf(Array.from({ length: GUILD_KEYS.maxRanges }, (_, i) => 2 * i + 900));
  const chains = Array.from({ length: GUILD_KEYS.maxChains }, (_, at) => ({ device: device(at), chain: chain(at) }));
  const room = GUILD_KEYS.maxFrameBytes - GUILD_KEYS.answerBytes - chains.length * GUILD_KEYS.chainBytes;
  const count = Math.floor(room / GUILD_KEYS.keyBytes);
  const keys = Array.from({ length: GUILD_KEYS.maxKeys }, (_, i) => ({ index: 500 + i, key: new Uint8Array(32) }));
  const given = { signer: new Uint8Array(32), ownership: new Uint8Array(64) };
  const heads = Array.from({ length: CONTENT.maxHeads }, (_, at) => must(opId(uintBytes(at, 32))));
  const stop = { at: GUILD_KEYS.maxChains - 1, index: GROUP.maxMessages - 1 };
  const spread = chains.map((one, at) => ({ ...one, ...given, keys: at === 0 ? keys.slice(0, count) : [] }));
  const alone = { ...chains[0]!, ...given, keys };
  const frames: readonly GuildKeysFrame[] = [
    { t: "chain", heads, next: MAX, distribution: new Uint8Array(GROUP.maxDistributionBytes) },
    { t: "want", number: MAX, channel: CHANNEL, chains: chains.map((one) => ({ ...one, indexes: scattered })) },
    { t: "keys", number: MAX, channel: CHANNEL, chains: [alone], stop },
    { t: "keys", number: MAX, channel: CHANNEL, chains: spread, stop },
    { t: "again", channels: Array.from({ length: GUILD_KEYS.maxChannels }, () => CHANNEL) },
  ];
  for (const frame of frames) {
    const body = guildKeysCodec.encode(frame);
    assert.deepEqual(must(guildKeysCodec.decode(body)), frame);
    assert.ok(guildToldCodec.encode({ t: "keys", body }).length <= MESSAGE.maxContentBytes, frame.t);
  }
  assert.ok(MESSAGE.maxContentBytes < MAX_PLAINTEXT_BYTES);
});

Deno.test("[GKEY7] numbers of a chain are a set, whatever is done with it", () => {
  const wire = codec(indexesField(1_000), 8_000);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(999), { minLength: 1, maxLength: 120 }),
      fc.nat(999),
      fc.nat(150),
      (some, at, count) => {
        const [indexes, sorted] = [indexesOf(some), some.toSorted((a, b) => a - b)];
        assert.deepEqual(numbersOf(indexes), sorted);
        assert.equal(countOf(indexes), some.length);
        assert.equal(greatestOf(indexes), sorted.at(-1));
        assert.equal(hasIndex(indexes, at), some.includes(at));
        assert.deepEqual(numbersOf(upTo(indexes, at)), sorted.filter((index) => index <= at));
        assert.deepEqual(numbersOf(newestOf(indexes, count, 1_000)), count === 0 ? [] : sorted.slice(-count));
        assert.deepEqual(rangesOf(newestOf(indexes, 1_000, 2)), rangesOf(indexes).slice(-2));
        assert.equal(must(wire.decode(wire.encode(indexes))), indexes);
      },
    ),
    { seed: 20261124, numRuns: 200 },
  );
});

Deno.test("[WIRE1] a set of numbers has one encoding, and none from 1,000 on", () => {
  const [wire, raw] = [
    codec(indexesField(4), 100),
    codec({ write: (value: Uint8Array) => value, read: (is) => is as Uint8Array }, 100),
  ];
  const refuses = (...bytes: readonly number[]) =>
    mustRefuse(wire.decode(raw.encode(Uint8Array.from(bytes))), "wire.wrong-shape");
  must(wire.decode(raw.encode(Uint8Array.of(0, 1, 0, 2, 0, 4, 3, 231))));
  refuses();
  refuses(0, 1, 0);
  refuses(0, 2, 0, 1);
  refuses(0, 1, 3, 232);
  refuses(0, 1, 0, 2, 0, 3, 0, 4);
  refuses(0, 4, 0, 4, 0, 1, 0, 1);
  refuses(...[1, 3, 5, 7, 9].flatMap((index) => [0, index, 0, index]));
});

Deno.test("[WIRE3] a key of a number from 1,000 on is refused", () => {
  const given = { device: device(1), chain: chain(1), signer: new Uint8Array(32), ownership: new Uint8Array(64) };
  const frame = (index: number): GuildKeysFrame => ({
    t: "keys",
    number: 1,
    channel: CHANNEL,
    chains: [{ ...given, keys: [{ index, key: new Uint8Array(32) }] }],
    stop: null,
  });
  must(guildKeysCodec.decode(guildKeysCodec.encode(frame(999))));
  mustRefuse(guildKeysCodec.decode(guildKeysCodec.encode(frame(1_000))), "wire.wrong-shape");
});
