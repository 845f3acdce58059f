/** A stream to a space: entered once, then requests and answers that go by number. SPEC section 9a. */
import type { EntryContext } from "../../core/crypto/spaceEntry.ts";
import { challengeCodec, type SpaceProtocol } from "../../core/wire/spaceEntry.ts";
import { type SpaceAnswer, spaceAnswerCodec } from "../../core/wire/spaceAnswer.ts";
import type { Codec } from "../../core/wire/schema.ts";
import { MAIL, NET } from "../limits.ts";
import { cutOff } from "./cutOff.ts";
import { type FramedStream, framedStream } from "./framedStream.ts";
import type { MailConnection } from "./mailConnection.ts";

/** Which of the four kinds of streams, and who enters. */
export interface Entry<Request> {
  readonly protocol: SpaceProtocol;
  readonly codec: Pick<Codec<{ readonly number: number; readonly request: Request }>, "encode">;
  readonly sign: (context: EntryContext) => Uint8Array;
}

interface Asked<Note> {
  readonly note: Note;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class NotLetIn extends Error {
  /** 0 where the server did not say when to come back. */
  readonly retryAfterS: number;

  constructor(said: SpaceAnswer | null) {
    super("not let in");
    this.retryAfterS = said?.t === "closing" ? said.retryAfterS : 0;
  }
}

/** `Note` is what whoever asks wants to see beside the answer. */
export class SpaceStream<Request, Note> {
  readonly #asked = new Map<number, Asked<Note>>();
  #lastNumber = 0;
  #hasEnded = false;

  private constructor(
    private readonly stream: FramedStream,
    private readonly of: MailConnection,
    private readonly entry: Entry<Request>,
    /** Whether the server knows the space. */
    readonly exists: boolean,
  ) {}

  /** [MBX7] Rejects, too, when the server says anything else than what belongs here. */
  static async enter<Request, Note>(
    of: MailConnection,
    entry: Entry<Request>,
  ): Promise<SpaceStream<Request, Note>> {
    const { connection, peer } = of;
    const signal = AbortSignal.timeout(NET.dialTimeoutMs);
    const stream = framedStream(await connection.newStream(entry.protocol, { signal }), MAIL);
    const hello = await stream.next(MAIL.answerTimeoutMs);
    const challenge = hello && challengeCodec.decode(hello);
    if (!challenge?.ok) throw new NotLetIn(hello && readAnswer(hello));
    const serverPeer = connection.remotePeer.toString();
    const context = { protocol: entry.protocol, serverPeer, clientPeer: peer, ...challenge.value };
    stream.send(entry.sign(context));
    const entered = await nextAnswer(stream, MAIL.answerTimeoutMs);
    if (entered?.t !== "entered") throw new NotLetIn(entered);
    return new SpaceStream(stream, of, entry, entered.exists);
  }

  get isOpen(): boolean {
    return !this.#hasEnded && this.of.connection.status === "open";
  }

  /** Throws where the stream has ended. Without an answer in time the connection is given up. */
  ask(request: Request, note: Note): void {
    if (!this.isOpen) throw new Error("the stream has ended");
    const number = ++this.#lastNumber;
    const giveUp = () => cutOff(this.of.connection, "no answer");
    this.#asked.set(number, { note, timer: setTimeout(giveUp, MAIL.answerTimeoutMs) });
    this.stream.send(this.entry.codec.encode({ number, request }));
  }

  /**
   * Hands on one answer after the other, with the note of its request where it is one. Resolves to the notes of what was
   * not answered when the stream has ended; if it ended because the server broke the protocol, so does the connection.
   */
  async run(hear: (answer: SpaceAnswer, note: Note | null) => Promise<void> | void): Promise<readonly Note[]> {
    try {
      for (let answer = await nextAnswer(this.stream); answer !== null; answer = await nextAnswer(this.stream)) {
        await hear(answer, "number" in answer ? this.#take(answer.number) : null);
      }
    } catch {
      cutOff(this.of.connection, "the server broke the protocol");
    }
    this.#hasEnded = true;
    this.stream.close();
    const lost = [...this.#asked.values()];
    for (const { timer } of lost) clearTimeout(timer);
    return lost.map(({ note }) => note);
  }

  #take(number: number): Note {
    const asked = this.#asked.get(number);
    if (asked === undefined) throw new Error("an answer to nothing");
    this.#asked.delete(number);
    clearTimeout(asked.timer);
    return asked.note;
  }
}

/** `null` at the end. Rejects on what is no answer. */
async function nextAnswer(stream: FramedStream, timeoutMs?: number): Promise<SpaceAnswer | null> {
  const frame = await stream.next(timeoutMs);
  return frame && readAnswer(frame);
}

function readAnswer(frame: Uint8Array): SpaceAnswer {
  const answer = spaceAnswerCodec.decode(frame);
  if (!answer.ok) throw new Error(answer.reason);
  return answer.value;
}
