import assert from "node:assert/strict";
import type { LinkRoute } from "../../core/node/event.ts";
import { type Person, startPerson } from "./harness/chromium.ts";
import { buildPages } from "./harness/pages.ts";
import { type Server, startServer } from "./harness/rendezvous.ts";
import { until } from "./harness/wait.ts";
import type { NetProbe } from "./pages/transport.ts";

declare const netProbe: NetProbe;

const TOPIC = "ab".repeat(32);
const ONLINE_WITHIN_MS = 20_000;
const LINK_WITHIN_MS = 15_000;

/** A page with a transport, and the questions that these tests ask it. */
class Peer {
  private constructor(readonly person: Person, readonly id: string) {}

  static async start(server: Server): Promise<Peer> {
    const person = await startPerson();
    await person.page.goto(`${server.url}/transport.html`);
    await person.page.evaluate(() => netProbe.start());
    const id = await person.page.evaluate(() => netProbe.self());
    assert.ok(id, "a peer id at once");
    const peer = new Peer(person, id);
    await peer.online();
    return peer;
  }

  online(): Promise<unknown> {
    return until("online", ONLINE_WITHIN_MS, async () => await this.state() === "online", () => this.person.log);
  }

  state = () => this.person.page.evaluate(() => netProbe.rendezvous());
  links = () => this.person.page.evaluate(() => netProbe.links());
  failures = () => this.person.page.evaluate(() => netProbe.failures());
  faults = () => this.person.page.evaluate(() => netProbe.faults());
  found = () => this.person.page.evaluate(() => netProbe.found());
  problems = () => this.person.page.evaluate(() => netProbe.problems());
  candidates = () => this.person.page.evaluate(() => netProbe.candidates());
  frames = (link: string) => this.person.page.evaluate((id) => netProbe.frames(id), link);
  frameSizes = (link: string) => this.person.page.evaluate((id) => netProbe.frameSizes(id), link);
  send = (link: string, text: string) =>
    this.person.page.evaluate(([id, body]) => netProbe.send(id!, body!), [link, text]);
  sendBytes = (link: string, count: number, sizeBytes: number) =>
    this.person.page.evaluate(([id, n, size]) => netProbe.sendBytes(id, n, size), [link, count, sizeBytes] as const);
  closeLink = (link: string) => this.person.page.evaluate((id) => netProbe.close(id), link);
  allow = (...peers: readonly Peer[]) =>
    this.person.page.evaluate((ids) => netProbe.allow(ids), peers.map((peer) => peer.id));
  topics = (register: readonly string[], discover: readonly string[]) =>
    this.person.page.evaluate(([a, b]) => netProbe.topics(a!, b!), [register, discover]);
  open = (peer: Peer, route: LinkRoute) =>
    this.person.page.evaluate(([id, by]) => netProbe.open(id!, by as LinkRoute), [peer.id, route]);

  /** The id of the open link with `peer` over `route`, once there is one. */
  link(peer: Peer, route: LinkRoute): Promise<string> {
    return until(
      `${route} link`,
      LINK_WITHIN_MS,
      async () => (await this.links()).find((link) => link.peer === peer.id && link.route === route)?.link,
      async () => [this.person.log, await this.failures(), await this.faults()],
    );
  }

  receives(link: string, texts: readonly string[]): Promise<unknown> {
    return until(
      "frames",
      5_000,
      async () => JSON.stringify(await this.frames(link)) === JSON.stringify(texts),
      () => this.frames(link),
    );
  }
}

