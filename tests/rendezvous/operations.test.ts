import assert from "node:assert/strict";
import { StoreTimes, timedStore } from "../../rendezvous/operations/timedStore.ts";
import { prometheus } from "../../rendezvous/operations/prometheus.ts";
import { jsonLog, kindOf, type Log, textLog } from "../../rendezvous/operations/log.ts";
import type { SpaceStore } from "../../rendezvous/store/port.ts";
import { rendezvousTest, startClient } from "./support.ts";

/** The command of `deno task serve`, so that exactly its permissions are tested. */
const TASK: string = JSON.parse(Deno.readTextFileSync("deno.json")).tasks.serve;

interface Running {
  /** What it has printed so far. */
  readonly said: () => string;
  /** Waits until it has printed that. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  end(): Promise<{ readonly code: number; readonly errors: string }>;
}

async function running(
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
  play: (server: Running) => Promise<void>,
): Promise<void> {
  await Deno.mkdir("dist", { recursive: true });
  await Deno.mkdir("data", { recursive: true });
  const files = await Deno.makeTempDir({ dir: "dist", prefix: "test-" });
  const data = await Deno.makeTempDir({ dir: "data", prefix: "test-" });
  await Deno.writeTextFile(`${files}/index.html`, "<!doctype html>");
  const [, ...args] = TASK.replaceAll("'", "").split(" ");
  const all = [...args, "--port", "0", "--no-turn", "--files", files, "--data", data, ...flags];
  const process = new Deno.Command(Deno.execPath(), { args: all, env, stdout: "piped", stderr: "piped" }).spawn();
  let said = "";
  const read = (async () => {
    for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) said += text;
  })();
  const errors = new Response(process.stderr).text();
  let hasEnded = false;
  const end = async () => {
    if (!hasEnded) process.kill("SIGTERM");
    hasEnded = true;
    const { code } = await process.status;
    await read;
    return { code, errors: await errors };
  };
  try {
    await play({
      said: () => said,
      async shows(pattern) {
        const deadlineMs = performance.now() + 10_000;
        while (!pattern.test(said) && performance.now() < deadlineMs) await new Promise((done) => setTimeout(done, 20));
        const found = pattern.exec(said);
        assert.ok(found !== null, said);
        return found;
      },
      end,
    });
  } finally {
    await end();
    await Deno.remove(files, { recursive: true });
    await Deno.remove(data, { recursive: true });
  }
}

/** The lines of Prometheus' text format (0.0.4): a name, labels, a number. */
function samples(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))) {
    const parts = /^([a-zA-Z_:][\w:]*(?:\{[^}]*\})?) (\S+)$/.exec(line);
    assert.ok(parts !== null && !Number.isNaN(Number(parts[2])), line);
    found.set(parts[1]!, Number(parts[2]));
  }
  return found;
}

