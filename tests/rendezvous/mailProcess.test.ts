/** The server as its task starts it, with exactly those permissions: mail outlives it, however it ends. */
import assert from "node:assert/strict";
import type { SpaceKeys } from "../../core/mailbox/space.ts";
import { enterDepositor, enterOwner, type OwnerClient } from "./mailClient.ts";
import { deposit, expectDone, expectRefused, fetchPage, grantAddress, lineOf, newKeys } from "./mailStage.ts";
import { type Client, rendezvousTest, startClient } from "./support.ts";

const TASK: string = JSON.parse(Deno.readTextFileSync("deno.json")).tasks.serve;

interface Running {
  readonly process: Deno.ChildProcess;
  readonly server: { readonly port: number; readonly peerId: string };
  end(signal: "SIGTERM" | "SIGKILL"): Promise<string>;
}

function spawn(files: string, data: string, environment: Readonly<Record<string, string>> = {}): Deno.ChildProcess {
  const [, ...args] = TASK.replaceAll("'", "").split(" ");
  const flags = ["--port", "0", "--no-turn", "--files", files, "--data", data];
  return new Deno.Command(Deno.execPath(), {
    args: [...args, ...flags],
    stdout: "piped",
    stderr: "piped",
    env: environment,
  }).spawn();
}

async function start(files: string, data: string, environment?: Readonly<Record<string, string>>): Promise<Running> {
  const process = spawn(files, data, environment);
  const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!/TURN[^\n]*\n/.test(said)) {
    const { value, done } = await output.read();
    assert.ok(!done, `${said}${done ? await new Response(process.stderr).text() : ""}`);
    said += value;
  }
  const url = /open (http:\/\/127\.0\.0\.1:\d+\/)/.exec(said)![1]!;
  const { peerId, mail } = await (await fetch(`${url}node.json`)).json();
  assert.equal(mail, true);
  return {
    process,
    server: { port: Number(new URL(url).port), peerId },
    async end(signal) {
      process.kill(signal);
      await process.status;
      await output.cancel();
      return await new Response(process.stderr).text();
    },
  };
}

async function withFolders(play: (files: string, data: string) => Promise<void>): Promise<void> {
  for (const folder of ["dist", "data"]) await Deno.mkdir(folder, { recursive: true });
  const files = await Deno.makeTempDir({ dir: "dist", prefix: "test-" });
  const data = await Deno.makeTempDir({ dir: "data", prefix: "test-" });
  try {
    await Deno.writeTextFile(`${files}/index.html`, "<!doctype html>");
    await play(files, data);
  } finally {
    await Deno.remove(files, { recursive: true });
    await Deno.remove(data, { recursive: true });
  }
}

async function visit(
  { server }: Running,
  keys: SpaceKeys,
  act: (owner: OwnerClient, client: Client) => Promise<void>,
): Promise<void> {
  const client = await startClient(server);
  try {
    await act(await enterOwner(lineOf(client), keys), client);
  } finally {
    await client.node.stop();
  }
}

rendezvousTest(
  "[MBX9] what was acknowledged is there after the server was killed, and after it was stopped",
  async () => {
    await withFolders(async (files, data) => {
      const keys = newKeys();
      const left: string[] = [];
      const first = await start(files, data);
      await visit(first, keys, async (owner, client) => {
        expectDone(await owner.ask({ t: "open", joinCode: null }));
        const depositor = await enterDepositor(lineOf(client), await grantAddress(owner, keys));
        for (let frames = 0; frames < 4; frames++) {
          left.push(...(await deposit(depositor, 10)).map((mail) => mail.toHex()));
        }
      });
      await first.end("SIGKILL");
      for (const signal of ["SIGTERM", "SIGTERM"] as const) {
        const next = await start(files, data);
        await visit(next, keys, async (owner) => {
          assert.equal(owner.exists, true);
          const { waiting } = await fetchPage(owner);
          assert.deepEqual(waiting.map(({ envelope }) => envelope.toHex()), left);
        });
        assert.equal(await next.end(signal), "");
      }
    });
  },
);

rendezvousTest(
  "[MBX17] at a signal an owner hears when to come back; meanwhile no other server takes the folder",
  async () => {
    await withFolders(async (files, data) => {
      const running = await start(files, data, { SECURECOMM_JOIN_CODE: "open sesame" });
      const second = spawn(files, data);
      await second.stdout.cancel();
      assert.notEqual((await second.status).code, 0);
      assert.match(await new Response(second.stderr).text(), /^Another rendezvous uses the folder [^\n]*\n$/);
      await visit(running, newKeys(), async (owner) => {
        expectRefused(await owner.ask({ t: "open", joinCode: null }), "join-code");
        expectDone(await owner.ask({ t: "open", joinCode: "open sesame" }));
        await fetchPage(owner);
        const ended = running.end("SIGTERM");
        while ((await owner.hear())?.t !== "closing");
        assert.equal(await ended, "");
      });
    });
  },
);