Deno.test("the transport, in real browsers through the real rendezvous", async (t) => {
  const pages = await buildPages(["tests/e2e/pages/transport.ts"]);
  let server = await startServer({ files: pages.folder });
  const startedMs = performance.now();
  const [ada, bob, eve] = await Promise.all([Peer.start(server), Peer.start(server), Peer.start(server)]);
  console.log(`three browsers online after ${Math.round(performance.now() - startedMs)} ms`);
  const step = (name: string, run: () => Promise<void>) => t.step(name, run);
  try {
    await step("a registered topic is found by who watches it, before and after", async () => {
      await ada.topics([TOPIC], []);
      await bob.topics([], [TOPIC]);
      const finds = (who: Peer, whom: Peer) =>
        until("found", 5_000, async () => (await who.found()).some((event) => event.peer === whom.id), who.faults);
      await finds(bob, ada);
      await eve.topics([TOPIC], []);
      await finds(bob, eve);
    });

    await step("[NET1] frames travel over a circuit, in order, both ways", async () => {
      const startMs = performance.now();
      await bob.open(ada, "relayed");
      const [mine, theirs] = [await bob.link(ada, "relayed"), await ada.link(bob, "relayed")];
      console.log(`relayed link after ${Math.round(performance.now() - startMs)} ms`);
      const texts = Array.from({ length: 20 }, (_, i) => `number ${i}`);
      for (const text of texts) await bob.send(mine, text);
      await ada.receives(theirs, texts);
      await ada.send(theirs, "back");
      await bob.receives(mine, ["back"]);
    });

    await step("[NET2] frames of the largest size arrive whole, and a larger one ends the link by name", async () => {
      const [mine, theirs] = [await bob.link(ada, "relayed"), await ada.link(bob, "relayed")];
      await bob.sendBytes(mine, 30, 65_536);
      await until(
        "large frames",
        10_000,
        async () => (await ada.frameSizes(theirs)).filter((size) => size === 65_536).length === 30,
      );
      await bob.sendBytes(mine, 1, 65_537);
      await until("closed", 5_000, async () => (await ada.links()).length === 0, ada.links);
      assert.equal((await ada.faults())["peer.too-large"], 1);
      await until("closed at the other end", 5_000, async () => (await bob.links()).length === 0);
    });

    await step("[NET4] a peer who is not allowed gets no candidate, whoever dials", async () => {
      await eve.allow(ada);
      await eve.open(ada, "relayed");
      await eve.link(ada, "relayed");
      await eve.open(ada, "direct");
      await until("refused", 25_000, async () => (await eve.failures()).some((one) => one.route === "direct"));
      assert.equal((await ada.faults())["signaling.refused"], 1);
      assert.deepEqual(await eve.candidates(), []);
      await ada.open(eve, "direct");
      await until("not dialed", 5_000, async () => (await ada.faults())["signaling.not-dialed"] === 1, ada.faults);
      assert.deepEqual(await ada.candidates(), []);
    });

    await step("allowed peers connect directly", async () => {
      await Promise.all([ada.allow(bob), bob.allow(ada)]);
      await bob.open(ada, "relayed");
      await bob.link(ada, "relayed");
      const startMs = performance.now();
      await bob.open(ada, "direct");
      const [mine, theirs] = [await bob.link(ada, "direct"), await ada.link(bob, "direct")];
      console.log(`direct link after ${Math.round(performance.now() - startMs)} ms`);
      await bob.closeLink(await bob.link(ada, "relayed"));
      await until(
        "the circuit's link is gone",
        5_000,
        async () => (await ada.links()).every((l) => l.peer !== bob.id || l.route === "direct"),
      );
      await bob.sendBytes(mine, 30, 65_536);
      await until(
        "large frames",
        10_000,
        async () => (await ada.frameSizes(theirs)).filter((size) => size === 65_536).length === 30,
      );
    });

    await step("[NET6] with the server killed, direct links go on", async () => {
      await server.kill();
      await until("noticed", 10_000, async () => await ada.state() === "offline", ada.state);
      assert.ok((await ada.problems()).includes("network.server-unreachable true"));
      assert.ok((await ada.links()).every((link) => link.route === "direct"), "circuits end with their relay");
      const [mine, theirs] = [await bob.link(ada, "direct"), await ada.link(bob, "direct")];
      await ada.send(theirs, "still here");
      await until("received", 5_000, async () => (await bob.frames(mine)).includes("still here"));
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      await ada.send(theirs, "and still");
      await until("received", 5_000, async () => (await bob.frames(mine)).includes("and still"));
    });

    await step("[NET6] a restarted server, which is another peer, is found again and told all topics", async () => {
      server = await startServer({ files: pages.folder, port: server.port });
      const startMs = performance.now();
      await Promise.all([ada.online(), bob.online(), eve.online()]);
      console.log(`all online ${Math.round(performance.now() - startMs)} ms after the restart`);
      assert.equal((await ada.problems()).at(-1), "network.server-unreachable false");
      const cleo = await Peer.start(server);
      try {
        await cleo.topics([], [TOPIC]);
        await until(
          "found",
          10_000,
          async () => (await cleo.found()).some((event) => event.peer === ada.id),
          cleo.found,
        );
        await cleo.open(ada, "relayed");
        const [mine, theirs] = [await cleo.link(ada, "relayed"), await ada.link(cleo, "relayed")];
        await cleo.send(mine, "hello from a newcomer");
        await ada.receives(theirs, ["hello from a newcomer"]);
      } finally {
        await cleo.person.close();
      }
      assert.ok((await bob.links()).some((link) => link.peer === ada.id && link.route === "direct"));
    });

    await step("a browser that vanishes takes its links along", async () => {
      await bob.person.close();
      await until("closed", 40_000, async () => (await ada.links()).every((link) => link.peer !== bob.id), ada.links);
    });
  } finally {
    await Promise.all([ada, bob, eve].map((peer) => peer.person.close().catch(() => {})));
    await server.kill();
    await pages.remove();
  }
});
