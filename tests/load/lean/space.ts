/** A stream to a space on a lean client: one entry, then requests whose answers come by their numbers. SPEC section 9a. */
import type { EntryContext } from "../../../core/crypto/spaceEntry.ts";
import { depositorEntry, ownerEntry, type SpaceKeys } from "../../../core/mailbox/space.ts";
import type { MailAddress } from "../../../core/wire/mailAddress.ts";
import type { Codec } from "../../../core/wire/schema.ts";
import { type SpaceAnswer, spaceAnswerCodec } from "../../../core/wire/spaceAnswer.ts";
import { challengeCodec, MAILBOX_PROTOCOL } from "../../../core/wire/spaceEntry.ts";
import {
  mailboxDepositorCodec,
  type MailboxDepositorRequest,
  mailboxOwnerCodec,
  type MailboxOwnerRequest,
} from "../../../core/wire/spaceRequest.ts";
import { peerIdOf } from "../crowd.ts";
import type { LeanClient, LeanStream } from "./client.ts";

export type Arrived = Extract<SpaceAnswer, { readonly t: "arrived" }>;

export class LeanSpace<Request> {
  readonly #stream: LeanStream;
  readonly #codec: Codec<{ readonly number: number; readonly request: Request }>;
  readonly #waiting = new Map<number, (answer: SpaceAnswer) => void>();
  #number = 0;
  onArrived: (arrived: Arrived) => void = () => {};

  private constructor(stream: LeanStream, codec: Codec<{ readonly number: number; readonly request: Request }>) {
    this.#stream = stream;
    this.#codec = codec;
  }

  static owner(client: LeanClient, serverPeer: string, keys: SpaceKeys): Promise<LeanSpace<MailboxOwnerRequest>> {
    return LeanSpace.#enter(client, serverPeer, mailboxOwnerCodec, (context) => ownerEntry(keys, context));
  }

  static depositor(
    client: LeanClient,
    serverPeer: string,
    address: MailAddress,
  ): Promise<LeanSpace<MailboxDepositorRequest>> {
    return LeanSpace.#enter(client, serverPeer, mailboxDepositorCodec, (context) => depositorEntry(address, context));
  }

  static async #enter<Request>(
    client: LeanClient,
    serverPeer: string,
    codec: Codec<{ readonly number: number; readonly request: Request }>,
    sign: (context: EntryContext) => Uint8Array,
  ): Promise<LeanSpace<Request>> {
    const stream = await client.open(MAILBOX_PROTOCOL);
    const hello = challengeCodec.decode(await stream.input.readFrame());
    if (!hello.ok) throw new Error(hello.reason);
    const { challenge } = hello.value;
    const clientPeer = peerIdOf(client.identity);
    await stream.sendFrame(sign({ protocol: MAILBOX_PROTOCOL, serverPeer, clientPeer, challenge }));
    const space = new LeanSpace(stream, codec);
    if ((await space.#read()).t !== "entered") throw new Error("the entry was refused");
    void space.#listen();
    return space;
  }

  async #read(): Promise<SpaceAnswer> {
    const answer = spaceAnswerCodec.decode(await this.#stream.input.readFrame());
    if (!answer.ok) throw new Error(answer.reason);
    return answer.value;
  }

  async #listen(): Promise<void> {
    try {
      while (true) {
        const answer = await this.#read();
        if (answer.t === "arrived") this.onArrived(answer);
        if (!("number" in answer)) continue;
        this.#waiting.get(answer.number)?.(answer);
        this.#waiting.delete(answer.number);
      }
    } catch {
      // The connection is gone, as it is at the end of each run; whoever still waits was cut off and is not counted.
    }
  }

  async ask(request: Request): Promise<SpaceAnswer> {
    const number = ++this.#number;
    const answered = new Promise<SpaceAnswer>((resolve) => this.#waiting.set(number, resolve));
    await this.#stream.sendFrame(this.#codec.encode({ number, request }));
    return await answered;
  }

  /** Throws where it is refused. */
  async do(request: Request): Promise<void> {
    const answer = await this.ask(request);
    if (answer.t !== "done" && answer.t !== "mail") throw new Error(JSON.stringify(answer));
  }
}
