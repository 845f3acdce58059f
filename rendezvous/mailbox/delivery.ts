/**
 * Mail on its way to one stream of an owner: pages that were asked for, and after the last of them what comes. Nothing
 * is left out in between, and nothing goes twice or out of the order of serials. [MBX11]
 */
import { MAILBOX } from "../../core/limits.ts";
import type { SpaceAnswer } from "../../core/wire/spaceAnswer.ts";
import type { Counters } from "../counters.ts";
import { DELIVERY } from "../limits.ts";
import type { Fetched, Waiting } from "../store/port.ts";

/** As much of a stream as delivery needs. */
export interface Outlet {
  /** Whether what is said now goes out soon. */
  readonly isFlowing: boolean;
  say(answer: SpaceAnswer): void;
  /** So many bytes more are held for it in memory, or fewer; false where that is too much for the server. */
  hold(deltaBytes: number): boolean;
  end(): Promise<void>;
}

/** Around the envelopes of a page: the map and its names, and for each serial, depositor and names. */
const ITEM_BYTES = 80;
export const MAX_PAGE_BYTES = MAILBOX.maxAnswerBytes - (MAILBOX.maxFetched + 1) * ITEM_BYTES;

/**
 * `paging`: the owner has not asked for, or not yet got, the page behind which there is no more. `fetching`: a page is
 * being read, and what comes meanwhile is kept, since the page may or may not hold it. `live`: it is sent as it comes.
 */
type State = "paging" | "fetching" | "live";

export class Delivery {
  readonly #outlet: Outlet;
  readonly #counters: Counters;
  #state: State = "paging";
  #fetches = 0;
  /** All mail up to this serial has been sent, or was never wanted. */
  #cursor = 0;
  #pending: Waiting[] = [];
  #pendingBytes = 0;
  /** More came than may be pending, while a page was being read. */
  #hasOverflown = false;
  #unacknowledged = 0;
  #flushedAtMs = -Infinity;
  #stockTold: number | null = null;

  constructor(outlet: Outlet, counters: Counters) {
    this.#outlet = outlet;
    this.#counters = counters;
  }

  arrived(mail: Waiting): void {
    if (this.#state === "paging" || mail.serial <= this.#cursor) return;
    this.#pending.push(mail);
    this.#pendingBytes += mail.envelope.length;
    const isHeld = this.#outlet.hold(mail.envelope.length);
    if (isHeld && this.#pendingBytes <= DELIVERY.maxPendingBytes) return;
    this.#drop();
    if (this.#state === "live") this.#fallBehind();
    else this.#hasOverflown = true;
  }

  #drop(): void {
    this.#outlet.hold(-this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  /** The owner does not keep up: told once, and then it is for the owner to fetch. */
  #fallBehind(): void {
    this.#state = "paging";
    this.#drop();
    this.#counters.count("mailbox.behind");
    this.#outlet.say({ t: "arrived", waiting: [], more: true });
  }

  fetchBegins(): void {
    this.#fetches++;
    this.#state = "fetching";
  }

  fetchFailed(): void {
    this.#fetches--;
    if (this.#fetches > 0) return;
    this.#state = "paging";
    this.#hasOverflown = false;
    this.#drop();
  }

  /** The answer to a fetch. Mail that came while it was read goes after it, as far as the page does not hold it. */
  page(number: number, after: number, { waiting, more }: Fetched): void {
    this.#fetches--;
    this.#counters.count("mailbox.fetched", waiting.length);
    this.#outlet.say({ t: "mail", number, waiting, more });
    this.#cursor = waiting.at(-1)?.serial ?? after;
    this.#unacknowledged = waiting.length;
    // Another page is being read: what comes until then is still kept for it.
    if (this.#fetches > 0) return;
    const hasOverflown = this.#hasOverflown;
    this.#hasOverflown = false;
    this.#state = more ? "paging" : "live";
    if (more) this.#drop();
    else if (hasOverflown) this.#fallBehind();
  }

  acknowledged(count: number): void {
    this.#unacknowledged = Math.max(0, this.#unacknowledged - count);
  }

  /** Sends what is pending, unless the stream takes nothing; false where it is too early for that. */
  flush(nowMs: number): boolean {
    if (this.#state !== "live" || this.#pending.length === 0 || !this.#outlet.isFlowing) return true;
    if (!this.#fillsFrame && Math.abs(nowMs - this.#flushedAtMs) < DELIVERY.intervalMs) return false;
    this.#flushedAtMs = nowMs;
    const fresh = this.#pending.filter(({ serial }) => serial > this.#cursor);
    this.#drop();
    for (let at = 0; at < fresh.length && this.#state === "live";) {
      const frame = firstFrame(fresh, at);
      this.#push(frame);
      at += frame.length;
    }
    return true;
  }

  get #fillsFrame(): boolean {
    return this.#pending.length >= MAILBOX.maxFetched || this.#pendingBytes >= MAX_PAGE_BYTES;
  }

  #push(frame: readonly Waiting[]): void {
    if (this.#unacknowledged + frame.length > DELIVERY.maxUnacknowledged) return this.#fallBehind();
    this.#outlet.say({ t: "arrived", waiting: frame, more: false });
    this.#counters.count("mailbox.pushed", frame.length);
    this.#cursor = frame.at(-1)!.serial;
    this.#unacknowledged += frame.length;
  }

  stock(left: number): void {
    if (left === this.#stockTold) return;
    this.#stockTold = left;
    this.#outlet.say({ t: "stock", left });
  }

  /** Newer streams of the same owner have taken its place. */
  displace(): void {
    this.#counters.count("mailbox.displaced");
    this.end();
  }

  end(): void {
    this.leave();
    void this.#outlet.end();
  }

  /** The stream is over. */
  leave(): void {
    this.#state = "paging";
    this.#drop();
  }
}

/** As much of `mail` from `at` on as fits one frame. */
function firstFrame(mail: readonly Waiting[], at: number): readonly Waiting[] {
  let end = at;
  for (let sizeBytes = 0; end < mail.length && end - at < MAILBOX.maxFetched; end++) {
    sizeBytes += mail[end]!.envelope.length;
    if (sizeBytes > MAX_PAGE_BYTES) break;
  }
  return mail.slice(at, end);
}
