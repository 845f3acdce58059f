/**
 * Streams to spaces, played from a seed against the handlers over streams in memory: entries that are forged, replayed,
 * cut short or never come; requests that are bent, out of order, of another role, too large, in crumbs; streams that are
 * half closed, reset or not read. Beside them two who keep the rules, and have to get along undisturbed.
 */
import assert from "node:assert/strict";
import type { Connection, Stream } from "@libp2p/interface";
import { lpStream, streamPair } from "@libp2p/utils";
import type { EntryContext } from "../../core/crypto/spaceEntry.ts";
import { MAILBOX } from "../../core/limits.ts";
import {
  addressOf,
  depositorEntry,
  depositorOf,
  grantOf,
  ownerEntry,
  type SpaceKeys,
  spaceKeys,
} from "../../core/mailbox/space.ts";
import { concat } from "../../core/wire/bytes.ts";
import type { MailAddress } from "../../core/wire/mailAddress.ts";
import { SEALED_BUNDLE_BYTES } from "../../core/wire/sealedBundle.ts";
import { SEALED_LENGTHS } from "../../core/wire/sealedMail.ts";
import { type SpaceAnswer, spaceAnswerCodec } from "../../core/wire/spaceAnswer.ts";
import {
  challengeCodec,
  MAILBOX_PROTOCOL,
  PREKEYS_PROTOCOL,
  type SpaceProtocol,
  type SpaceRole,
} from "../../core/wire/spaceEntry.ts";
import {
  mailboxDepositorCodec,
  mailboxOwnerCodec,
  prekeysDepositorCodec,
  prekeysOwnerCodec,
} from "../../core/wire/spaceRequest.ts";
import { Counters } from "../../rendezvous/counters.ts";
import { varint } from "../../rendezvous/frames.ts";
import { SPACES } from "../../rendezvous/limits.ts";
import { Origins } from "../../rendezvous/origins.ts";
import { type Spaces, startSpaces } from "../../rendezvous/spaces/start.ts";
import { MemorySpaceStore } from "../../rendezvous/store/memory.ts";
import type { SpaceStore } from "../../rendezvous/store/port.ts";
import { HandClock } from "../rendezvous/support.ts";
import { Random } from "../sim/random.ts";
import { mutateBytes, mutateCbor } from "./mutate.ts";

const SERVER_PEER = "server";
const STREAMS = 8;
const LETTERS = 31;

interface World {
  readonly random: Random;
  readonly clock: HandClock;
  readonly counters: Counters;
  readonly spaces: Spaces;
  readonly keys: SpaceKeys;
  readonly address: MailAddress;
  /** Entries that were good on some stream. */
  readonly entries: Uint8Array[];
  /** What the handlers have not finished. */
  readonly handled: Promise<void>[];
  readonly opened: Stream[];
}

const turn = (ms = 1) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const framed = (bytes: Uint8Array) => concat(varint(bytes.length), bytes);

function sealed(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(random.uint32() & 0xff);
  bytes.set(random.bytes(16), 1);
  bytes[0] = 1;
  return bytes;
}

/** What is asked in the role, the way an honest client would. */
function honest(world: World, protocol: SpaceProtocol, role: SpaceRole, number: number): Uint8Array {
  const { random } = world;
  const mail = () => sealed(random, random.chance(0.1) ? SEALED_LENGTHS[1]! : SEALED_LENGTHS[0]!);
  const bundle = () => sealed(random, SEALED_BUNDLE_BYTES);
  if (protocol === PREKEYS_PROTOCOL) {
    return role === "depositor" ? prekeysDepositorCodec.encode({ number, request: { t: "take" } }) : prekeysOwnerCodec
      .encode({ number, request: { t: "upload", oneTime: [bundle()], lastResort: null, replace: random.chance(0.2) } });
  }
  if (role === "depositor") {
    const envelopes = Array.from({ length: 1 + random.below(4) }, mail);
    return mailboxDepositorCodec.encode({ number, request: { t: "deposit", envelopes } });
  }
  const request = random.pick(
    [
      { t: "open", joinCode: null },
      { t: "fetch", after: random.below(3), limit: random.below(MAILBOX.maxFetched) },
      { t: "ack", envelopes: [] },
      { t: "revoke", depositors: [] },
      { t: "grant", grants: [grantOf(addressOf(world.keys, "mail.example", random.bytes(32)), 1_000)] },
    ] as const,
  )!;
  return mailboxOwnerCodec.encode({ number, request });
}

/** Frames, and what is no frame. */
function dishonest(world: World, number: number): Uint8Array {
  const { random } = world;
  const roles = [[MAILBOX_PROTOCOL, "owner"], [MAILBOX_PROTOCOL, "depositor"], [PREKEYS_PROTOCOL, "owner"]] as const;
  const [protocol, role] = random.pick(roles)!;
  const good = honest(world, protocol, role, number);
  return random.pick<() => Uint8Array>([
    () => framed(mutateCbor(random, good, good)),
    () => framed(mutateBytes(random, good, good)),
    () => framed(good).subarray(0, random.below(good.length)),
    () => concat(varint(MAILBOX.maxRequestBytes + 1 + random.below(2 ** 20)), random.bytes(100)),
    () => new Uint8Array(8).fill(0xff),
    () => random.bytes(1 + random.below(300)),
    () => framed(new Uint8Array(0)),
  ])!();
}

