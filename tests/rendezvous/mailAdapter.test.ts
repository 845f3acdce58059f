/** The client's own mail adapter against the real server: what the node asks, as effects, and hears, as events. */
import assert from "node:assert/strict";
import { noise } from "@libp2p/noise";
import type { ConnectionEncrypter } from "@libp2p/interface";
import { MAIL } from "../../client/limits.ts";
import { createMail, type MailInit, type MailPost } from "../../client/net/mail.ts";
import { addressOf, depositorOf, grantOf, type SpaceKeys } from "../../core/mailbox/space.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { MailAddress } from "../../core/wire/mailAddress.ts";
import type { MailboxOwnerRequest, PrekeysOwnerRequest } from "../../core/wire/spaceRequest.ts";
import type { EncrypterFactory } from "../../rendezvous/node.ts";
import type { Rendezvous, RendezvousOptions } from "../../rendezvous/server.ts";
import { inMemory, keptBy, newKeys, sealed, sealedBundle } from "./mailStage.ts";
import { MemorySpaceStore } from "../../rendezvous/store/memory.ts";
import { rendezvousTest, until, withServer } from "./support.ts";

type EventOf<T extends NodeEvent["type"]> = Extract<NodeEvent, { readonly type: T }>;

/** The adapter of one person, and what it told the node. */
class Person {
  readonly events: NodeEvent[] = [];
  readonly mail: MailPost;
  #ask = 0;

  constructor(readonly server: string, init: Partial<MailInit> = {}) {
    this.mail = createMail({
      rendezvousUrl: server,
      hidesAddress: () => false,
      onEvent: (event) => Promise.resolve(this.events.push(event)),
      ...init,
    });
  }

  /** The next event of that type, which is taken out. */
  async hears<T extends NodeEvent["type"]>(type: T): Promise<EventOf<T>> {
    await until(() => this.events.some((event) => event.type === type), `${type} came`);
    const at = this.events.findIndex((event) => event.type === type);
    return this.events.splice(at, 1)[0] as EventOf<T>;
  }

  async ask(request: MailboxOwnerRequest | PrekeysOwnerRequest) {
    const ask = ++this.#ask;
    this.mail.run({ type: "AskMailbox", ask, request });
    const answered = await this.hears("MailboxAnswered");
    assert.equal(answered.ask, ask);
    return answered.outcome;
  }

  async serve(keys: SpaceKeys): Promise<void> {
    this.mail.run({ type: "ServeMailbox", server: this.server, keys });
    assert.equal((await this.hears("MailboxOpened")).exists, false);
    assert.deepEqual(await this.ask({ t: "open", joinCode: null }), { t: "done" });
  }

  async grant(keys: SpaceKeys, server = this.server): Promise<MailAddress> {
    const address = addressOf(keys, server, crypto.getRandomValues(new Uint8Array(32)));
    assert.deepEqual(await this.ask({ t: "grant", grants: [grantOf(address, null)] }), { t: "done" });
    return address;
  }

