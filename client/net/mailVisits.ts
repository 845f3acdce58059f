/** The spaces of others: visits to leave mail or to take a bundle, a few at one time, each as one depositor. */
import { toHex } from "../../core/ids.ts";
import { MAIL } from "../limits.ts";
import { type Errand, LOST, Visit } from "./mailVisit.ts";

export class Visits {
  /** By depositor. Those without a turn wait in the order in which they came. */
  readonly #visits = new Map<string, Visit>();
  #errandCount = 0;

  run(errand: Errand): void {
    if (this.#errandCount >= MAIL.maxErrands) return errand.done(LOST);
    this.#errandCount++;
    const { server, depositor } = errand.address;
    const key = `${toHex(depositor)} ${server}`;
    const visit = this.#visits.get(key) ?? new Visit(() => this.#waiting === undefined);
    this.#visits.set(key, visit);
    visit.add({
      ...errand,
      done: (outcome) => {
        this.#errandCount--;
        errand.done(outcome);
      },
    });
    this.#giveTurns();
  }

  stop(): void {
    for (const visit of this.#visits.values()) visit.leave();
  }

  get #waiting(): [string, Visit] | undefined {
    return [...this.#visits].find(([, { isUnderWay }]) => !isUnderWay);
  }

  #giveTurns(): void {
    for (let next = this.#waiting; next !== undefined; next = this.#waiting) {
      const underWay = [...this.#visits.values()].filter(({ isUnderWay }) => isUnderWay);
      // Whoever only lingers makes room.
      if (underWay.length >= MAIL.maxVisits) return underWay.find(({ isLingering }) => isLingering)?.leave();
      const [key, visit] = next;
      visit.run().then(() => {
        this.#visits.delete(key);
        if (visit.hasErrands) this.#visits.set(key, visit);
        this.#giveTurns();
      });
    }
  }
}
