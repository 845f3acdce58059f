/**
 * Two parties on a network that loses, copies, reorders, cuts and forges, with restarts from the store in between.
 * A model knows which message may open; everything else has to be refused and leave the state byte for byte.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { verifyBundle } from "../../core/identity/bundle.ts";
import { decodePrekeys, encodePrekeys, type Prekeys, takeBundle } from "../../core/identity/prekeys.ts";
import { RATCHET } from "../../core/limits.ts";
import type { Env } from "../../core/ports.ts";
import {
  accept,
  decodeSession,
  encodeSession,
  initiate,
  open,
  seal,
  type Session,
} from "../../core/session/session.ts";
import { SECURECOMM_SUITE, SECURECOMM_SUITE_1, type Suite } from "../../core/session/suite.ts";
import { fromUtf8, utf8 } from "../../core/wire/text.ts";
import { ALICE_SEED, BOB_SEED, envOf, flipBit, must, party } from "../support/world.ts";

type Name = "alice" | "bob";
const OTHER = { alice: "bob", bob: "alice" } as const;

type Command =
  | { readonly t: "send"; readonly from: Name; readonly lengthBytes: number }
  | { readonly t: "deliver" | "copy" | "lose"; readonly to: Name; readonly pick: number }
  | { readonly t: "forge" | "cut"; readonly to: Name; readonly pick: number; readonly at: number }
  | { readonly t: "restart" | "crash"; readonly who: Name }
  | { readonly t: "wait" };

const name = fc.constantFrom<Name>("alice", "bob");
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ t: fc.constant("send"), from: name, lengthBytes: fc.nat(400) }) },
  { weight: 7, arbitrary: fc.record({ t: fc.constant("deliver"), to: name, pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ t: fc.constantFrom("copy", "lose"), to: name, pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ t: fc.constantFrom("forge", "cut"), to: name, pick: fc.nat(20), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constantFrom("restart", "crash"), who: name }) },
  { weight: 1, arbitrary: fc.constant({ t: "wait" }) },
) as fc.Arbitrary<Command>;

interface Flying {
  readonly envelope: Uint8Array;
  readonly text: string;
  /** Which of its sender's turns it was sealed in: messages of one turn share a ratchet key. */
  readonly turn: number;
}

class World {
  env: Env;
  /** Every key with its nonce under which something was sealed that left. */
  readonly sealed: string[] = [];
  #justSealed: string[] = [];
  #ratchetKey = "";
  readonly usedKeys: Record<Name, Set<string>> = { alice: new Set(), bob: new Set() };
  readonly sessions: Record<Name, Session | null> = { alice: null, bob: null };
  readonly flying: Record<Name, Flying[]> = { alice: [], bob: [] };
  readonly opened: Record<Name, Set<string>> = { alice: new Set(), bob: new Set() };
  readonly newestTurn: Record<Name, number> = { alice: -1, bob: -1 };
  readonly turnKeys: Record<Name, string[]> = { alice: [], bob: [] };
  readonly oldSecrets: Record<Name, Map<string, Uint8Array>> = { alice: new Map(), bob: new Map() };
  prekeys: Prekeys;
  #count = 0;