rendezvousTest("[RDV17] metrics stand on a port of their own, and are numbers of nobody", async () => {
  await running(["--metrics-port", "0"], {}, async (server) => {
    const port = Number((await server.shows(/Prometheus: port (\d+) of 127\.0\.0\.1/))[1]);
    const [url] = (await server.shows(/http:\/\/127\.0\.0\.1:\d+\//))!;
    const { peerId } = await (await fetch(`${url}node.json`)).json();
    const client = await startClient({ port: Number(new URL(url).port), peerId });
    await client.register("a-topic");
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    assert.match(answer.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
    const text = await answer.text();
    const read = samples(text);
    assert.equal(read.get("securecomm_connections"), 1);
    assert.equal(read.get("securecomm_registrations"), 1);
    assert.equal(read.get('securecomm_events_total{event="ws.accepted"}'), 1);
    assert.equal(read.get('securecomm_store_kept{kind="envelopes"}'), 0);
    assert.ok(read.get("process_resident_memory_bytes")! > 10_000_000);
    assert.ok(read.get("securecomm_event_loop_lag_seconds")! >= 0);
    for (const secret of ["a-topic", client.node.peerId.toString(), peerId, "127.0.0.1"]) {
      assert.ok(!text.includes(secret), secret);
    }
    for (const path of ["/", "/metrics/", "/health"]) {
      const other = await fetch(`http://127.0.0.1:${port}${path}`);
      assert.equal(other.status, 404);
      await other.body?.cancel();
    }
    const open = await fetch(`${url}metrics`);
    assert.equal(open.status, 404, "not where everybody is");
    await open.body?.cancel();
    await client.node.stop();
    assert.deepEqual(await server.end(), { code: 0, errors: "" });
  });
});

rendezvousTest(
  "the log for machines is one JSON object on each line, from a closed list, without identifiers",
  async () => {
    await running([], { SECURECOMM_LOG: "json" }, async (server) => {
      const { port } = JSON.parse((await server.shows(/^\{.*"started".*\}$/m))[0]);
      const { peerId } = await (await fetch(`http://127.0.0.1:${port}/node.json`)).json();
      const client = await startClient({ port, peerId });
      await client.register("a-topic");
      await client.node.stop();
      assert.deepEqual(await server.end(), { code: 0, errors: "" });
      const lines = server.said().trim().split("\n").map((line) => JSON.parse(line));
      assert.deepEqual(lines.map(({ level, event }) => [level, event]), [
        ["info", "started"],
        ["info", "stopping"],
        ["info", "stopped"],
      ]);
      for (const { time } of lines) assert.ok(Date.parse(time) > 1_700_000_000_000);
      const words = lines.flatMap(({ time: _, ...fields }) => Object.values(fields)).filter((one) =>
        typeof one === "string"
      );
      assert.deepEqual(words.toSorted(), ["info", "info", "info", "off", "started", "stopped", "stopping"]);
    });
  },
);

Deno.test("what failed is told by the class of its error, never by its text", () => {
  const said: string[] = [];
  const console = { log: (line: string) => said.push(line), error: (line: string) => said.push(line) };
  const logs: readonly Log[] = [textLog(console), jsonLog(console, () => 0)];
  const error = new TypeError("198.51.100.7 said no");
  for (const log of logs) log({ event: "task-failed", kind: kindOf(error) });
  assert.deepEqual(said, [
    "A task failed unexpectedly: TypeError",
    '{"time":"1970-01-01T00:00:00.000Z","level":"error","event":"task-failed","kind":"TypeError"}',
  ]);
  assert.equal(kindOf(Object.assign(new Error(), { name: "198.51.100.7" })), "Error");
  assert.equal(kindOf("a string"), "string");
});

Deno.test("operations of the store are timed, the failed ones too, and counted while they wait", async () => {
  let release = () => {};
  const waiting = new Promise<void>((resolve) => release = resolve);
  const store = {
    usage: () => waiting.then(() => ({ t: "refused", reason: "busy" })),
    ack: () => Promise.reject(new Error("no")),
    close: () => Promise.resolve(),
  } as unknown as SpaceStore;
  const complete = new Proxy(store, { get: (target, name) => Reflect.get(target, name) ?? (() => Promise.resolve()) });
  const times = new StoreTimes();
  const timed = timedStore(complete, times);
  const exposition = prometheus([], times);
  const asked = timed.usage();
  assert.equal(times.pending, 1);
  release();
  assert.deepEqual(await asked, { t: "refused", reason: "busy" });
  await assert.rejects(timed.ack(undefined as never, []));
  assert.equal(times.pending, 0);
  const read = samples(await exposition.text());
  assert.equal(read.get('securecomm_store_operation_seconds_count{operation="usage"}'), 1);
  assert.equal(read.get('securecomm_store_operation_seconds_count{operation="ack"}'), 1);
  assert.equal(read.get('securecomm_store_operation_seconds_bucket{le="+Inf",operation="ack"}'), 1);
});

rendezvousTest("Deno exports the measures to OpenTelemetry, when its own variables tell it to", async () => {
  const received: string[] = [];
  const collector = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    received.push(`${new URL(request.url).pathname} ${await request.text()}`);
    return Response.json({});
  });
  const env = {
    OTEL_DENO: "true",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_METRIC_EXPORT_INTERVAL: "300",
  };
  try {
    await running([], env, async (server) => {
      const port = Number((await server.shows(/http:\/\/127\.0\.0\.1:(\d+)\//))[1]);
      const { peerId } = await (await fetch(`http://127.0.0.1:${port}/node.json`)).json();
      const client = await startClient({ port, peerId });
      const sum = () => received.filter((one) => one.startsWith("/v1/metrics")).join("\n");
      const deadlineMs = performance.now() + 8_000;
      const names = ["securecomm_connections", "securecomm_events_total", "process_cpu_seconds_total", "ws.accepted"];
      while (!names.every((name) => sum().includes(name)) && performance.now() < deadlineMs) {
        await new Promise((done) => setTimeout(done, 100));
      }
      for (const name of names) assert.ok(sum().includes(name), name);
      assert.ok(!received.some((one) => one.includes(client.node.peerId.toString())));
      await client.node.stop();
    });
  } finally {
    await collector.shutdown();
  }
});
