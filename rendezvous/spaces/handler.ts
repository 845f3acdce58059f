/** A stream to a space, on either protocol: challenge, entry, and then requests, many at a time. SPEC section 9a. */
import { randomBytes } from "node:crypto";
import { type Entered, verifyEntry } from "../../core/crypto/spaceEntry.ts";
import { challengeCodec, type SpaceProtocol } from "../../core/wire/spaceEntry.ts";
import { SPACES } from "../limits.ts";
import { type Service, type StreamHandler, violation } from "../service.ts";
import type { SpaceStore } from "../store/port.ts";
import { type OpenStreams, returnS } from "./openStreams.ts";
import type { Rates } from "./rates.ts";
import { refused } from "./refusal.ts";
import type { Asked, Seat } from "./seat.ts";
import { SpaceStream } from "./spaceStream.ts";

export interface SpaceService extends Service {
  readonly store: SpaceStore;
  readonly streams: OpenStreams;
  readonly rates: Rates;
  /** The PeerId of this server, in the text form that libp2p prints. */
  readonly serverPeer: string;
}

export interface Found {
  readonly isThere: boolean;
  /** One-time bundles in it. */
  readonly left: number;
}

export type Sit = (entered: Entered, stream: SpaceStream, found: Found) => Seat;

const CHALLENGE_BYTES = 32;

export function spaceHandler(service: SpaceService, protocol: SpaceProtocol, sit: Sit): StreamHandler {
  const { streams } = service;
  return async (stream, connection) => {
    const hold = (deltaBytes: number) => streams.hold(deltaBytes);
    const spaceStream = new SpaceStream({ ...service, stream, connection, hold });
    if (streams.isDraining) return void await sendAway(spaceStream, returnS());
    streams.add(spaceStream);
    try {
      const seat = await enter(service, protocol, spaceStream, sit);
      if (seat !== null) await serveAll(service, spaceStream, seat).finally(() => seat.leave());
    } finally {
      streams.delete(spaceStream);
    }
  };
}

async function sendAway(stream: SpaceStream, retryAfterS: number): Promise<null> {
  stream.say({ t: "closing", retryAfterS });
  await stream.end();
  return null;
}

/** Null where the stream is over already. */
async function enter(
  service: SpaceService,
  protocol: SpaceProtocol,
  stream: SpaceStream,
  sit: Sit,
): Promise<Seat | null> {
  const entered = await readEntry(service, protocol, stream);
  if (entered === null) return null;
  const found = entered.role === "owner" ? await service.store.hasSpace(entered.space) : NOT_ASKED;
  if (found.t === "refused") return await sendAway(stream, SPACES.retryBusyS);
  if (!stream.isOpen) return null;
  service.counters.count("spaces.entered");
  const seat = sit(entered, stream, found);
  stream.entered(seat.isForMail ? "mail" : "requests");
  stream.say({ t: "entered", exists: found.isThere });
  seat.welcome();
  return seat;
}

/** What a depositor hears does not depend on whether there is such a space: its first request tells. */
const NOT_ASKED = { t: "done", isThere: true, left: 0 } as const;

async function readEntry(
  service: SpaceService,
  protocol: SpaceProtocol,
  stream: SpaceStream,
): Promise<Entered | null> {
  const { connection } = stream;
  const nowMs = service.clock.nowMs();
  if (!service.rates.of(connection, nowMs).entries.take(nowMs)) {
    violation(service, "spaces.entry-flood", connection);
    return null;
  }
  if (!service.rates.mayEnter(connection, nowMs)) {
    service.counters.count("spaces.prefix-flood");
    return await sendAway(stream, returnS());
  }
  const challenge = new Uint8Array(randomBytes(CHALLENGE_BYTES));
  stream.sayBytes(challengeCodec.encode({ challenge }));
  const frame = await stream.next();
  if (frame.t === "end") {
    await stream.end();
    return null;
  }
  if (frame.t !== "frame") {
    stream.cut(`spaces.${frame.t}`);
    return null;
  }
  const entered = verifyEntry(frame.bytes, {
    protocol,
    serverPeer: service.serverPeer,
    clientPeer: connection.remotePeer.toString(),
    challenge,
  });
  if (entered.ok) return entered.value;
  stream.cut("spaces.bad-entry");
  return null;
}

async function serveAll(service: SpaceService, stream: SpaceStream, seat: Seat): Promise<void> {
  let lastNumber = 0;
  while (stream.isOpen) {
    const frame = await stream.next();
    if (frame.t === "end") break;
    if (frame.t !== "frame") return stream.cut(`spaces.${frame.t}`);
    const asked = seat.read(frame.bytes);
    if (!asked.ok) return stream.cut("spaces.malformed");
    if (asked.value.number <= lastNumber) return stream.cut("spaces.out-of-order");
    lastNumber = asked.value.number;
    serveOne(service, stream, asked.value, frame.bytes.length);
  }
  await stream.settled();
  await stream.end();
}

function serveOne(service: SpaceService, stream: SpaceStream, asked: Asked, frameBytes: number): void {
  const { number, answerBytes } = asked;
  const { counters, clock, streams, rates } = service;
  const nowMs = clock.nowMs();
  stream.begin(frameBytes, answerBytes);
  const finish = () => stream.finish(frameBytes, answerBytes);
  const refusal = streams.isDraining
    ? refused(counters, number, "busy", returnS())
    : rates.of(stream.connection, nowMs).requests.take(nowMs)
    ? null
    : refused(counters, number, "too-many");
  if (refusal !== null) {
    stream.say(refusal);
    return finish();
  }
  asked.serve().catch(() => stream.cut("spaces.failed")).finally(finish);
}