  constructor(readonly suite: Suite, seed: number) {
    this.env = envOf(seed);
    const [alice, bob] = [party(ALICE_SEED).device, party(BOB_SEED)];
    const { prekeys, bundle } = takeBundle(bob.prekeys, bob.device, this.env);
    this.prekeys = prekeys;
    const verified = must(verifyBundle(bundle, bob.device.user, this.env.nowMs));
    const text = "the first";
    const { session, envelope } = must(initiate(this.#suite("alice"), alice, verified, utf8(text), this.env));
    this.#keep("alice", session);
    this.#fly("alice", envelope, text);
  }

  /** The suite with an ear on every key that seals or opens. */
  #suite(who: Name): Suite {
    const { ratchet } = this.suite;
    const headers = ratchet.headerEncryption;
    return {
      ...this.suite,
      ratchet: {
        ...ratchet,
        headerEncryption: headers === null ? null : {
          ...headers,
          seal: (key, nonce, header) => {
            this.#justSealed.push(`${key.join()} ${nonce.join()}`);
            return headers.seal(key, nonce, header);
          },
        },
        seal: (key, header, ...rest) => {
          this.#justSealed.push(key.join());
          this.usedKeys[who].add(key.join());
          this.#ratchetKey = header.key.join();
          return ratchet.seal(key, header, ...rest);
        },
        open: (key, ...rest) => {
          const opened = ratchet.open(key, ...rest);
          if (opened.ok) this.usedKeys[who].add(key.join());
          return opened;
        },
      },
    };
  }

  #fly(from: Name, envelope: Uint8Array, text: string): void {
    this.sealed.push(...this.#justSealed.splice(0));
    const key = this.#ratchetKey;
    const keys = this.turnKeys[from];
    if (!keys.includes(key)) keys.push(key);
    this.flying[OTHER[from]].push({ envelope, text, turn: keys.indexOf(key) });
  }

  run(command: Command): void {
    switch (command.t) {
      case "send":
        return this.#send(command.from, command.lengthBytes);
      case "restart":
        return this.#restart(command.who);
      case "crash":
        return this.#crash(command.who);
      case "wait":
        this.env = { ...this.env, nowMs: this.env.nowMs + RATCHET.mixAfterMs };
        return;
    }
    const queue = this.flying[command.to];
    const flying = queue[command.pick % queue.length];
    if (flying === undefined) return;
    if (command.t === "lose" || command.t === "deliver") queue.splice(queue.indexOf(flying), 1);
    if (command.t === "deliver" || command.t === "copy") return this.#deliver(command.to, flying);
    const { length } = flying.envelope;
    if (command.t === "forge") this.#refuses(command.to, flipBit(flying.envelope, command.at % (8 * length)));
    if (command.t === "cut") this.#refuses(command.to, flying.envelope.subarray(0, command.at % length));
  }

  #send(from: Name, lengthBytes: number): void {
    const session = this.sessions[from];
    if (session === null) return;
    const text = `${this.#count++} `.padEnd(lengthBytes, "x");
    const before = encodeSession(session);
    const sealed = seal(session, utf8(text), this.env);
    assert.deepEqual(encodeSession(session), before);
    this.#keep(from, sealed.session);
    this.#fly(from, sealed.envelope, text);
  }

  #deliver(to: Name, { envelope, text, turn }: Flying): void {
    const forgotten = this.newestTurn[to] - turn > RATCHET.maxOldChains;
    if (this.opened[to].has(text) || forgotten) return this.#refuses(to, envelope);
    const opened = this.#tryOpen(to, envelope);
    assert.ok(opened !== null, "a message that may open does");
    assert.equal(fromUtf8(opened.plaintext), text);
    opened.commit();
    this.opened[to].add(text);
    this.newestTurn[to] = Math.max(this.newestTurn[to], turn);
  }

  #tryOpen(to: Name, envelope: Uint8Array) {
    const session = this.sessions[to];
    if (session !== null) {
      const opened = open(session, envelope);
      if (!opened.ok) return null;
      return { plaintext: opened.value.plaintext, commit: () => this.#keep(to, opened.value.session) };
    }
    const accepted = accept(this.#suite(to), party(BOB_SEED).device, this.prekeys, envelope, this.env);
    if (!accepted.ok) return null;
    const { plaintext, session: fresh, prekeys } = accepted.value;
    const commit = () => {
      this.#keep(to, fresh);
      this.prekeys = prekeys;
    };
    return { plaintext, commit };
  }

  #stored(who: Name): string {
    const session = this.sessions[who];
    return `${session === null ? "" : encodeSession(session).join()}|${encodePrekeys(this.prekeys).join()}`;
  }

  #refuses(to: Name, envelope: Uint8Array): void {
    const before = this.#stored(to);
    assert.equal(this.#tryOpen(to, envelope), null);
    assert.equal(this.#stored(to), before);
  }

  #restart(who: Name): void {
    const session = this.sessions[who];
    this.prekeys = must(decodePrekeys(encodePrekeys(this.prekeys)));
    if (session !== null) this.sessions[who] = must(decodeSession(session.suite, encodeSession(session)));
  }

  /** Something is sealed, but neither kept nor sent. */
  #crash(who: Name): void {
    const session = this.sessions[who];
    if (session === null) return;
    const used = new Set(this.usedKeys[who]);
    seal(session, utf8("never sent"), this.env);
    this.usedKeys[who].clear();
    for (const key of used) this.usedKeys[who].add(key);
    this.#justSealed = [];
    this.#restart(who);
  }

  /** Commits, and looks for what should have been erased in the bytes that would be stored. */
  #keep(who: Name, session: Session): void {
    this.sessions[who] = session;
    const stored = `,${encodeSession(session).join()},`;
    for (const key of this.usedKeys[who]) assert.ok(!stored.includes(`,${key},`), "a used message key is erased");
    const current = secretsOf(session);
    for (const [text, secret] of this.oldSecrets[who]) {
      if (!current.has(text)) assert.ok(!stored.includes(`,${secret.join()},`), "an old secret is erased");
    }
    for (const [text, secret] of current) this.oldSecrets[who].set(text, secret);
  }
}

