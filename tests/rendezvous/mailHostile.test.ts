/** The client's mail adapter against a server that says what it should not: the connection ends, and nothing else. */
import assert from "node:assert/strict";
import type { Stream } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { lpStream } from "@libp2p/utils";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import { createMail, type MailPost } from "../../client/net/mail.ts";
import { MAILBOX } from "../../core/limits.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import { type SpaceAnswer, spaceAnswerCodec } from "../../core/wire/spaceAnswer.ts";
import { challengeCodec, MAILBOX_PROTOCOL } from "../../core/wire/spaceEntry.ts";
import { newAddress, newKeys, sealed, sealedBundle } from "./mailStage.ts";
import { rendezvousTest, until } from "./support.ts";

/** What a server says first, after the entry, and to the first request: bytes of whole frames, or of the stream itself. */
interface Script {
  readonly challenge?: Uint8Array;
  readonly entered?: Uint8Array;
  readonly answer?: Uint8Array;
  readonly raw?: Uint8Array;
  /** Whether the stream is closed then. */
  readonly closes?: boolean;
}

const CHALLENGE = challengeCodec.encode({ challenge: new Uint8Array(32) });
const say = (answer: SpaceAnswer): Uint8Array => spaceAnswerCodec.encode(answer);
const ENTERED = say({ t: "entered", exists: true });

interface Scene {
  readonly mail: MailPost;
  readonly events: readonly NodeEvent[];
  readonly server: string;
  /** How often clients came, and how many are there. */
  readonly visits: () => number;
  readonly here: () => number;
}

async function against(script: Script, play: (scene: Scene) => Promise<void>): Promise<void> {
  let visits = 0;
  const node = await createLibp2p({
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0/ws"] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  });
  await node.handle(MAILBOX_PROTOCOL, (stream) => {
    visits++;
    void perform(script, stream).catch(() => {});
  });
  const events: NodeEvent[] = [];
  const server = `http://127.0.0.1:${
    node.getMultiaddrs()[0]!.getComponents().find(({ name }) => name === "tcp")!.value
  }`;
  const mail = createMail({
    rendezvousUrl: server,
    hidesAddress: () => false,
    onEvent: (event) => Promise.resolve(events.push(event)),
  });
  try {
    await play({ mail, events, server, visits: () => visits, here: () => node.getConnections().length });
  } finally {
    mail.stop();
    await node.stop();
  }
}

async function perform({ challenge, entered, answer, raw, closes }: Script, stream: Stream): Promise<void> {
  const frames = lpStream(stream, { maxDataLength: MAILBOX.maxRequestBytes });
  await frames.write(challenge ?? CHALLENGE);
  await frames.read();
  await frames.write(entered ?? ENTERED);
  await frames.read();
  if (raw) stream.send(raw);
  if (answer) await frames.write(answer);
  if (closes) await stream.close();
}

const mail = { serial: 1, depositor: "00".repeat(32) as never, envelope: sealed() };

const BEFORE_ENTRY: Readonly<Record<string, Script>> = {
  "a challenge that is none": { challenge: new Uint8Array([1, 2, 3]) },
  "an entry answered by something else": { entered: say({ t: "done", number: 1 }) },
  "an entry answered by noise": { entered: new Uint8Array(40).fill(0xff) },
};

const AFTER_ENTRY: Readonly<Record<string, Script>> = {
  "noise": { answer: new Uint8Array(100).fill(0xff) },
  "a frame without end": { raw: new Uint8Array([0xff, 0xff, 0x7f]) },
  "a length that is longer than it must be": { raw: new Uint8Array([0x80, 0x00]) },
  "an answer to what was not asked": { answer: say({ t: "done", number: 7 }) },
  "a second entry": { answer: ENTERED },
  "a fetch that is done": { answer: say({ t: "done", number: 1 }) },
  "a fetch that gives a bundle": { answer: say({ t: "bundle", number: 1, sealed: sealedBundle() }) },
};

rendezvousTest("[MBX7] an owner leaves a server that breaks the protocol, says so, and comes back later", async () => {
  for (const [name, script] of Object.entries(BEFORE_ENTRY)) {
    await against(script, async ({ mail, events, server, visits, here }) => {
      mail.run({ type: "ServeMailbox", server, keys: newKeys() });
      await until(() => visits() > 0 && here() === 0, `${name}: the connection ended`);
      assert.deepEqual(events, [], name);
      mail.retryNow();
      await until(() => visits() > 1, `${name}: tried again`);
    });
  }
  for (const [name, script] of Object.entries(AFTER_ENTRY)) {
    await against(script, async ({ mail, events, server, here, visits }) => {
      mail.run({ type: "ServeMailbox", server, keys: newKeys() });
      await until(() => events.length > 0, "it opened");
      mail.run({ type: "AskMailbox", ask: 1, request: { t: "fetch", after: 0, limit: 10 } });
      await until(() => events.length > 1 && here() === 0, `${name}: the connection ended`);
      assert.deepEqual(events, [{ type: "MailboxOpened", exists: true }, { type: "MailboxClosed" }], name);
      mail.retryNow();
      await until(() => visits() > 1 && events.length > 2, `${name}: tried again`);
    });
  }
});

rendezvousTest("[MBX11] a server that is closing is left alone for as long as it asked", async () => {
  const closing = say({ t: "closing", retryAfterS: 3_600 });
  const farewell = { answer: closing, closes: true };
  await against(farewell, async ({ mail, server, events, visits, here }) => {
    mail.run({ type: "ServeMailbox", server, keys: newKeys() });
    await until(() => events.length > 0, "it opened");
    mail.run({ type: "AskMailbox", ask: 1, request: { t: "fetch", after: 0, limit: 10 } });
    await until(() => events.at(-1)?.type === "MailboxClosed" && here() === 0, "it closed");
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    assert.equal(visits(), 1, "longer than our own first delays");
  });
  await against({ challenge: closing }, async ({ mail, server, visits, here }) => {
    mail.run({ type: "ServeMailbox", server, keys: newKeys() });
    await until(() => visits() === 1 && here() === 0, "it was sent away");
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    assert.equal(visits(), 1, "longer than our own first delays");
    mail.retryNow();
    await until(() => visits() === 2, "the person came back, and so did we");
  });
});

rendezvousTest(
  "[MBX7] a depositor's mail is lost with a server that breaks the protocol, and the visit is over",
  async () => {
    const visits: Readonly<Record<string, Script>> = {
      ...BEFORE_ENTRY,
      "mail for a depositor": { answer: say({ t: "arrived", waiting: [mail], more: false }) },
      "a bundle for a deposit": { answer: say({ t: "bundle", number: 1, sealed: sealedBundle() }) },
      "noise": { answer: new Uint8Array(100).fill(0xff) },
    };
    for (const [name, script] of Object.entries(visits)) {
      await against(script, async ({ mail, events, server, here }) => {
        const address = { ...newAddress(newKeys()), server };
        mail.run({ type: "DepositMail", ask: 5, address, envelopes: [sealed()] });
        await until(() => events.length > 0 && here() === 0, `${name}: the visit is over`);
        assert.deepEqual(events, [{ type: "DepositAnswered", ask: 5, outcome: { t: "lost" } }], name);
      });
    }
  },
);