async function openStream(world: World, protocol: SpaceProtocol): Promise<Stream> {
  const [mine, theirs] = await streamPair({ protocol });
  const connection = {
    remotePeer: { toString: () => "client" },
    timeline: {},
    status: "open",
    abort: (error: Error) => theirs.abort(error),
  } as unknown as Connection;
  world.handled.push(world.spaces.handlers[protocol](theirs, connection));
  world.opened.push(mine);
  return mine;
}

/** Hears everything until the stream is over. */
function listen(
  stream: Stream,
): { readonly answers: SpaceAnswer[]; readonly first: Promise<Uint8Array | null>; over(): boolean } {
  const frames = lpStream(stream, { maxDataLength: MAILBOX.maxAnswerBytes, maxBufferSize: 2 ** 26 });
  const answers: SpaceAnswer[] = [];
  const first = Promise.withResolvers<Uint8Array | null>();
  let isOver = false;
  const read = async () => {
    try {
      const hello = challengeCodec.decode((await frames.read()).slice());
      assert.ok(hello.ok);
      first.resolve(hello.value.challenge);
      while (true) {
        const answer = spaceAnswerCodec.decode((await frames.read()).slice());
        assert.ok(answer.ok, "the server says nothing that cannot be read");
        answers.push(answer.value);
      }
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
    } finally {
      isOver = true;
      first.resolve(null);
    }
  };
  void read();
  return { answers, first: first.promise, over: () => isOver };
}

function entry(
  world: World,
  role: SpaceRole,
  context: EntryContext,
): { readonly bytes: Uint8Array; readonly isGood: boolean } {
  const { random, keys, address, entries } = world;
  const good = role === "owner" ? ownerEntry(keys, context) : depositorEntry(address, context);
  if (random.chance(0.7)) {
    entries.push(good);
    return { bytes: framed(good), isGood: true };
  }
  const bad = random.pick<() => Uint8Array>([
    () => framed(mutateCbor(random, good, good)),
    () => framed(random.pick(entries) ?? random.bytes(40)),
    () => framed(good).subarray(0, random.below(good.length)),
    () => random.bytes(200),
    () => new Uint8Array(0),
  ])!();
  return { bytes: bad, isGood: false };
}

async function send(world: World, stream: Stream, bytes: Uint8Array): Promise<void> {
  const { random } = world;
  const pieces = random.chance(0.7) ? 1 : 1 + random.below(6);
  for (let piece = 0; piece < pieces; piece++) {
    const [from, to] = [piece, piece + 1].map((at) => Math.floor(at * bytes.length / pieces));
    if (stream.writeStatus !== "writable") return;
    if (to! > from!) stream.send(bytes.slice(from, to));
    if (pieces > 1) await turn();
  }
}

export interface Played {
  readonly streams: number;
  readonly asked: number;
  readonly answered: number;
  readonly counters: Counters;
}

/** One stranger's stream. Gives the numbers that it asked by the rules while it still kept them. */
async function stranger(world: World): Promise<{ readonly asked: number; readonly answered: number }> {
  const { random } = world;
  const protocol = random.pick([MAILBOX_PROTOCOL, PREKEYS_PROTOCOL] as const)!;
  const role = random.pick(["owner", "depositor"] as const)!;
  const stream = await openStream(world, protocol);
  const heard = listen(stream);
  const challenge = await heard.first;
  assert.ok(challenge !== null);
  const { bytes, isGood } = entry(world, role, { protocol, serverPeer: SERVER_PEER, clientPeer: "client", challenge });
  await send(world, stream, bytes);
  let keepsRules = isGood;
  const asked: number[] = [];
  if (random.chance(0.1) && stream.readStatus === "readable") stream.pause();
  for (let number = 1 + random.below(3), left = random.below(8); left > 0; left--, number += 1 + random.below(2)) {
    if (random.chance(0.8)) {
      if (keepsRules) asked.push(number);
      await send(world, stream, framed(honest(world, protocol, role, number)));
    } else {
      keepsRules = false;
      const again = framed(honest(world, protocol, role, Math.max(1, number - 3)));
      await send(world, stream, random.chance(0.2) ? again : dishonest(world, number));
    }
    if (random.chance(0.1)) world.clock.advance(random.below(500));
  }
  await turn(3);
  if (stream.readStatus === "paused") stream.resume();
  const isReset = random.chance(0.2);
  if (isReset) stream.abort(new Error("reset"));
  else await stream.close().catch(() => {});
  await turn(5);
  const numbers = heard.answers.flatMap((answer) => "number" in answer ? [answer.number] : []);
  assert.equal(new Set(numbers).size, numbers.length, "no request is answered twice");
  if (isGood && keepsRules && !isReset) {
    for (let waits = 0; !heard.over() && waits < 200; waits++) await turn(5);
    const all = heard.answers.flatMap((answer) => "number" in answer ? [answer.number] : []);
    assert.deepEqual(all.toSorted((a, b) => a - b), asked, "every request was answered");
  }
  return { asked: asked.length, answered: numbers.length };
}

