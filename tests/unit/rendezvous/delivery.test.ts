import assert from "node:assert/strict";
import fc from "fast-check";
import { depositorId } from "../../../core/ids.ts";
import { MAILBOX } from "../../../core/limits.ts";
import type { SpaceAnswer } from "../../../core/wire/spaceAnswer.ts";
import { Counters } from "../../../rendezvous/counters.ts";
import { DELIVERY } from "../../../rendezvous/limits.ts";
import { Delivery, type Outlet } from "../../../rendezvous/mailbox/delivery.ts";
import type { Fetched, Waiting } from "../../../rendezvous/store/port.ts";
import { must } from "../../support/world.ts";

const depositor = must(depositorId(new Uint8Array(32)));
const SIZE_BYTES = 40_000;
const mail = (serial: number): Waiting => ({ serial, depositor, envelope: new Uint8Array(SIZE_BYTES) });

/** What may happen next, as far as it can. */
type Move =
  /** The store keeps mail; that is told to the delivery later, in order. */
  | { readonly t: "keep" | "tell" | "flush" }
  /** The owner asks for a page; the store reads it; the answer comes back. */
  | { readonly t: "fetch" | "read" | "answer" }
  /** The owner takes what it is sent, or does not. */
  | { readonly t: "flow" | "stall" | "acknowledge" };

const moves = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<Move["t"]>("keep", "tell", "flush") },
    { weight: 4, arbitrary: fc.constantFrom<Move["t"]>("fetch", "read", "answer") },
    { weight: 2, arbitrary: fc.constantFrom<Move["t"]>("flow", "flow", "stall", "acknowledge") },
  ),
  { minLength: 10, maxLength: 150 },
);

/** A store, a server's delivery and an owner, each at its own pace. */
class Scene implements Outlet {
  isFlowing = true;
  readonly delivery = new Delivery(this, new Counters());
  readonly received: number[] = [];
  heldBytes = 0;
  readonly #kept: number[] = [];
  #told = 0;
  /** Pages asked for: read by the store, or not yet. */
  readonly #pages: { readonly after: number; page: Fetched | null }[] = [];
  #mustFetch = true;
  #nowMs = 0;

  get kept(): readonly number[] {
    return this.#kept;
  }

  say(answer: SpaceAnswer): void {
    assert.ok(answer.t === "mail" || answer.t === "arrived");
    this.received.push(...answer.waiting.map(({ serial }) => serial));
    this.#mustFetch ||= answer.more;
  }

