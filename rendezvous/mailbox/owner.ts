/** What the owner of a space asks of its mailbox. SPEC section 9a. */
import type { SpaceId } from "../../core/ids.ts";
import { MAILBOX } from "../../core/limits.ts";
import { mailboxOwnerCodec, type MailboxOwnerRequest } from "../../core/wire/spaceRequest.ts";
import type { Found, SpaceService } from "../spaces/handler.ts";
import type { Making } from "../spaces/making.ts";
import { refused, refusedByStore } from "../spaces/refusal.ts";
import { reader, type Seat } from "../spaces/seat.ts";
import type { SpaceStream } from "../spaces/spaceStream.ts";
import { Delivery, MAX_PAGE_BYTES } from "./delivery.ts";
import type { Hub } from "./hub.ts";

export interface MailboxService extends SpaceService {
  readonly hub: Hub;
  readonly making: Making;
  /** From which address prefix a stream comes. */
  prefixOf(stream: SpaceStream): string;
}

type Request<T extends MailboxOwnerRequest["t"]> = Extract<MailboxOwnerRequest, { readonly t: T }>;

export class Owner implements Seat {
  readonly isForMail = true;
  readonly read: Seat["read"] = reader(
    mailboxOwnerCodec,
    (number, request) => this.#serve(number, request),
    ({ t }) => t === "fetch" ? MAILBOX.maxAnswerBytes : 0,
  );
  readonly #service: MailboxService;
  readonly #space: SpaceId;
  readonly #stream: SpaceStream;
  readonly #found: Found;
  readonly #delivery: Delivery;

  constructor(service: MailboxService, space: SpaceId, stream: SpaceStream, found: Found) {
    this.#service = service;
    this.#space = space;
    this.#stream = stream;
    this.#found = found;
    this.#delivery = new Delivery(stream, service.counters);
    stream.stream.addEventListener("drain", () => service.hub.touch(this.#delivery));
  }

  welcome(): void {
    this.#service.hub.enter(this.#space, this.#delivery);
    const { isThere, left } = this.#found;
    if (isThere && left <= MAILBOX.lowStockCount) this.#delivery.stock(left);
  }

  leave(): void {
    this.#service.hub.leave(this.#space, this.#delivery);
    this.#delivery.leave();
  }

  #serve(number: number, request: MailboxOwnerRequest): Promise<void> {
    switch (request.t) {
      case "open":
        return this.#open(number, request);
      case "close":
        return this.#close(number);
      case "grant":
        return this.#do(number, this.#service.store.setGrants(this.#space, request.grants));
      case "revoke":
        return this.#do(number, this.#service.store.revoke(this.#space, request.depositors));
      case "fetch":
        return this.#fetch(number, request);
      case "ack":
        return this.#ack(number, request);
    }
  }

  async #do(number: number, change: ReturnType<MailboxService["store"]["setGrants"]>): Promise<void> {
    const result = await change;
    this.#stream.say(
      result.t === "refused" ? refusedByStore(this.#service.counters, number, result.reason) : { t: "done", number },
    );
  }

  /** Whoever finds its space made needs no permission. */
  async #open(number: number, { joinCode }: Request<"open">): Promise<void> {
    const { store, making, counters } = this.#service;
    const found = await store.hasSpace(this.#space);
    if (found.t === "refused") return this.#stream.say(refusedByStore(counters, number, found.reason));
    if (found.isThere) return this.#stream.say({ t: "done", number });
    const permission = making.ask(this.#service.prefixOf(this.#stream), joinCode);
    if (permission.t === "denied") {
      const retryAfterS = permission.reason === "too-many" ? permission.retryAfterS : 0;
      return this.#stream.say(refused(counters, number, permission.reason, retryAfterS));
    }
    const made = await store.openSpace(this.#space);
    if (made.t === "refused") return this.#stream.say(refusedByStore(counters, number, made.reason));
    counters.count("spaces.made");
    this.#stream.say({ t: "done", number });
  }

  async #close(number: number): Promise<void> {
    const result = await this.#service.store.closeSpace(this.#space);
    if (result.t === "refused") {
      return this.#stream.say(refusedByStore(this.#service.counters, number, result.reason));
    }
    this.#stream.say({ t: "done", number });
    this.#service.hub.closed(this.#space);
  }

  async #fetch(number: number, { after, limit }: Request<"fetch">): Promise<void> {
    this.#delivery.fetchBegins();
    const page = await this.#service.store.fetch(this.#space, after, Math.max(1, limit), MAX_PAGE_BYTES);
    if (page.t === "refused") {
      this.#delivery.fetchFailed();
      return this.#stream.say(refusedByStore(this.#service.counters, number, page.reason));
    }
    this.#delivery.page(number, after, page);
    this.#service.hub.touch(this.#delivery);
  }

  async #ack(number: number, { envelopes }: Request<"ack">): Promise<void> {
    const result = await this.#service.store.ack(this.#space, envelopes);
    if (result.t === "refused") {
      return this.#stream.say(refusedByStore(this.#service.counters, number, result.reason));
    }
    this.#delivery.acknowledged(result.deleted);
    this.#service.counters.count("mailbox.acknowledged", result.deleted);
    this.#stream.say({ t: "done", number });
  }
}
