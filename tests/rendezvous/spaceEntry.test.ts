import assert from "node:assert/strict";
import type { Stream } from "@libp2p/interface";
import { type EntryContext, signEntry } from "../../core/crypto/spaceEntry.ts";
import { depositorEntry, ownerEntry } from "../../core/mailbox/space.ts";
import { MAILBOX_PROTOCOL, PREKEYS_PROTOCOL } from "../../core/wire/spaceEntry.ts";
import { mailboxOwnerCodec } from "../../core/wire/spaceRequest.ts";
import { SPACES } from "../../rendezvous/limits.ts";
import { endsOf, knock, type Line, SpaceClient } from "./mailClient.ts";
import {
  enterOwner,
  enterUploader,
  expectDone,
  expectRefused,
  from,
  newAddress,
  newKeys,
  withMail,
} from "./mailStage.ts";
import { expectViolation, HandClock, rendezvousTest, until } from "./support.ts";

rendezvousTest("[MBX7] an owner enters, makes its space, and finds it made the next time", async () => {
  await withMail({}, async (stage) => {
    const keys = newKeys();
    const first = await enterOwner(await stage.line(), keys);
    assert.equal(first.exists, false);
    expectRefused(await first.ask({ t: "fetch", after: 0, limit: 10 }), "unknown-space");
    expectDone(await first.ask({ t: "open", joinCode: null }));
    expectDone(await first.ask({ t: "open", joinCode: null }));
    assert.equal((await enterOwner(await stage.line(), keys)).exists, true);
    assert.equal((await enterUploader(await stage.line(), keys)).exists, true);
    assert.equal(stage.server.counters.get("spaces.made"), 1);
  });
});

/** What is signed, and in which place of an entry it is wrong. */
const FORGERIES: readonly (readonly [string, (context: EntryContext) => Uint8Array])[] = [
  ["signed for another stream", (context) => ownerEntry(newKeys(), { ...context, challenge: new Uint8Array(32) })],
  ["signed for another protocol", (context) => ownerEntry(newKeys(), { ...context, protocol: PREKEYS_PROTOCOL })],
  ["signed for another server", (context) => ownerEntry(newKeys(), { ...context, serverPeer: context.clientPeer })],
  ["signed for another client", (context) => ownerEntry(newKeys(), { ...context, clientPeer: context.serverPeer })],
  ["of another space's owner", (context) => signEntry(newKeys().owner, "owner", newKeys().id, context)],
  ["with a bent signature", (context) => {
    const entry = ownerEntry(newKeys(), context);
    entry[entry.indexOf(0x58, 60) + 9]! ^= 1;
    return entry;
  }],
  ["that is no CBOR", () => Uint8Array.of(0xff)],
  ["that is empty", () => new Uint8Array(0)],
  ["for a depositor, signed by another key", (context) => {
    const keys = newKeys();
    return depositorEntry({ ...newAddress(keys), space: newKeys().id }, { ...context, challenge: new Uint8Array(32) });
  }],
];

const enterWith = (line: Line, stream: Stream, sign: (context: EntryContext) => Uint8Array) =>
  SpaceClient.enter(stream, endsOf(line.connection, line.peer), mailboxOwnerCodec, sign);

rendezvousTest(
  "[MBX8] an entry that is wrong in one place ends its stream, is counted, and harms no other",
  async () => {
    await withMail({}, async (stage) => {
      const line = await stage.line();
      const honest = await enterOwner(line, newKeys());
      for (const [at, [what, sign]] of FORGERIES.entries()) {
        const client = await enterWith(line, await line.connection.newStream(MAILBOX_PROTOCOL), sign);
        assert.equal(client.exists, null, what);
        await until(() => stage.server.counters.get("spaces.bad-entry") === at + 1, `the entry ${what} was counted`);
      }
      assert.equal(line.connection.status, "open");
      expectDone(await honest.ask({ t: "open", joinCode: null }));
    });
  },
);

rendezvousTest("[MBX8] the bytes of a good entry are good on its own stream only", async () => {
  await withMail({}, async (stage) => {
    const keys = newKeys();
    const [line, other] = [await stage.line(), await stage.line()];
    let bytes: Uint8Array | null = null;
    const good = await enterWith(line, await line.connection.newStream(MAILBOX_PROTOCOL), (context) => {
      bytes = ownerEntry(keys, context);
      return bytes;
    });
    assert.equal(good.exists, false);
    for (const replayedOn of [line, other]) {
      const stream = await replayedOn.connection.newStream(MAILBOX_PROTOCOL);
      assert.equal((await enterWith(replayedOn, stream, () => bytes!)).exists, null);
    }
    assert.equal(stage.server.counters.get("spaces.bad-entry"), 2);
  });
});

rendezvousTest("[MBX13] more entries than a connection may try close it", async () => {
  await withMail({}, async (stage) => {
    const client = await stage.client();
    const line = { connection: client.server, peer: client.node.peerId };
    const attempt = async () => {
      const stream = await line.connection.newStream(MAILBOX_PROTOCOL);
      await enterWith(line, stream, () => Uint8Array.of(0));
    };
    for (let tried = 0; tried <= SPACES.entryBurst + 2; tried++) await attempt().catch(() => {});
    await expectViolation(stage, client, "spaces.entry-flood");
  });
});

rendezvousTest("[MBX13] a connection has so many streams to spaces, and no more", async () => {
  await withMail({}, async (stage) => {
    const line = await stage.line();
    const keys = newKeys();
    for (let count = 0; count < SPACES.maxStreamsPerConnection; count++) await enterOwner(line, keys);
    await assert.rejects(enterOwner(line, keys));
  });
});

rendezvousTest("[MBX13] from one address prefix so many streams enter, whatever they have to say", async () => {
  await withMail({ domain: "chat.example", clock: new HandClock() }, async (stage) => {
    const knockOften = async (times: number) => {
      const line = await stage.line();
      for (let knocks = 0; knocks < times; knocks++) {
        const stream = await line.connection.newStream(MAILBOX_PROTOCOL);
        await knock(stream, endsOf(line.connection, line.peer)).finally(() => stream.abort(new Error("enough")));
      }
    };
    const lines = SPACES.prefixEntryBurst / SPACES.entryBurst;
    for (let line = 0; line < lines; line++) await from("192.0.2.7", () => knockOften(SPACES.entryBurst));
    await assert.rejects(from("192.0.2.7", () => knockOften(SPACES.entryBurst)));
    assert.ok(stage.server.counters.get("spaces.prefix-flood") > 0);
    await from("192.0.2.8", () => knockOften(2));
  });
});
