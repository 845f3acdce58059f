/** Who takes a prekey bundle out of a space, as often as its grant and the rates allow. SPEC section 9a. */
import type { DepositorId, SpaceId } from "../../core/ids.ts";
import { prekeysDepositorCodec } from "../../core/wire/spaceRequest.ts";
import { Buckets } from "../bucket.ts";
import { TAKING } from "../limits.ts";
import type { Hub } from "../mailbox/hub.ts";
import type { SpaceService } from "../spaces/handler.ts";
import { refused, refusedByStore } from "../spaces/refusal.ts";
import { reader, type Seat } from "../spaces/seat.ts";
import type { SpaceStream } from "../spaces/spaceStream.ts";

export interface TakingService extends SpaceService {
  readonly hub: Hub;
  /** Of each space, whoever takes. */
  readonly spaceBundles: Buckets;
}

export const spaceBundleBuckets = (): Buckets =>
  new Buckets({ perSecond: TAKING.spacePerSecond, burst: TAKING.spaceBurst }, TAKING.maxSpaces);

export class Taker implements Seat {
  readonly isForMail = false;
  readonly read: Seat["read"] = reader(prekeysDepositorCodec, (number) => this.#take(number));
  readonly #service: TakingService;
  readonly #space: SpaceId;
  readonly #depositor: DepositorId;
  readonly #stream: SpaceStream;

  constructor(service: TakingService, space: SpaceId, depositor: DepositorId, stream: SpaceStream) {
    this.#service = service;
    this.#space = space;
    this.#depositor = depositor;
    this.#stream = stream;
  }

  welcome(): void {}

  leave(): void {}

  async #take(number: number): Promise<void> {
    const { store, clock, counters, hub, spaceBundles } = this.#service;
    const nowMs = clock.nowMs();
    const { bundles } = this.#service.rates.of(this.#stream.connection, nowMs);
    if (!bundles.take(nowMs)) return this.#tooMany(number, TAKING.connectionPerSecond);
    if (!spaceBundles.take(this.#space, nowMs)) {
      bundles.give();
      return this.#tooMany(number, TAKING.spacePerSecond);
    }
    const result = await store.takeBundle(this.#space, this.#depositor, nowMs);
    if (result.t === "refused") {
      // Otherwise a stranger could use up, by asking in vain, what others may take.
      spaceBundles.give(this.#space);
      return this.#stream.say(refusedByStore(counters, number, result.reason));
    }
    counters.count("prekeys.taken");
    this.#stream.say({ t: "bundle", number, sealed: result.sealed });
    hub.stock(this.#space, result.left);
  }

  #tooMany(number: number, perSecond: number): void {
    this.#stream.say(refused(this.#service.counters, number, "too-many", Math.ceil(1 / perSecond)));
  }
}