/** Two who keep the rules: what one leaves, the other gets once and in order, whatever happens beside them. */
async function friends(world: World): Promise<void> {
  const keys = spaceKeys(world.random.bytes(32));
  const address = addressOf(keys, "mail.example", world.random.bytes(32));
  const enter = async (sign: (context: EntryContext) => Uint8Array) => {
    const stream = await openStream(world, MAILBOX_PROTOCOL);
    const heard = listen(stream);
    const challenge = (await heard.first)!;
    const context = { protocol: MAILBOX_PROTOCOL, serverPeer: SERVER_PEER, clientPeer: "client", challenge } as const;
    stream.send(framed(sign(context)));
    return { stream, heard };
  };
  const owner = await enter((context) => ownerEntry(keys, context));
  const ask = (number: number, request: Parameters<typeof mailboxOwnerCodec.encode>[0]["request"]) =>
    owner.stream.send(framed(mailboxOwnerCodec.encode({ number, request })));
  ask(1, { t: "open", joinCode: null });
  await until(world, () => owner.heard.answers.some(({ t }) => t === "done"));
  ask(2, { t: "grant", grants: [grantOf(address, null)] });
  ask(3, { t: "fetch", after: 0, limit: 10 });
  await until(world, () => owner.heard.answers.filter(({ t }) => t === "done" || t === "mail").length === 3);
  const depositor = await enter((context) => depositorEntry(address, context));
  const left = Array.from({ length: LETTERS }, () => sealed(world.random, SEALED_LENGTHS[0]!));
  for (const [at, envelope] of left.entries()) {
    depositor.stream.send(
      framed(mailboxDepositorCodec.encode({ number: at + 1, request: { t: "deposit", envelopes: [envelope] } })),
    );
    await turn(world.random.below(3));
  }
  const arrived = () => owner.heard.answers.flatMap((answer) => answer.t === "arrived" ? answer.waiting : []);
  await until(world, () => arrived().length >= LETTERS);
  assert.deepEqual(arrived().map(({ envelope }) => envelope.toHex()), left.map((envelope) => envelope.toHex()));
  const serials = arrived().map(({ serial }) => serial);
  assert.deepEqual(serials, serials.toSorted((a, b) => a - b));
}

async function until({ clock }: World, holds: () => boolean): Promise<void> {
  for (let waits = 0; !holds(); waits++) {
    assert.ok(waits < 2_000, "those who keep the rules wait in vain");
    clock.advance(1);
    await turn(2);
  }
}

/** One operation after the other, each after a little while, as a disk does it. */
function slowed(store: SpaceStore, random: Random): SpaceStore {
  let before: Promise<unknown> = Promise.resolve();
  return new Proxy(store, {
    get: (target, name: keyof SpaceStore) => (...args: never[]) => {
      const result = before.then(() => turn(random.below(3))).then(() =>
        (target[name] as (...args: never[]) => Promise<unknown>).apply(target, args)
      );
      before = result;
      return result;
    },
  });
}

/** Throws where a promise was broken. */
export async function play(seed: number): Promise<Played> {
  const random = new Random(seed);
  const clock = new HandClock();
  const counters = new Counters();
  const store = slowed(new MemorySpaceStore(clock.nowMs()), random);
  const spaces = startSpaces({
    clock,
    counters,
    store,
    joinCode: null,
    origins: new Origins(),
    serverPeer: SERVER_PEER,
  });
  const keys = spaceKeys(random.bytes(32));
  const address = addressOf(keys, "mail.example", random.bytes(32));
  await store.openSpace(keys.id);
  await store.setGrants(keys.id, [{ ...grantOf(address, null), depositor: depositorOf(address) }]);
  const world: World = { random, clock, counters, spaces, keys, address, entries: [], handled: [], opened: [] };
  const [, ...played] = await Promise.all([friends(world), ...Array.from({ length: STREAMS }, () => stranger(world))]);
  // Whoever has sent half an entry or half a frame, and has not closed its side, is left to the clock.
  for (let passedMs = 0; passedMs <= SPACES.idleMs; passedMs += 20_000) clock.advance(20_000);
  for (const stream of world.opened) stream.abort(new Error("the end"));
  await Promise.all(world.handled);
  assert.deepEqual(spaces.sizes(), { streams: 0, heldBytes: 0 }, "nothing is left behind");
  await spaces.drain();
  return {
    streams: world.opened.length,
    asked: played.reduce((sum, { asked }) => sum + asked, 0),
    answered: played.reduce((sum, { answered }) => sum + answered, 0),
    counters,
  };
}
