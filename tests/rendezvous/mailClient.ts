/** A client of one space, over one stream: enters, asks many things at a time, and hears what it did not ask for. */
import assert from "node:assert/strict";
import type { Connection, Stream } from "@libp2p/interface";
import { type LengthPrefixedStream, lpStream } from "@libp2p/utils";
import type { EntryContext } from "../../core/crypto/spaceEntry.ts";
import { MAILBOX } from "../../core/limits.ts";
import { depositorEntry, ownerEntry, type SpaceKeys } from "../../core/mailbox/space.ts";
import type { MailAddress } from "../../core/wire/mailAddress.ts";
import type { Codec } from "../../core/wire/schema.ts";
import { type SpaceAnswer, spaceAnswerCodec } from "../../core/wire/spaceAnswer.ts";
import { challengeCodec, MAILBOX_PROTOCOL, PREKEYS_PROTOCOL, type SpaceProtocol } from "../../core/wire/spaceEntry.ts";
import {
  mailboxDepositorCodec,
  type MailboxDepositorRequest,
  mailboxOwnerCodec,
  type MailboxOwnerRequest,
  prekeysDepositorCodec,
  type PrekeysDepositorRequest,
  prekeysOwnerCodec,
  type PrekeysOwnerRequest,
} from "../../core/wire/spaceRequest.ts";

/** Both ends of a stream, as the libp2p connection under it has proven them. */
export interface Ends {
  readonly serverPeer: string;
  readonly clientPeer: string;
}

export type Unasked = Extract<SpaceAnswer, { readonly t: "arrived" | "stock" | "closing" }>;

type RequestCodec<Request> = Codec<{ readonly number: number; readonly request: Request }>;

export interface Entrance {
  readonly frames: LengthPrefixedStream;
  readonly context: EntryContext;
}

const PATIENCE_MS = 20_000;

async function patiently<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`waited in vain for ${what}`)), PATIENCE_MS);
  return await Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
}

/** As far as the challenge. */
export async function knock(stream: Stream, { serverPeer, clientPeer }: Ends): Promise<Entrance> {
  const frames = lpStream(stream, {
    maxDataLength: MAILBOX.maxAnswerBytes,
    maxBufferSize: 32 * MAILBOX.maxAnswerBytes,
  });
  const hello = challengeCodec.decode((await frames.read()).slice());
  assert.ok(hello.ok);
  const protocol = stream.protocol as SpaceProtocol;
  return { frames, context: { protocol, serverPeer, clientPeer, challenge: hello.value.challenge } };
}

export class SpaceClient<Request> {
  readonly unasked: Unasked[] = [];
  readonly #codec: RequestCodec<Request>;
  readonly #frames: LengthPrefixedStream;
  readonly #waiting = new Map<number, (answer: SpaceAnswer | null) => void>();
  #news: (() => void) | null = null;
  #number = 0;
  #isOver = false;
  /** What was said to the entry; null where the stream was cut. */
  exists: boolean | null = null;

  private constructor(readonly stream: Stream, frames: LengthPrefixedStream, codec: RequestCodec<Request>) {
    this.#frames = frames;
    this.#codec = codec;
  }

  static async enter<Request>(
    stream: Stream,
    ends: Ends,
    codec: RequestCodec<Request>,
    sign: (context: EntryContext) => Uint8Array,
  ): Promise<SpaceClient<Request>> {
    const { frames, context } = await knock(stream, ends);
    const client = new SpaceClient(stream, frames, codec);
    await frames.write(sign(context));
    const said = await client.#read();
    if (said?.t === "entered") client.exists = said.exists;
    void client.#listen();
    return client;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  async #read(): Promise<SpaceAnswer | null> {
    try {
      const answer = spaceAnswerCodec.decode((await this.#frames.read()).subarray());
      assert.ok(answer.ok, "the server's answers can be read");
      return answer.value;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return null;
    }
  }

  async #listen(): Promise<void> {
    for (let answer = await this.#read(); answer !== null; answer = await this.#read()) {
      if (answer.t === "arrived" || answer.t === "stock" || answer.t === "closing") {
        this.unasked.push(answer);
        this.#news?.();
      } else if (answer.t !== "entered") {
        this.#waiting.get(answer.number)?.(answer);
        this.#waiting.delete(answer.number);
      }
    }
    this.#isOver = true;
    for (const settle of this.#waiting.values()) settle(null);
    this.#news?.();
  }

  /** Null where the stream ended before there was an answer. Rejects when there is none for long. */
  ask(request: Request): Promise<SpaceAnswer | null> {
    return patiently(this.#ask(request), "an answer");
  }

  #ask(request: Request): Promise<SpaceAnswer | null> {
    const number = ++this.#number;
    const answered = new Promise<SpaceAnswer | null>((resolve) => this.#waiting.set(number, resolve));
    if (this.#isOver) return Promise.resolve(null);
    this.#frames.write(this.#codec.encode({ number, request })).catch(() => {});
    return answered;
  }

  /** The next that was not asked for; null where the stream ends instead. */
  async hear(): Promise<Unasked | null> {
    while (this.unasked.length === 0 && !this.#isOver) {
      await patiently(new Promise<void>((resolve) => this.#news = resolve), "what was not asked for");
    }
    return this.unasked.shift() ?? null;
  }

  async close(): Promise<void> {
    await this.stream.close();
  }
}

export const endsOf = ({ remotePeer }: Connection, clientPeer: { toString(): string }): Ends => ({
  serverPeer: remotePeer.toString(),
  clientPeer: clientPeer.toString(),
});

export type OwnerClient = SpaceClient<MailboxOwnerRequest>;
export type DepositorClient = SpaceClient<MailboxDepositorRequest>;
export type UploaderClient = SpaceClient<PrekeysOwnerRequest>;
export type TakerClient = SpaceClient<PrekeysDepositorRequest>;

/** A connection, and the PeerId of its client. */
export interface Line {
  readonly connection: Connection;
  readonly peer: { toString(): string };
}

const open = async <Request>(
  { connection, peer }: Line,
  protocol: SpaceProtocol,
  codec: RequestCodec<Request>,
  sign: (context: EntryContext) => Uint8Array,
): Promise<SpaceClient<Request>> =>
  await SpaceClient.enter(await connection.newStream(protocol), endsOf(connection, peer), codec, sign);

export const enterOwner = (line: Line, keys: SpaceKeys): Promise<OwnerClient> =>
  open(line, MAILBOX_PROTOCOL, mailboxOwnerCodec, (context) => ownerEntry(keys, context));

export const enterDepositor = (line: Line, address: MailAddress): Promise<DepositorClient> =>
  open(line, MAILBOX_PROTOCOL, mailboxDepositorCodec, (context) => depositorEntry(address, context));

export const enterUploader = (line: Line, keys: SpaceKeys): Promise<UploaderClient> =>
  open(line, PREKEYS_PROTOCOL, prekeysOwnerCodec, (context) => ownerEntry(keys, context));

export const enterTaker = (line: Line, address: MailAddress): Promise<TakerClient> =>
  open(line, PREKEYS_PROTOCOL, prekeysDepositorCodec, (context) => depositorEntry(address, context));
