/** What leaves mail in a space. SPEC section 9a. */
import type { DepositorId, SpaceId } from "../../core/ids.ts";
import { decodeSealedMail } from "../../core/wire/sealedMail.ts";
import { mailboxDepositorCodec, type MailboxDepositorRequest } from "../../core/wire/spaceRequest.ts";
import { refused, refusedByStore } from "../spaces/refusal.ts";
import { reader, type Seat } from "../spaces/seat.ts";
import type { SpaceStream } from "../spaces/spaceStream.ts";
import type { DepositRefusal, Kept, Refused } from "../store/port.ts";
import type { MailboxService } from "./owner.ts";

export class Depositor implements Seat {
  readonly isForMail = false;
  readonly read: Seat["read"] = reader(mailboxDepositorCodec, (number, request) => this.#deposit(number, request));
  readonly #service: MailboxService;
  readonly #space: SpaceId;
  readonly #depositor: DepositorId;
  readonly #stream: SpaceStream;

  constructor(service: MailboxService, space: SpaceId, depositor: DepositorId, stream: SpaceStream) {
    this.#service = service;
    this.#space = space;
    this.#depositor = depositor;
    this.#stream = stream;
  }

  welcome(): void {}

  leave(): void {}

  async #deposit(number: number, { envelopes }: MailboxDepositorRequest): Promise<void> {
    const { store, clock, counters } = this.#service;
    if (envelopes.length === 0 || !envelopes.every((envelope) => decodeSealedMail(envelope).ok)) {
      return this.#stream.say(refused(counters, number, "malformed"));
    }
    this.#answer(number, envelopes.length, await store.deposit(this.#space, this.#depositor, envelopes, clock.nowMs()));
  }

  /** Not a turn later than the store said so: deposits reach the owner in the order in which they were kept. */
  #answer(number: number, leftCount: number, result: Kept | Refused<DepositRefusal>): void {
    const { counters, hub } = this.#service;
    if (result.t === "refused") return this.#stream.say(refusedByStore(counters, number, result.reason));
    counters.count("mailbox.deposited", result.kept.length);
    this.#stream.say({ t: "done", number });
    // Envelopes may be views into the whole frame, which would wait with the few that are new in it.
    const isWhole = result.kept.length === leftCount;
    const kept = isWhole
      ? result.kept
      : result.kept.map((mail) => ({ ...mail, envelope: new Uint8Array(mail.envelope) }));
    hub.arrived(this.#space, this.#depositor, kept);
  }
}