  hold(deltaBytes: number): boolean {
    this.heldBytes += deltaBytes;
    return this.heldBytes < 9 * SIZE_BYTES;
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  move(t: Move["t"]): void {
    switch (t) {
      case "keep":
        this.#kept.push((this.#kept.at(-1) ?? 0) + 1 + (this.#kept.length % 3));
        break;
      case "tell":
        if (this.#told < this.#kept.length) this.delivery.arrived(mail(this.#kept[this.#told++]!));
        break;
      case "flush":
        this.#nowMs += DELIVERY.intervalMs;
        assert.ok(this.delivery.flush(this.#nowMs));
        break;
      case "fetch":
        if (!this.#mustFetch || this.#pages.length > 0) break;
        this.#mustFetch = false;
        this.delivery.fetchBegins();
        this.#pages.push({ after: this.received.at(-1) ?? 0, page: null });
        break;
      case "read":
        for (const asked of this.#pages) asked.page ??= this.#read(asked.after);
        break;
      case "answer":
        if ((this.#pages[0]?.page ?? null) === null) break;
        this.delivery.page(1, this.#pages[0]!.after, this.#pages.shift()!.page!);
        break;
      case "flow":
      case "stall":
        this.isFlowing = t === "flow";
        break;
      case "acknowledge":
        this.delivery.acknowledged(3);
    }
  }

  #read(after: number): Fetched {
    const rest = this.#kept.filter((serial) => serial > after);
    return { t: "mail", waiting: rest.slice(0, 4).map(mail), more: rest.length > 4 };
  }

  /** Until everything that is under way has come to its end. */
  settle(): void {
    this.move("flow");
    for (let rounds = 0; rounds < 2 * this.#kept.length + 10; rounds++) {
      for (const t of ["tell", "tell", "fetch", "read", "answer", "flush"] as const) this.move(t);
    }
  }
}

Deno.test("[MBX15] however keeping, reading and sending fall together, mail comes once and in order", () => {
  fc.assert(
    fc.property(moves, (all) => {
      const scene = new Scene();
      for (const t of all) scene.move(t);
      scene.settle();
      assert.deepEqual(scene.received, scene.kept);
      assert.equal(scene.heldBytes, 0);
    }),
    { seed: 15, numRuns: 2_000 },
  );
});

function live(): {
  readonly delivery: Delivery;
  readonly said: SpaceAnswer[];
  readonly outlet: { isFlowing: boolean };
} {
  const said: SpaceAnswer[] = [];
  const outlet = {
    isFlowing: true,
    say: (answer: SpaceAnswer) => void said.push(answer),
    hold: () => true,
    end: () => Promise.resolve(),
  };
  const delivery = new Delivery(outlet, new Counters());
  delivery.fetchBegins();
  delivery.page(1, 0, { t: "mail", waiting: [], more: false });
  said.length = 0;
  return { delivery, said, outlet };
}

Deno.test("[MBX15] mail goes out at once, then after an interval or when it fills a frame", () => {
  const { delivery, said } = live();
  delivery.arrived(mail(1));
  assert.ok(delivery.flush(1_000));
  delivery.arrived(mail(2));
  assert.ok(!delivery.flush(1_000 + DELIVERY.intervalMs - 1));
  assert.equal(said.length, 1);
  assert.ok(delivery.flush(1_000 + DELIVERY.intervalMs));
  for (let serial = 3; serial < 3 + Math.ceil(MAILBOX.maxAnswerBytes / SIZE_BYTES); serial++) {
    delivery.arrived(mail(serial));
  }
  assert.ok(delivery.flush(1_000 + DELIVERY.intervalMs), "a full frame does not wait");
  assert.equal(said.length, 4, "one frame, and one for what did not fit into it");
  assert.ok(said.every((answer) => answer.t === "arrived" && !answer.more));
});

Deno.test("[MBX15] an owner that is behind is told once, and nothing waits for it", () => {
  const { delivery, said, outlet } = live();
  outlet.isFlowing = false;
  for (let serial = 1; serial <= 100; serial++) {
    delivery.arrived(mail(serial));
    delivery.flush(serial * 1_000);
  }
  assert.deepEqual(said, [{ t: "arrived", waiting: [], more: true }]);
});

Deno.test("[MBX15] so much is sent live without an acknowledgement, and more after one", () => {
  const { delivery, said } = live();
  let serial = 0;
  const send = (count: number) => {
    for (let sent = 0; sent < count; sent++) {
      delivery.arrived({ ...mail(++serial), envelope: new Uint8Array(0) });
      delivery.flush(serial * 1_000);
    }
  };
  send(DELIVERY.maxUnacknowledged);
  delivery.acknowledged(100);
  send(100);
  assert.ok(said.every((answer) => answer.t === "arrived" && answer.waiting.length === 1));
  send(2);
  assert.deepEqual(said.slice(DELIVERY.maxUnacknowledged + 100), [{ t: "arrived", waiting: [], more: true }]);
});

Deno.test("[MBX15] more than may wait while a page is read is not kept, and the owner is told to fetch", () => {
  const { delivery, said } = live();
  delivery.fetchBegins();
  const count = Math.ceil(DELIVERY.maxPendingBytes / SIZE_BYTES) + 1;
  for (let serial = 1; serial <= count; serial++) delivery.arrived(mail(serial));
  delivery.page(2, 0, { t: "mail", waiting: [mail(1)], more: false });
  delivery.flush(1_000);
  assert.deepEqual(said.map((answer) => [answer.t, "more" in answer && answer.more]), [["mail", false], [
    "arrived",
    true,
  ]]);
});