/** Roots, ratchet secrets, chain keys, next header keys and secrets of the exchange in their places. */
function secretsOf({ ratchet: { turn, receiving, mix }, exchange }: Session): ReadonlyMap<string, Uint8Array> {
  const secrets = [turn.root];
  if (turn.t !== "turning") secrets.push(turn.self.secret);
  if (turn.t === "sending") secrets.push(turn.chain.key);
  for (const { chain, headerKey } of receiving) {
    if (chain !== null) secrets.push(chain.key);
    if (headerKey !== null) secrets.push(headerKey);
  }
  if (turn.t === "sending" && turn.headerKey !== null) secrets.push(turn.headerKey);
  if (turn.next !== null) secrets.push(turn.next.sending, turn.next.receiving);
  if (mix !== null) secrets.push(mix.secret);
  if (exchange?.step.t === "offered") secrets.push(exchange.step.seed);
  return new Map(secrets.map((secret) => [secret.join(), secret]));
}

const NUM_RUNS = 60;

for (const suite of [SECURECOMM_SUITE, SECURECOMM_SUITE_1]) {
  const rules = "[RAT3] [RAT4] [RAT6] [RAT8] [RAT11] [RAT14]";
  Deno.test(`${rules} version ${suite.version}: each message opens once whatever the network does, and nothing else`, () => {
    let [openedCount, mixedCount] = [0, 0];
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.array(command, { minLength: 40, maxLength: 120 }), (seed, commands) => {
        const world = new World(suite, seed);
        for (const each of commands) world.run(each);
        for (const to of ["bob", "alice"] as const) {
          for (const flying of world.flying[to].splice(0)) {
            world.run({ t: "deliver", to, pick: push(world, to, flying) });
          }
        }
        assert.equal(new Set(world.sealed).size, world.sealed.length, "no key seals twice under one nonce");
        openedCount += world.opened.alice.size + world.opened.bob.size;
        mixedCount += world.sessions.alice!.ratchet.mixed;
      }),
      { seed: 20261124, numRuns: NUM_RUNS },
    );
    assert.ok(openedCount > 10 * NUM_RUNS, `only ${openedCount} messages were opened: the test lost its subject`);
    if (suite === SECURECOMM_SUITE) assert.ok(mixedCount > NUM_RUNS / 2, `only ${mixedCount} secrets were mixed in`);
  });
}

/** Puts a message back on the wire, alone, and says where it is. */
function push(world: World, to: Name, flying: Flying): number {
  world.flying[to].push(flying);
  return world.flying[to].length - 1;
}
