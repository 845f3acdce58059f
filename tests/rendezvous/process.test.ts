import assert from "node:assert/strict";
import { createServer } from "node:net";
import { answersStun, freePort } from "../../turn/probe.ts";
import { LeanClient } from "../load/lean/client.ts";
import { rendezvousTest, startClient, until } from "./support.ts";

/** The command of `deno task serve`, so that exactly its permissions are tested. */
const TASK: string = JSON.parse(Deno.readTextFileSync("deno.json")).tasks.serve;

async function withFiles(play: (folder: string) => Promise<void>): Promise<void> {
  await Deno.mkdir("dist", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: "dist", prefix: "test-" });
  try {
    await Deno.writeTextFile(`${folder}/index.html`, "<!doctype html>");
    await play(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function command(...flags: string[]): Deno.Command {
  const [, ...args] = TASK.replaceAll("'", "").split(" ");
  return new Deno.Command(Deno.execPath(), { args: [...args, ...flags], stdout: "piped", stderr: "piped" });
}

/** What it prints up to its last line, the one about TURN. */
async function startLines(output: ReadableStreamDefaultReader<string>): Promise<string> {
  let said = "";
  while (!/(?:coturn|TURN)[^\n]*\n/.test(said)) {
    const { value, done } = await output.read();
    assert.ok(!done, said);
    said += value;
  }
  return said;
}

async function failure(...flags: string[]): Promise<string> {
  const { code, stderr } = await command(...flags).output();
  return `${code} ${new TextDecoder().decode(stderr)}`;
}

rendezvousTest(
  "the server starts with the narrow permissions of its task, and ends at a signal with its coturn",
  async () => {
    await withFiles(async (folder) => {
      const process = command("--port", "0", "--turn-port", "0", "--files", folder).spawn();
      const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
      let said = "";
      while (!/coturn|TURN/.test(said)) {
        const { value, done } = await output.read();
        assert.ok(!done, said);
        said += value;
      }
      const url = /open (http:\/\/127\.0\.0\.1:\d+\/)/.exec(said)![1]!;
      assert.equal(await (await fetch(url)).text(), "<!doctype html>");
      const node = await (await fetch(`${url}node.json`)).json();
      assert.equal(node.turn, true);
      const { iceServers } = await (await fetch(`${url}turn`, { method: "POST" })).json();
      const turnPort = Number(iceServers[0].urls[0].split(":").at(-1));
      process.kill("SIGTERM");
      const { code } = await process.status;
      await output.cancel();
      const errors = await new Response(process.stderr).text();
      assert.equal(code, 0, errors);
      assert.equal(errors, "");
      const freed = Deno.listen({ hostname: "127.0.0.1", port: turnPort });
      freed.close();
    });
  },
);

rendezvousTest("the coturn of a server that was killed is ended by the next one, which takes its port", async () => {
  await withFiles(async (folder) => {
    const turnPort = await freePort("127.0.0.1", 0);
    const start = async () => {
      const process = command("--port", "0", "--turn-port", `${turnPort}`, "--no-mail", "--files", folder).spawn();
      const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const said = await startLines(output);
      return { process, output, said, url: /open (http:\/\/127\.0\.0\.1:\d+\/)/.exec(said)![1]! };
    };
    const end = async ({ process, output }: Awaited<ReturnType<typeof start>>, signal: Deno.Signal) => {
      process.kill(signal);
      await process.status;
      await output.cancel();
      await process.stderr.cancel();
    };
    const first = await start();
    assert.match(first.said, new RegExp(`port ${turnPort}\\.`));
    await end(first, "SIGKILL");
    assert.equal(await answersStun("127.0.0.1", turnPort, 1_000), true, "its coturn lives on");
    const second = await start();
    assert.match(second.said, /an earlier run/);
    const hasTurn = async () => (await (await fetch(`${second.url}node.json`)).json()).turn;
    const deadlineMs = performance.now() + 20_000;
    while (!await hasTurn() && performance.now() < deadlineMs) await new Promise((done) => setTimeout(done, 200));
    assert.equal(await hasTurn(), true);
    const { iceServers } = await (await fetch(`${second.url}turn`, { method: "POST" })).json();
    assert.equal(iceServers[0].urls[0], `stun:127.0.0.1:${turnPort}`);
    await end(second, "SIGTERM");
    assert.equal(await answersStun("127.0.0.1", turnPort, 300), false);
  });
});

rendezvousTest("[RDV17] what the process prints names no topic, peer or address of a client", async () => {
  await withFiles(async (folder) => {
    const process = command("--port", "0", "--no-turn", "--files", folder).spawn();
    const [head, rest] = process.stdout.tee();
    const output = head.pipeThrough(new TextDecoderStream()).getReader();
    const said = await startLines(output);
    const port = Number(/open http:\/\/127\.0\.0\.1:(\d+)\//.exec(said)![1]);
    const { peerId } = await (await fetch(`http://127.0.0.1:${port}/node.json`)).json();
    const client = await startClient({ port, peerId });
    await client.register("a-topic");
    const forged = await client.record();
    forged[forged.length - 1]! ^= 1;
    await client.register("a-topic", forged);
    await until(() => client.server.status !== "open", "the forgery closed the connection");
    await client.node.stop();
    process.kill("SIGTERM");
    await output.cancel();
    const printed = await new Response(rest).text() + await new Response(process.stderr).text();
    assert.ok(!printed.includes("a-topic") && !printed.includes(client.node.peerId.toString()), printed);
    assert.equal(printed, said);
    await process.status;
  });
});

rendezvousTest("a second signal ends it at once, whoever keeps it waiting", async () => {
  await withFiles(async (folder) => {
    const turnPort = await freePort("127.0.0.1", 0);
    const process = command("--port", "0", "--turn-port", `${turnPort}`, "--no-mail", "--files", folder).spawn();
    const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const port = Number(/127\.0\.0\.1:(\d+)\//.exec(await startLines(output))![1]);
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    const upgrade = "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n";
    const request = `GET / HTTP/1.1\r\nhost: x\r\n${upgrade}sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
    await client.write(new TextEncoder().encode(request));
    await client.read(new Uint8Array(1_000));
    process.kill("SIGTERM");
    // It waits for this client to say goodbye, which it does not.
    await new Promise((done) => setTimeout(done, 500));
    process.kill("SIGTERM");
    const { code } = await process.status;
    assert.equal(code, 130);
    assert.equal(await answersStun("127.0.0.1", turnPort, 300), false, "its coturn went with it");
    client.close();
    await output.cancel();
    await process.stderr.cancel();
  });
});

rendezvousTest("what cannot work is said in a sentence, without a stack", async () => {
  await withFiles(async (folder) => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { readonly port: number };
    const busy = await failure("--port", String(port), "--no-turn", "--files", folder);
    taken.close();
    assert.match(
      busy,
      new RegExp(`^1 Port ${port} is in use on 127\\.0\\.0\\.1\\. Choose another one with --port\\.\n$`),
    );
    assert.match(await failure("--port", "x"), /^2 --port: "x" is no port/);
    assert.match(await failure("--files", "dist/missing"), /^1 dist\/missing holds no client\. Build it first/);
    const elsewhere = await failure("--host", "203.0.113.250", "--port", "0", "--no-turn", "--files", folder);
    assert.match(elsewhere, /^1 203\.0\.113\.250 is no address of this machine/);
    const noKey = await failure("--cert", "certs/a.pem", "--key", "certs/b.pem", "--files", folder);
    assert.match(noKey, /^1 certs\/a\.pem cannot be read/);
  });
});

rendezvousTest(
  "[RDV22] at a signal the server tells its clients when to come back, and is gone within seconds",
  async () => {
    await withFiles(async (folder) => {
      const process = command("--port", "0", "--no-turn", "--files", folder).spawn();
      const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const port = /open http:\/\/127\.0\.0\.1:(\d+)\//.exec(await startLines(output))![1];
      const clients: LeanClient[] = [];
      for (let i = 0; i < 10; i++) clients.push(await LeanClient.connect(`ws://127.0.0.1:${port}/`));
      const [deaf] = clients;
      deaf!.pause();
      const beganMs = performance.now();
      process.kill("SIGTERM");
      for (const { closed } of clients.slice(1)) assert.equal((await closed).code, 1012);
      const { code } = await process.status;
      assert.equal(code, 0);
      assert.ok(performance.now() - beganMs < 8_000);
      deaf!.terminate();
      await output.cancel();
      await process.stderr.cancel();
    });
  },
);
