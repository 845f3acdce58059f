/** A visit to the space of somebody else, as one depositor: [MBX10] a connection for this alone. */
import { depositorEntry } from "../../core/mailbox/space.ts";
import type { AskOutcome, TakeOutcome } from "../../core/node/event.ts";
import type { MailAddress } from "../../core/wire/mailAddress.ts";
import type { SpaceAnswer } from "../../core/wire/spaceAnswer.ts";
import { MAILBOX_PROTOCOL, PREKEYS_PROTOCOL } from "../../core/wire/spaceEntry.ts";
import {
  mailboxDepositorCodec,
  type MailboxDepositorRequest,
  prekeysDepositorCodec,
  type PrekeysDepositorRequest,
} from "../../core/wire/spaceRequest.ts";
import { MAIL, NET } from "../limits.ts";
import { cutOff } from "./cutOff.ts";
import { connectForMail, type MailConnection } from "./mailConnection.ts";
import { type Entry, SpaceStream } from "./mailStream.ts";

/** What came of a request; `done` only of a deposit, `bundle` only of a take. */
export type VisitOutcome = AskOutcome | TakeOutcome;

export interface Errand {
  readonly address: MailAddress;
  readonly request: MailboxDepositorRequest | PrekeysDepositorRequest;
  /** Called once. */
  readonly done: (outcome: VisitOutcome) => void;
}

export const LOST: VisitOutcome = { t: "lost" };

/** `null` where the stream ended before. */
type OnAnswer = (answer: SpaceAnswer | null) => void;
type Stream<Request> = SpaceStream<Request, OnAnswer>;

export class Visit {
  readonly #errands: Errand[] = [];
  #at: MailConnection | null = null;
  #mailbox: Stream<MailboxDepositorRequest> | null = null;
  #prekeys: Stream<PrekeysDepositorRequest> | null = null;
  #wake: (() => void) | null = null;
  isUnderWay = false;

  /** `mayLinger`: nobody else waits to make a visit. */
  constructor(private readonly mayLinger: () => boolean) {}

  add(errand: Errand): void {
    this.#errands.push(errand);
    this.#wake?.();
  }

  get hasErrands(): boolean {
    return this.#errands.length > 0;
  }

  get isLingering(): boolean {
    return this.#wake !== null;
  }

  leave(): void {
    this.#at?.connection.close().catch(() => {});
    this.#wake?.();
  }

  /** One errand after the other, until there was none for a while. A place that cannot be reached costs all that wait. */
  async run(): Promise<void> {
    this.isUnderWay = true;
    try {
      do {
        for (let errand = this.#errands[0]; errand !== undefined; errand = this.#errands[0]) {
          const outcome = await this.#carryOut(errand);
          this.#errands.shift();
          errand.done(outcome);
        }
        await this.#linger();
      } while (this.hasErrands);
    } catch {
      for (const { done } of this.#errands.splice(0)) done(LOST);
    }
    this.leave();
    this.isUnderWay = false;
  }

  async #linger(): Promise<void> {
    const connection = this.#at?.connection;
    if (connection?.status !== "open" || !this.mayLinger()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, MAIL.lingerMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      connection.addEventListener("close", () => this.#wake?.(), { once: true });
    });
    this.#wake = null;
  }

  /** Rejects when there is no way in. */
  async #carryOut({ address, request }: Errand): Promise<VisitOutcome> {
    if (this.#at?.connection.status !== "open") {
      this.#mailbox = this.#prekeys = null;
      this.#at = await connectForMail(address.server, AbortSignal.timeout(NET.dialTimeoutMs));
    }
    const answer = await this.#ask(this.#at, address, request);
    if (answer?.t === "refused") return { t: "refused", reason: answer.reason, retryAfterS: answer.retryAfterS };
    if (answer?.t === "done" && request.t === "deposit") return { t: "done" };
    if (answer?.t === "bundle" && request.t === "take") return { t: "bundle", sealed: answer.sealed };
    cutOff(this.#at.connection, "no answer to what was asked");
    return LOST;
  }

  async #ask(at: MailConnection, address: MailAddress, request: Errand["request"]): Promise<SpaceAnswer | null> {
    const sign: Entry<unknown>["sign"] = (context) => depositorEntry(address, context);
    if (request.t === "deposit") {
      if (!this.#mailbox?.isOpen) {
        this.#mailbox = await enter(at, { protocol: MAILBOX_PROTOCOL, codec: mailboxDepositorCodec, sign });
      }
      return await answerTo(this.#mailbox, request);
    }
    if (!this.#prekeys?.isOpen) {
      this.#prekeys = await enter(at, { protocol: PREKEYS_PROTOCOL, codec: prekeysDepositorCodec, sign });
    }
    return await answerTo(this.#prekeys, request);
  }
}

async function enter<Request>(at: MailConnection, entry: Entry<Request>): Promise<Stream<Request>> {
  const stream = await SpaceStream.enter<Request, OnAnswer>(at, entry);
  void stream.run((answer, onAnswer) => {
    if (onAnswer !== null) onAnswer(answer);
    else if (answer.t !== "closing") throw new Error("nothing comes unasked to a depositor");
  }).then((lost) => {
    for (const onAnswer of lost) onAnswer(null);
  });
  return stream;
}

const answerTo = <Request>(stream: Stream<Request>, request: Request): Promise<SpaceAnswer | null> =>
  new Promise((resolve) => stream.ask(request, resolve));
