/** Our own space: a connection that is held for as long as the program runs, what the node asks on it, and what comes. */
import { ownerEntry, type SpaceKeys } from "../../core/mailbox/space.ts";
import type { AskOutcome, NodeEvent } from "../../core/node/event.ts";
import type { SpaceAnswer, WaitingMail } from "../../core/wire/spaceAnswer.ts";
import { MAILBOX_PROTOCOL, PREKEYS_PROTOCOL } from "../../core/wire/spaceEntry.ts";
import {
  mailboxOwnerCodec,
  type MailboxOwnerRequest,
  prekeysOwnerCodec,
  type PrekeysOwnerRequest,
} from "../../core/wire/spaceRequest.ts";
import { MAIL } from "../limits.ts";
import { ConnectionLoop, type LoopState } from "./connectionLoop.ts";
import { connectForMail, type MailConnection } from "./mailConnection.ts";
import { NotLetIn, SpaceStream } from "./mailStream.ts";
import { answersPing } from "./ping.ts";
import { restMs } from "./serverRest.ts";

interface Note {
  readonly ask: number;
  readonly isFetch: boolean;
}

export interface OwnerPorts {
  /** Settles when the event has been dealt with; nothing more is read before that. */
  onEvent(event: NodeEvent): Promise<unknown>;
  /** Uniform in [0, 1). */
  random(): number;
}

export class MailOwner {
  readonly #loop: ConnectionLoop;
  #at: MailConnection | null = null;
  #mailbox: SpaceStream<MailboxOwnerRequest, Note> | null = null;
  #prekeys: Promise<SpaceStream<PrekeysOwnerRequest, Note>> | null = null;
  #isOpen = false;
  #restMs = 0;

  constructor(readonly server: string, private readonly keys: SpaceKeys, private readonly ports: OwnerPorts) {
    this.#loop = new ConnectionLoop({
      dial: async (signal) => (this.#at = await connectForMail(server, signal)).connection,
      settle: () => this.#enter(),
      isAlive: answersPing,
      onState: (state) => this.#changed(state),
      random: ports.random,
      leastPauseMs: () => Math.max(this.#takeRestMs(), restMs(server)),
    });
    this.#loop.run();
  }

  ask(ask: number, request: MailboxOwnerRequest | PrekeysOwnerRequest): void {
    // Without a stream it is lost, and `MailboxClosed` has said so or is about to.
    if (request.t === "upload") void this.#upload(ask, request);
    else if (this.#isOpen && this.#mailbox?.isOpen) this.#mailbox.ask(request, { ask, isFetch: request.t === "fetch" });
  }

  retryNow(): void {
    this.#loop.retryNow();
  }

  stop(): void {
    const connection = this.#loop.current;
    this.#loop.stop();
    connection?.close().catch(() => {});
  }

  /** What the server asked for holds once: whether it is back is learned by trying. */
  #takeRestMs(): number {
    const restMs = this.#restMs;
    this.#restMs = 0;
    return restMs;
  }

  async #enter(): Promise<void> {
    this.#prekeys = null;
    try {
      this.#mailbox = await SpaceStream.enter(this.#at!, {
        protocol: MAILBOX_PROTOCOL,
        codec: mailboxOwnerCodec,
        sign: (context) => ownerEntry(this.keys, context),
      });
    } catch (error) {
      if (error instanceof NotLetIn) this.#restMs = error.retryAfterS * 1_000;
      throw error;
    }
  }

  #changed(state: LoopState): void {
    const isOpen = state === "online";
    if (isOpen) {
      this.ports.onEvent({ type: "MailboxOpened", exists: this.#mailbox!.exists });
      void this.#listen(this.#mailbox!, this.#at!);
    } else if (this.#isOpen) this.ports.onEvent({ type: "MailboxClosed" });
    this.#isOpen = isOpen;
  }

  async #listen(mailbox: SpaceStream<MailboxOwnerRequest, Note>, { connection }: MailConnection): Promise<void> {
    await mailbox.run((answer, note) => this.#hear(answer, note));
    // The connection is of no use without this stream.
    await connection.close().catch(() => {});
  }

  async #upload(ask: number, request: PrekeysOwnerRequest): Promise<void> {
    try {
      (await (this.#prekeys ??= this.#openPrekeys())).ask(request, { ask, isFetch: false });
    } catch {
      this.#answer(ask, { t: "lost" });
    }
  }

  async #openPrekeys(): Promise<SpaceStream<PrekeysOwnerRequest, Note>> {
    const at = this.#at;
    if (at === null || !this.#isOpen) throw new Error("not connected");
    try {
      const prekeys = await SpaceStream.enter<PrekeysOwnerRequest, Note>(at, {
        protocol: PREKEYS_PROTOCOL,
        codec: prekeysOwnerCodec,
        sign: (context) => ownerEntry(this.keys, context),
      });
      void prekeys.run((answer, note) => this.#hear(answer, note)).then((lost) => {
        if (at === this.#at) this.#prekeys = null;
        for (const { ask } of lost) this.#answer(ask, { t: "lost" });
      });
      return prekeys;
    } catch (error) {
      if (at === this.#at) this.#prekeys = null;
      throw error;
    }
  }

  async #hear(answer: SpaceAnswer, note: Note | null): Promise<void> {
    switch (answer.t) {
      case "arrived":
        return await this.#deliver(answer.waiting, answer.more);
      case "stock":
        return void await this.ports.onEvent({ type: "StockLow", left: answer.left });
      case "closing":
        this.#restMs = answer.retryAfterS * 1_000;
        return;
      case "refused":
        return this.#answer(note!.ask, { t: "refused", reason: answer.reason, retryAfterS: answer.retryAfterS });
      case "done":
        if (!note!.isFetch) return this.#answer(note!.ask, { t: "done" });
        break;
      case "mail":
        if (note!.isFetch) return await this.#deliver(answer.waiting, answer.more);
    }
    throw new Error("no answer to what was asked");
  }

  #answer(ask: number, outcome: AskOutcome): void {
    this.ports.onEvent({ type: "MailboxAnswered", ask, outcome });
  }

  /** In slices, between which the page can draw. Only with the last of them it is true that more waits at the server. */
  async #deliver(waiting: readonly WaitingMail[], more: boolean): Promise<void> {
    for (let at = 0;;) {
      const slice = waiting.slice(at, at += MAIL.deliveredAtOnce);
      const isLast = at >= waiting.length;
      await this.ports.onEvent({ type: "MailArrived", waiting: slice, more: isLast && more });
      if (isLast) return;
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
}
