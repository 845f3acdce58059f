/** Which owners are there now, and what has to reach them: mail that was just kept, and word of bundles running out. */
import type { DepositorId, SpaceId } from "../../core/ids.ts";
import { MAILBOX } from "../../core/limits.ts";
import type { Clock } from "../clock.ts";
import { DELIVERY } from "../limits.ts";
import type { Kept } from "../store/port.ts";
import type { Delivery } from "./delivery.ts";

export class Hub {
  readonly #spaces = new Map<SpaceId, Set<Delivery>>();
  readonly #touched = new Set<Delivery>();
  readonly #clock: Clock;
  readonly #soon: (action: () => void) => void;
  #isScheduled = false;
  #hasTimer = false;

  /** `soon` runs an action after what else is to be done in this turn: deposits that come together go out together. */
  constructor(clock: Clock, soon: (action: () => void) => void) {
    this.#clock = clock;
    this.#soon = soon;
  }

  enter(space: SpaceId, delivery: Delivery): void {
    const owners = this.#spaces.get(space) ?? new Set<Delivery>();
    this.#spaces.set(space, owners);
    owners.add(delivery);
    // Whoever is there for longest has most likely lost its connection without our knowing.
    const [oldest] = owners;
    if (owners.size <= DELIVERY.maxOwners) return;
    owners.delete(oldest!);
    oldest!.displace();
  }

  leave(space: SpaceId, delivery: Delivery): void {
    const owners = this.#spaces.get(space);
    owners?.delete(delivery);
    this.#touched.delete(delivery);
    if (owners?.size === 0) this.#spaces.delete(space);
  }

  /** To be called for the deposits into a space in the order of their serials. */
  arrived(space: SpaceId, depositor: DepositorId, kept: Kept["kept"]): void {
    for (const delivery of this.#spaces.get(space) ?? []) {
      for (const { serial, envelope } of kept) delivery.arrived({ serial, depositor, envelope });
      this.touch(delivery);
    }
  }

  /** Sends what waits for it: at the end of this turn, or an interval after what was sent last. */
  touch(delivery: Delivery): void {
    this.#touched.add(delivery);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#soon(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const nowMs = this.#clock.nowMs();
    for (const delivery of this.#touched) if (delivery.flush(nowMs)) this.#touched.delete(delivery);
    if (this.#touched.size === 0 || this.#hasTimer) return;
    this.#hasTimer = true;
    this.#clock.after(DELIVERY.intervalMs, () => {
      this.#hasTimer = false;
      this.#flush();
    });
  }

  /** So many one-time bundles are left in the space. */
  stock(space: SpaceId, left: number): void {
    if (left > MAILBOX.lowStockCount) return;
    for (const delivery of this.#spaces.get(space) ?? []) delivery.stock(left);
  }

  /** The space is no more. */
  closed(space: SpaceId): void {
    for (const delivery of [...this.#spaces.get(space) ?? []]) delivery.end();
  }
}
