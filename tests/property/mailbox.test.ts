/**
 * An owner, depositors and a stranger who hears every request and can repeat, bend and redirect it, at a server that keeps
 * nothing of them but keys. A model says what must wait for the owner; whatever the stranger does changes nothing.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { envelopeIdOf, signEntry } from "../../core/crypto/spaceEntry.ts";
import { type DepositorId, toHex } from "../../core/ids.ts";
import { openMail, sealMail } from "../../core/mailbox/mail.ts";
import { addressOf, depositorEntry, depositorOf, grantOf, ownerEntry, spaceKeys } from "../../core/mailbox/space.ts";
import type { MailAddress } from "../../core/wire/mailAddress.ts";
import { MAILBOX_PROTOCOL } from "../../core/wire/spaceEntry.ts";
import { envOf, flipBit, must, party } from "../support/world.ts";
import { requestBytes, type ServerStream, type SpaceRequest, SpaceServer } from "../support/spaceServer.ts";

const PEOPLE = 3;
const QUOTA = 3;

type Command =
  | { readonly t: "grant" | "revoke" | "deposit" | "resend" | "reconnect"; readonly who: number }
  | { readonly t: "fetch" }
  | { readonly t: "repeat" | "redirect" | "bend" | "forge"; readonly pick: number; readonly at: number };

const who = fc.nat(PEOPLE - 1);
const command = fc.oneof(
  { weight: 2, arbitrary: fc.record({ t: fc.constant("grant"), who }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constantFrom("revoke", "resend", "reconnect"), who }) },
  { weight: 6, arbitrary: fc.record({ t: fc.constant("deposit"), who }) },
  { weight: 2, arbitrary: fc.record({ t: fc.constant("fetch") }) },
  {
    weight: 4,
    arbitrary: fc.record({
      t: fc.constantFrom("repeat", "redirect", "bend", "forge"),
      pick: fc.nat(),
      at: fc.nat(),
    }),
  },
) as fc.Arbitrary<Command>;

interface Heard {
  readonly stream: ServerStream;
  readonly bytes: Uint8Array;
  readonly isEntry: boolean;
}

class World {
  readonly env;
  readonly server: SpaceServer;
  readonly keys;
  readonly addresses: readonly MailAddress[];
  readonly #heard: Heard[] = [];
  readonly #streams: ServerStream[];
  #home: ServerStream;
  #last: (Uint8Array | null)[] = Array.from({ length: PEOPLE }, () => null);
  /** The model: who may deposit, and the ids of what must wait, in order. */
  readonly granted = new Set<number>();
  waiting: { readonly by: number; readonly id: string }[] = [];
  refusedCount = 0;
  fetchedCount = 0;

  constructor(seed: number) {
    this.env = envOf(seed);
    const { rng } = this.env;
    this.server = new SpaceServer("server", rng);
    this.keys = spaceKeys(rng.bytes(32));
    this.addresses = Array.from({ length: PEOPLE }, () => addressOf(this.keys, "https://mail.example", rng.bytes(32)));
    this.#streams = this.addresses.map((address) => this.#enter((stream) => depositorEntry(address, stream)));
    this.#home = this.#enter((stream) => ownerEntry(this.keys, stream));
    this.#ask(this.#home, { t: "open", joinCode: null });
  }

  #enter(entry: (stream: ServerStream) => Uint8Array): ServerStream {
    const stream = this.server.connect(MAILBOX_PROTOCOL, "client");
    const bytes = entry(stream);
    this.#heard.push({ stream, bytes, isEntry: true });
    assert.equal(this.server.enter(stream, bytes).t, "entered");
    return stream;
  }

  #ask(stream: ServerStream, request: SpaceRequest) {
    const bytes = requestBytes(stream, stream.entered!.role, stream.lastNumber + 1, request);
    this.#heard.push({ stream, bytes, isEntry: false });
    return this.server.ask(stream, bytes);
  }

  run(command: Command): void {
    switch (command.t) {
      case "grant": {
        const grant = { ...grantOf(this.addresses[command.who]!, null), maxWaiting: QUOTA };
        assert.equal(this.#ask(this.#home, { t: "grant", grants: [grant] }).t, "done");
        return void this.granted.add(command.who);
      }
      case "revoke":
        this.#ask(this.#home, { t: "revoke", depositors: [depositorOf(this.addresses[command.who]!)] });
        return void this.granted.delete(command.who);
      case "reconnect":
        this.#streams[command.who] = this.#enter((stream) => depositorEntry(this.addresses[command.who]!, stream));
        this.#home = this.#enter((stream) => ownerEntry(this.keys, stream));
        return;
      case "deposit":
        return this.#deposit(command.who, this.#seal(command.who));
      case "resend":
        return this.#deposit(command.who, this.#last[command.who] ?? this.#seal(command.who));
      case "fetch":
        return this.#fetch();
      default:
        return this.#attack(command.t, command.pick, command.at);
    }
  }

  #seal(by: number): Uint8Array {
    const { user, id: device } = party(by + 1).device;
    const envelopes = [this.env.rng.bytes(20)];
    return must(sealMail(this.addresses[by]!, { kind: "pairwise", user, device, envelopes }, this.env));
  }

  #deposit(by: number, envelope: Uint8Array): void {
    this.#last[by] = envelope;
    const said = this.#ask(this.#streams[by]!, { t: "deposit", envelopes: [envelope] });
    const id = envelopeIdOf(envelope);
    const isThere = this.waiting.some((one) => one.id === id);
    const fits = this.waiting.filter((one) => one.by === by).length < QUOTA;
    const isTaken = this.granted.has(by) && (isThere || fits);
    assert.equal(said.t, isTaken ? "done" : "refused");
    if (isTaken && !isThere) this.waiting.push({ by, id });
  }

  #fetch(): void {
    const said = this.#ask(this.#home, { t: "fetch", after: 0, limit: 50 });
    assert.ok(said.t === "mail" && !said.more);
    assert.deepEqual(said.waiting.map(({ envelope }) => envelopeIdOf(envelope)), this.waiting.map(({ id }) => id));
    for (const [index, { depositor, envelope }] of said.waiting.entries()) {
      const { user } = party(this.waiting[index]!.by + 1).device;
      assert.equal(must(openMail(this.keys, depositor, user, envelope)).user, user);
      this.fetchedCount++;
    }
    this.#ask(this.#home, { t: "ack", envelopes: said.waiting.map(({ envelope }) => envelopeIdOf(envelope)) });
    this.waiting = [];
  }

  /** Every attempt ends its stream and leaves what the server keeps byte for byte. */
  #attack(how: "repeat" | "redirect" | "bend" | "forge", pick: number, at: number): void {
    const heard = this.#heard[pick % this.#heard.length]!;
    const before = this.#kept();
    assert.equal(this.#attempt(how, heard, at).t, "cut");
    assert.equal(this.#kept(), before);
    this.refusedCount++;
  }

  #attempt(how: "repeat" | "redirect" | "bend" | "forge", { stream, bytes, isEntry }: Heard, at: number) {
    const fresh = this.server.connect(MAILBOX_PROTOCOL, "client");
    switch (how) {
      case "repeat":
        return isEntry ? this.server.enter(stream, bytes) : this.server.ask(stream, bytes);
      case "redirect":
        return isEntry ? this.server.enter(fresh, bytes) : this.server.ask(fresh, bytes);
      case "bend": {
        const entries = this.#heard.filter((heard) => heard.isEntry);
        const entry = entries[at % entries.length]!;
        const same = { ...entry.stream, entered: null };
        return this.server.enter(same, flipBit(entry.bytes, at % (8 * entry.bytes.length)));
      }
      case "forge": {
        const strangers = spaceKeys(this.env.rng.bytes(32)).owner;
        return this.server.enter(fresh, signEntry(strangers, "owner", this.keys.id, fresh));
      }
    }
  }

  #kept(): string {
    const space = this.server.spaces.get(this.keys.id)!;
    const grants = [...space.grants].map(([id, grant]: [DepositorId, unknown]) => [id, grant]);
    return JSON.stringify([grants, space.serial, space.waiting.map(({ envelope }) => toHex(envelope))]);
  }
}

const NUM_RUNS = 40;

Deno.test("[MBX3] [MBX6] [MBX8] [MBX9] what depositors may leave waits once and in order; who only listens changes nothing", () => {
  let [fetchedCount, refusedCount] = [0, 0];
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.array(command, { minLength: 20, maxLength: 40 }), (seed, commands) => {
      const world = new World(seed);
      for (const each of commands) world.run(each);
      world.run({ t: "fetch" });
      fetchedCount += world.fetchedCount;
      refusedCount += world.refusedCount;
    }),
    { seed: 20261124, numRuns: NUM_RUNS },
  );
  assert.ok(
    fetchedCount > 2 * NUM_RUNS && refusedCount > 4 * NUM_RUNS,
    `${fetchedCount} fetched, ${refusedCount} refused`,
  );
});
