import assert from "node:assert/strict";
import type { MessageStream } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { lpStream } from "@libp2p/utils";
import { utf8 } from "../../core/wire/text.ts";
import { RELAY } from "../../rendezvous/limits.ts";
import type { EncrypterFactory } from "../../rendezvous/node.ts";
import { type Client, rendezvousTest, reserve, soon, until, withServer } from "./support.ts";

const ECHO = "/test/echo/1";

async function answerEchoes({ node }: Client): Promise<void> {
  await node.handle(ECHO, async (stream) => {
    const frames = lpStream(stream);
    await frames.write(await frames.read());
    await stream.close();
  }, { runOnLimitedConnection: true });
}

rendezvousTest("[RDV13] two clients talk through a circuit whose limits are those of a conversation", async () => {
  await withServer({}, async (world) => {
    const [alice, bob] = [await world.client(), await world.client()];
    await answerEchoes(alice);
    const connection = await bob.node.dial(await reserve(alice));
    assert.notEqual(connection.limits, undefined);
    assert.ok((connection.limits?.bytes ?? 0n) > RELAY.circuitBytes - 65_536n);
    assert.ok((connection.limits?.seconds ?? 0) >= RELAY.circuitDurationMs / 1_000);
    const frames = lpStream(await connection.newStream(ECHO, { runOnLimitedConnection: true }));
    await frames.write(utf8("hello"));
    assert.deepEqual((await frames.read({ signal: soon() })).slice(), utf8("hello"));
  });
});

rendezvousTest("[RDV13] a reservation ends with its connection", async () => {
  await withServer({}, async (world) => {
    const [alice, bob] = [await world.client(), await world.client()];
    const address = await reserve(alice);
    assert.equal(world.server.sizes().reservations, 1);
    await alice.node.stop();
    await until(() => world.server.sizes().connections === 1, "she was gone");
    assert.equal(world.server.sizes().reservations, 0);
    await assert.rejects(bob.node.dial(address, { signal: soon() }), /NO_RESERVATION|failed|unable/i);
  });
});

/** Sees what the server sees after its own decryption. */
function listening(seen: Uint8Array[]): EncrypterFactory {
  return (components) => {
    const inner = noise()(components);
    return {
      protocol: inner.protocol,
      secureOutbound: (connection, options) => inner.secureOutbound(connection, options),
      async secureInbound(connection, options) {
        const secured = await inner.secureInbound(connection, options);
        const stream: MessageStream = secured.connection;
        const dispatch = stream.dispatchEvent.bind(stream);
        stream.dispatchEvent = (event: Event) => {
          if (event.type === "message") seen.push((event as MessageEvent<{ slice(): Uint8Array }>).data.slice());
          return dispatch(event);
        };
        return secured;
      },
    };
  };
}

rendezvousTest(
  "what the server decrypts can be recorded, and holds no plaintext of a relayed conversation",
  async () => {
    const seen: Uint8Array[] = [];
    await withServer({ encrypter: listening(seen) }, async (world) => {
      const [alice, bob] = [await world.client(), await world.client()];
      await answerEchoes(alice);
      await bob.register("topic-of-bob");
      const connection = await bob.node.dial(await reserve(alice));
      const frames = lpStream(await connection.newStream(ECHO, { runOnLimitedConnection: true }));
      await frames.write(utf8("nobody but Alice reads this"));
      await frames.read({ signal: soon() });
    });
    const text = seen.map((bytes) => new TextDecoder("latin1").decode(bytes)).join("");
    assert.ok(text.includes("topic-of-bob"), "the recorder sees what is meant for the server");
    assert.ok(!text.includes("nobody but Alice"));
  },
);