  fetch(after = 0, limit = 50): void {
    this.mail.run({ type: "AskMailbox", ask: ++this.#ask, request: { t: "fetch", after, limit } });
  }

  deposit(address: MailAddress, envelopes: readonly Uint8Array[]): number {
    this.mail.run({ type: "DepositMail", ask: ++this.#ask, address, envelopes });
    return this.#ask;
  }

  async leaves(address: MailAddress, envelopes: readonly Uint8Array[]) {
    const ask = this.deposit(address, envelopes);
    const answered = await this.hears("DepositAnswered");
    assert.equal(answered.ask, ask);
    return answered.outcome;
  }

  async takes(address: MailAddress) {
    this.mail.run({ type: "TakeBundle", ask: ++this.#ask, address });
    const taken = await this.hears("BundleTaken");
    assert.equal(taken.ask, this.#ask);
    return taken.outcome;
  }
}

interface Town {
  readonly server: Rendezvous;
  person(init?: Partial<MailInit>): Person;
  /** PeerIds of clients, in the order in which they came. */
  readonly peers: readonly string[];
}

async function town(play: (town: Town) => Promise<void>, options: Partial<RendezvousOptions> = {}): Promise<void> {
  const peers: string[] = [];
  const encrypter: EncrypterFactory = (components) => {
    const inner: ConnectionEncrypter = noise()(components);
    return {
      protocol: inner.protocol,
      async secureInbound(...args) {
        const secured = await inner.secureInbound(...args);
        peers.push(secured.remotePeer.toString());
        return secured;
      },
      secureOutbound: (...args) => inner.secureOutbound(...args),
    };
  };
  const people: Person[] = [];
  await withServer({ mail: inMemory(), encrypter, ...options }, async ({ server }) => {
    try {
      await play({
        server,
        peers,
        person(init) {
          const person = new Person(new URL(server.url).origin, init);
          people.push(person);
          return person;
        },
      });
    } finally {
      for (const { mail } of people) mail.stop();
    }
  });
}

const EMPTY = { type: "MailArrived", waiting: [], more: false } as const;

rendezvousTest("a server that keeps mail is offered once, by its origin; one that does not, never", async () => {
  await town(async ({ person, server }) => {
    const ada = person();
    ada.mail.serverReached();
    ada.mail.serverReached();
    assert.deepEqual(await ada.hears("MailOffered"), { type: "MailOffered", server: new URL(server.url).origin });
    ada.mail.serverReached();
    await ada.serve(newKeys());
    assert.deepEqual(ada.events, []);
  });
  await town(async ({ person, server }) => {
    const ada = person();
    const before = server.counters.get("http.request");
    ada.mail.serverReached();
    await until(() => server.counters.get("http.request") > before, "the server was asked");
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(ada.events, []);
  }, { mail: null });
});

rendezvousTest(
  "[MBX7] an owner opens, grants and uploads; a depositor takes and leaves; what is left arrives",
  async () => {
    await town(async ({ person }) => {
      const [ada, ben] = [person(), person()];
      const keys = newKeys();
      await ada.serve(keys);
      const address = await ada.grant(keys);
      const bundles = [sealedBundle(), sealedBundle(), sealedBundle()];
      const upload = { t: "upload", oneTime: bundles, lastResort: null, replace: true } as const;
      assert.deepEqual(await ada.ask(upload), { t: "done" });
      const taken = await ben.takes(address);
      assert.ok(taken.t === "bundle");
      assert.deepEqual(taken.sealed, bundles[0]);
      assert.equal((await ada.hears("StockLow")).left, 2);

      ada.fetch();
      assert.deepEqual(await ada.hears("MailArrived"), EMPTY);
      const letters = [sealed(), sealed()];
      assert.deepEqual(await ben.leaves(address, letters), { t: "done" });
      const { waiting, more } = await ada.hears("MailArrived");
      assert.deepEqual(waiting.map(({ envelope }) => envelope), letters);
      assert.deepEqual(waiting.map(({ depositor }) => depositor), letters.map(() => depositorOf(address)));
      assert.equal(more, false);
      assert.deepEqual(await ada.ask({ t: "revoke", depositors: [depositorOf(address)] }), { t: "done" });
      const refused = await ben.leaves(address, [sealed()]);
      assert.ok(refused.t === "refused");
      assert.equal(refused.reason, "unknown-depositor");
      assert.deepEqual(ada.events, []);
    });
  },
);

rendezvousTest("a page is handed on in slices; only the last one says whether there is more", async () => {
  await town(async ({ person }) => {
    const [ada, ben] = [person(), person()];
    const keys = newKeys();
    await ada.serve(keys);
    const address = await ada.grant(keys);
    assert.deepEqual(await ben.leaves(address, Array.from({ length: 25 }, () => sealed())), { t: "done" });
    ada.fetch(0, 20);
    const pages = [await ada.hears("MailArrived"), await ada.hears("MailArrived"), await ada.hears("MailArrived")];
    assert.deepEqual(pages.map(({ waiting, more }) => [waiting.length, more]), [[8, false], [8, false], [4, true]]);
    const serials = pages.flatMap(({ waiting }) => waiting.map(({ serial }) => serial));
    ada.fetch(serials.at(-1));
    const rest = await ada.hears("MailArrived");
    assert.deepEqual([rest.waiting.length, rest.more], [5, false]);
    assert.deepEqual(serials, serials.toSorted((a, b) => a - b));
  });
});

rendezvousTest("the next slice waits until the one before was dealt with", async () => {
  await town(async ({ person }) => {
    const ben = person();
    const gates: (() => void)[] = [];
    const ada: Person = person({
      onEvent(event) {
        ada.events.push(event);
        if (event.type !== "MailArrived") return Promise.resolve();
        return new Promise<void>((resolve) => gates.push(resolve));
      },
    });
    const keys = newKeys();
    await ada.serve(keys);
    const address = await ada.grant(keys);
    await ben.leaves(address, Array.from({ length: 12 }, () => sealed()));
    ada.fetch();
    await ada.hears("MailArrived");
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(ada.events, []);
    gates.shift()!();
    assert.equal((await ada.hears("MailArrived")).waiting.length, 4);
    gates.shift()!();
  });
});

rendezvousTest("[MBX10] each connection has a PeerId of its own, fresh each time, and serves one space", async () => {
  const store = new MemorySpaceStore(Date.now(), {});
  await town(async ({ person, peers, server }) => {
    const [ada, ben] = [person(), person()];
    const keys = newKeys();
    await ada.serve(keys);
    const addresses = [await ada.grant(keys), await ada.grant(keys)];
    for (const address of addresses) {
      assert.equal((await ben.leaves(address, [sealed()])).t, "done");
      assert.equal((await ben.takes(address)).t, "refused");
      assert.equal((await ben.leaves(address, [sealed()])).t, "done");
    }
    assert.equal(peers.length, 3);
    assert.equal(new Set(peers).size, 3);
    assert.deepEqual(server.sizes(), { connections: 3, reservations: 0, registrations: 0 });
  }, { mail: keptBy(store) });
});

rendezvousTest("a lost mailbox is opened again; meanwhile mail for it is lost, and said to be", async () => {
  const store = Object.assign(new MemorySpaceStore(Date.now(), {}), { close: () => Promise.resolve() });
  let port = 0;
  const keys = newKeys();
  const people: Person[] = [];
  let address: MailAddress | null = null;
  try {
    await withServer({ mail: keptBy(store) }, async ({ server }) => {
      port = server.port;
      const [ada, ben] = [new Person(new URL(server.url).origin), new Person(new URL(server.url).origin)];
      people.push(ada, ben);
      await ada.serve(keys);
      address = await ada.grant(keys);
      assert.equal((await ben.leaves(address, [sealed()])).t, "done");
    });
    const [ada, ben] = people as [Person, Person];
    await ada.hears("MailboxClosed");
    assert.deepEqual(await ben.leaves(address!, [sealed()]), { t: "lost" });
    await withServer({ mail: keptBy(store), port }, async () => {
      ada.mail.retryNow();
      assert.equal((await ada.hears("MailboxOpened")).exists, true);
      assert.equal((await ben.leaves(address!, [sealed()])).t, "done");
      ada.fetch();
      assert.equal((await ada.hears("MailArrived")).waiting.length, 2);
      for (const { mail } of people) mail.stop();
    });
  } finally {
    for (const { mail } of people) mail.stop();
  }
});

rendezvousTest("[MBX12] a refusal comes through with its reason and its pause", async () => {
  await town(async ({ person }) => {
    const ada = person();
    ada.mail.run({ type: "ServeMailbox", server: ada.server, keys: newKeys() });
    await ada.hears("MailboxOpened");
    assert.deepEqual(await ada.ask({ t: "open", joinCode: "guessed" }), {
      t: "refused",
      reason: "join-code",
      retryAfterS: 0,
    });
    assert.equal((await ada.ask({ t: "open", joinCode: "olive" })).t, "done");
  }, { mail: { ...inMemory(), joinCode: "olive" } });
});

rendezvousTest("many addresses are served a few at a time, and all of them in the end", async () => {
  await town(async ({ person, server }) => {
    const [ada, ben] = [person(), person()];
    const keys = newKeys();
    await ada.serve(keys);
    const count = MAIL.maxVisits + 4;
    let most = 0;
    for (let i = 0; i < count; i++) ben.deposit(await ada.grant(keys), [sealed()]);
    await until(() => {
      most = Math.max(most, server.sizes().connections);
      return ben.events.length === count;
    }, "all were answered");
    assert.ok(ben.events.every((event) => event.type === "DepositAnswered" && event.outcome.t === "done"));
    assert.ok(most <= MAIL.maxVisits + 1, `${most} connections at once`);
  });
});

rendezvousTest("who hides their address visits no other server, whose keeper might be the contact", async () => {
  await town(async ({ person, server }) => {
    const ada = person();
    const keys = newKeys();
    await ada.serve(keys);
    const address = await ada.grant(keys);
    const elsewhere = new Person("http://127.0.0.1:1", { hidesAddress: () => true });
    assert.deepEqual(await elsewhere.leaves(address, [sealed()]), { t: "lost" });
    assert.deepEqual(await elsewhere.takes(address), { t: "lost" });
    assert.equal(server.sizes().connections, 1);
    const here = person({ hidesAddress: () => true });
    assert.deepEqual(await here.leaves(address, [sealed()]), { t: "done" });
  });
});

rendezvousTest(
  "an address whose server is none, or cannot be reached, costs its own mail and nothing else",
  async () => {
    await town(async ({ person }) => {
      const [ada, ben] = [person(), person()];
      const keys = newKeys();
      await ada.serve(keys);
      for (const server of ["", "javascript:alert(1)", "file:///etc/passwd", "http://127.0.0.1:1"]) {
        assert.deepEqual(await ben.leaves(await ada.grant(keys, server), [sealed()]), { t: "lost" });
      }
      assert.deepEqual(await ben.leaves(await ada.grant(keys), [sealed()]), { t: "done" });
    });
  },
);
