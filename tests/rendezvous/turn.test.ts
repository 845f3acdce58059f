import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { TurnAnswer } from "../../rendezvous/http/routes.ts";
import { TURN } from "../../rendezvous/limits.ts";
import type { Rendezvous } from "../../rendezvous/server.ts";
import { type Login, TurnSession } from "../../turn/client/session.ts";
import { tryRelay } from "../../turn/client/trial.ts";
import { openWire } from "../../turn/client/wire.ts";
import { COTURN } from "../../turn/limits.ts";
import { startTurn } from "../../turn/supervisor.ts";
import { HandClock, rendezvousTest, until, withServer } from "./support.ts";

const isInstalled = await new Deno.Command("turnserver", { args: ["--version"], stdout: "null", stderr: "null" })
  .output().then(() => true, () => false);
assert.ok(isInstalled, "these tests need coturn: apt install coturn");

async function withTurn(play: (server: Rendezvous, logFile: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const logFile = `${folder}/turn.log`;
  try {
    await withServer({ turn: { port: 0, folder: `${folder}/turn`, logFile } }, ({ server }) => play(server, logFile));
    assert.deepEqual(Array.from(Deno.readDirSync(`${folder}/turn`)), [], "nothing was left behind");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function ask({ url }: Rendezvous): Promise<TurnAnswer> {
  const answer = await fetch(`${url}turn`, { method: "POST" });
  assert.equal(answer.status, 200);
  return await answer.json();
}

/** coturn's own test client, over TCP because coturn logs a session's traffic when its connection closes. */
async function uclient(username: string, credential: string, port: number, ...more: string[]): Promise<string> {
  const login = ["-t", "-c", "-u", username, "-w", credential, "-p", String(port)];
  const args = [...login, "-n", "40", "-m", "1", "-z", "5", ...more, "127.0.0.1"];
  const { stdout, stderr } = await new Deno.Command("turnutils_uclient", { args }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

/** Two allocations send each other messages through their relayed addresses; true when all arrived. */
async function relays(username: string, credential: string, port: number): Promise<boolean> {
  const counts = (await uclient(username, credential, port, "-y")).match(/tot_send_msgs=\d+, tot_recv_msgs=\d+/g);
  const [, sent, received] = /=(\d+), \S+=(\d+)/.exec(counts?.at(-1) ?? "") ?? [];
  return sent !== undefined && Number(sent) > 0 && sent === received;
}

rendezvousTest("[RDV14] credentials from the server relay through a real coturn, as its own log shows", async () => {
  await withTurn(async (server, logFile) => {
    const { iceServers, expiresAtMs } = await ask(server);
    const [{ urls, username, credential }] = iceServers as [TurnAnswer["iceServers"][0]];
    assert.ok(expiresAtMs > Date.now() && expiresAtMs <= Date.now() + 3_600_000);
    const port = Number(/turn:127\.0\.0\.1:(\d+)\?transport=udp/.exec(urls[1]!)![1]);
    assert.equal(port, server.turn!.port);
    assert.equal(await relays(username, credential, port), true);
    const relayedBytes = () =>
      Deno.readTextFileSync(logFile).matchAll(/peer usage: .*username=<(\S+)>.* sb=(\d+)/g)
        .filter(([, name]) => name === username).reduce((sum, [, , sizeBytes]) => sum + Number(sizeBytes), 0);
    await until(() => relayedBytes() >= 4_000, "coturn logged what it sent to peers");
  });
});

rendezvousTest("[RDV14] other credentials relay nothing", async () => {
  await withTurn(async (server) => {
    const [{ username }] = (await ask(server)).iceServers as [TurnAnswer["iceServers"][0]];
    assert.equal(await relays(username, "wrong", server.turn!.port), false);
  });
});

rendezvousTest("[RDV15] a relay that others can reach refuses private addresses, and no public ones", async () => {
  const folder = await Deno.makeTempDir();
  const address = { listenIp: "127.0.0.1", externalIp: null, advertisedHost: "127.0.0.1", allowsLoopback: false };
  const logFile = `${folder}/turn.log`;
  const turn = await startTurn({
    address,
    port: 0,
    relayPorts: COTURN.relayPorts,
    tls: null,
    nowMs: Date.now(),
    folder: `${folder}/turn`,
    logFile,
    restarted: () => {},
  });
  assert.ok(turn !== null);
  try {
    const { username, credential } = turn.credentials(60_000, Date.now());
    const isForbidden = async (peer: string) =>
      (await uclient(username, credential, turn.port, "-e", peer)).includes("Forbidden IP");
    const hosts = ["10.1.2.3", "172.20.0.1", "192.168.9.9", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"];
    for (const peer of hosts) assert.equal(await isForbidden(peer), true, peer);
    const bound = () => (Deno.readTextFileSync(logFile).match(/CHANNEL_BIND processed, success/g) ?? []).length;
    assert.equal(bound(), 0);
    // Nothing answers at this address for documentation: that the channel is bound is all there is to see.
    const args = ["-c", "-u", username, "-w", credential, "-p", String(turn.port), "-e", "203.0.113.9", "127.0.0.1"];
    const process = new Deno.Command("turnutils_uclient", { args, stdout: "null", stderr: "null" }).spawn();
    await until(() => bound() > 0, "a channel to a public address was bound");
    process.kill("SIGKILL");
    await process.status;
  } finally {
    await turn.stop();
    await Deno.remove(folder, { recursive: true });
  }
});

rendezvousTest("the secret is on no command line and in no file that others can read", async () => {
  await withTurn((server, logFile) => {
    const folder = `${logFile.replace(/[^/]*$/, "")}turn`;
    const [own] = Array.from(Deno.readDirSync(folder));
    const config = Deno.readTextFileSync(`${folder}/${own!.name}/turnserver.conf`);
    assert.equal(Deno.statSync(`${folder}/${own!.name}/turnserver.conf`).mode! & 0o777, 0o600);
    for (const parent of [folder, `${folder}/${own!.name}`]) assert.equal(Deno.statSync(parent).mode! & 0o777, 0o700);
    const database = new DatabaseSync(`${folder}/${own!.name}/turndb`, { readOnly: true });
    const secret = String(database.prepare("SELECT value FROM turn_secret").get()!["value"]);
    database.close();
    assert.ok(!config.includes(secret));
    assert.match(secret, /^[0-9a-f]{64}$/);
    const commandLine = Deno.readTextFileSync(`/proc/${server.turn!.processId()}/cmdline`);
    assert.ok(commandLine.includes("turnserver") && !commandLine.includes(secret));
    const environment = Deno.readTextFileSync(`/proc/${server.turn!.processId()}/environ`);
    assert.ok(!environment.includes(secret));
    return Promise.resolve();
  });
});

rendezvousTest("a killed coturn is started again, with the same port and secret", async () => {
  await withTurn(async (server) => {
    const [{ username, credential }] = (await ask(server)).iceServers as [TurnAnswer["iceServers"][0]];
    const first = server.turn!.processId()!;
    Deno.kill(first, "SIGKILL");
    await until(() => !server.turn!.isRunning(), "its end was noticed");
    assert.deepEqual(await (await fetch(`${server.url}turn`, { method: "POST" })).json(), {
      iceServers: [],
      expiresAtMs: 0,
    });
    await until(() => server.turn!.isRunning(), "it ran again");
    assert.notEqual(server.turn!.processId(), first);
    assert.equal(server.counters.get("turn.restarted"), 1);
    assert.equal(await relays(username, credential, server.turn!.port), true);
  });
});

rendezvousTest("a coturn that has fallen silent is offered to nobody, until it answers again", async () => {
  await withTurn(async (server) => {
    const turn = server.turn!;
    const becomes = async (isRunning: boolean) => {
      const deadlineMs = performance.now() + 15_000;
      while (turn.isRunning() !== isRunning && performance.now() < deadlineMs) {
        await new Promise((done) => setTimeout(done, 50));
      }
      assert.equal(turn.isRunning(), isRunning);
    };
    Deno.kill(turn.processId()!, "SIGSTOP");
    await becomes(false);
    assert.deepEqual((await ask(server)).iceServers, []);
    Deno.kill(turn.processId()!, "SIGCONT");
    await becomes(true);
    assert.equal(server.counters.get("turn.restarted"), 0);
  });
});

rendezvousTest(
  "[RDV14] the secret changes while coturn runs: new logins work, old ones end, relayed calls go on",
  async () => {
    const clock = new HandClock();
    const folder = await Deno.makeTempDir();
    // A day of the process's own samples would be a million of them.
    const load = { lagMs: () => 0, residentBytes: () => 0 };
    const options = { turn: { port: 0, folder: `${folder}/turn` }, clock, load };
    await withServer(options, async ({ server }) => {
      const turn = server.turn!;
      // The hand clock stands years back, where coturn would call each login expired: only the secret's part is by hand.
      const login = () => turn.credentials(3_600_000, Date.now());
      const trial = (given: Login) => tryRelay({ transport: "udp", host: "127.0.0.1", port: turn.port, login: given });
      const [process, old] = [turn.processId(), login()];
      const call = new TurnSession((await openWire("udp", "127.0.0.1", turn.port))!, old);
      assert.ok("host" in await call.allocate());
      clock.advance(COTURN.secretLifetimeMs + TURN.rotationCheckMs);
      const fresh = login();
      assert.deepEqual([(await trial(old)).t, (await trial(fresh)).t], ["works", "works"]);
      clock.advance(3_600_000 + TURN.rotationCheckMs);
      assert.deepEqual(await trial(old), { t: "failed", step: "login", code: 401 });
      assert.equal((await trial(fresh)).t, "works");
      assert.equal((await call.refresh(600)).t, "success");
      assert.equal((await call.permit({ host: "127.0.0.1", port: 9 })).t, "success");
      assert.equal(turn.processId(), process);
      call.close();
    });
    await Deno.remove(folder, { recursive: true });
  },
);

rendezvousTest("with a certificate coturn relays under TLS as well", async () => {
  const folder = await Deno.makeTempDir();
  const pem = (name: string) => Deno.readTextFileSync(`${folder}/${name}.pem`);
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const files = ["-keyout", `${folder}/key.pem`, "-out", `${folder}/cert.pem`];
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  await new Deno.Command("openssl", { args: [...args, ...files, ...name], stderr: "null" }).output();
  const turn = await startTurn({
    address: { listenIp: "127.0.0.1", externalIp: null, advertisedHost: "127.0.0.1", allowsLoopback: true },
    port: 0,
    relayPorts: COTURN.relayPorts,
    tls: { host: "localhost", port: 0, cert: pem("cert"), key: pem("key") },
    folder: `${folder}/turn`,
    logFile: null,
    nowMs: Date.now(),
    restarted: () => {},
  });
  assert.ok(turn !== null);
  try {
    const login = turn.credentials(60_000, Date.now());
    assert.equal(login.urls.at(-1), `turns:localhost:${turn.tlsPort}?transport=tcp`);
    const init = { transport: "tls", host: "localhost", port: turn.tlsPort!, login } as const;
    assert.deepEqual(
      await tryRelay(init),
      { t: "failed", step: "connect", code: null },
      "nobody trusts this certificate",
    );
    assert.equal((await tryRelay({ ...init, trusted: pem("cert") })).t, "works");
  } finally {
    await turn.stop();
    await Deno.remove(folder, { recursive: true });
  }
});

rendezvousTest("without coturn there is none, and nothing fails", async () => {
  const address = { listenIp: "127.0.0.1", externalIp: null, advertisedHost: "127.0.0.1", allowsLoopback: true };
  const turn = await startTurn({
    address,
    port: 0,
    relayPorts: COTURN.relayPorts,
    tls: null,
    nowMs: Date.now(),
    folder: "/nonexistent",
    logFile: null,
    program: "turnserver-that-is-not-there",
    restarted: () => {},
  });
  assert.equal(turn, null);
});
