/** What a writer has said, and whether a store that is opened after its death holds to it. */
import assert from "node:assert/strict";
import type { SpaceStore } from "../../rendezvous/store/port.ts";
import { depositor, space } from "../contract/spaceStoreSamples.ts";

export const SPACES = 3;
export const SIZES_BYTES = [64, 700, 6_193] as const;

const numberOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);

export class Ledger {
  readonly begun = new Set<number>();
  /** Mail that was acknowledged to its depositor, with its space and serial. */
  readonly deposited = new Map<number, string>();
  readonly #places = new Set<string>();
  readonly #deleting = new Set<number>();
  readonly deleted = new Set<number>();
  readonly #put = new Set<number>();
  readonly taken = new Set<number>();
  /** Takings that were begun, less those that ended. */
  #takings = 0;
  /** Of writers that were killed: each may have taken a bundle that nobody saw. */
  #lostTakings = 0;

  hear(line: string): void {
    const [word, ...rest] = line.split(" ");
    const numbers = rest.map(Number);
    switch (word) {
      case "d":
        return numbers.forEach((number) => this.begun.add(number));
      case "D": {
        const [number, at, serial] = numbers as [number, number, number];
        const place = `${at} ${serial}`;
        assert.ok(!this.#places.has(place), `serial ${serial} was given twice`);
        this.#places.add(place);
        this.deposited.set(number, place);
        return;
      }
      case "a":
        return numbers.forEach((number) => this.#deleting.add(number));
      case "A":
        return numbers.forEach((number) => this.deleted.add(number));
      case "P":
        return numbers.forEach((number) => this.#put.add(number));
      case "t":
        this.#takings++;
        return;
      case "T":
        this.#takings--;
        return numbers.forEach((number) => this.#take(number));
    }
  }

  #take(number: number): void {
    assert.ok(!this.taken.has(number), `bundle ${number} was handed out twice`);
    this.taken.add(number);
  }

  /** After a kill: what was under way may have happened, or not. */
  writerDied(): void {
    this.#lostTakings += this.#takings;
    this.#takings = 0;
  }

  async checkMail(store: SpaceStore): Promise<void> {
    const found = new Map<number, string>();
    for (let at = 0; at < SPACES; at++) {
      for (let after = 0, more = true; more;) {
        const page = await store.fetch(space(at), after, 1_000, 2 ** 30);
        if (page.t !== "mail") throw new Error(page.reason);
        for (const { serial, envelope } of page.waiting) {
          const number = numberOf(envelope);
          assert.equal(envelope.length, SIZES_BYTES[number % 3]);
          assert.ok(!found.has(number), `mail ${number} is there twice`);
          found.set(number, `${at} ${serial}`);
          after = serial;
        }
        more = page.more;
      }
    }
    for (const [number, place] of this.deposited) {
      if (this.#deleting.has(number)) continue;
      assert.equal(found.get(number), place, `acknowledged mail ${number} is lost`);
    }
    for (const number of found.keys()) {
      assert.ok(!this.deleted.has(number), `mail ${number} has come back`);
      assert.ok(this.begun.has(number), `mail ${number} was never left`);
    }
  }

  /** Takes what is left of the bundles. */
  async checkBundles(store: SpaceStore): Promise<void> {
    for (;;) {
      const answer = await store.takeBundle(space(0), depositor(1), 0);
      if (answer.t !== "bundle") break;
      this.#take(numberOf(answer.sealed));
    }
    const lost = [...this.#put].filter((number) => !this.taken.has(number));
    assert.ok(lost.length <= this.#lostTakings, `${lost.length} bundles are lost, of ${this.#lostTakings} takings`);
  }
}
