import assert from "node:assert/strict";
import type { TurnAnswer } from "../../rendezvous/http/routes.ts";
import type { Rendezvous } from "../../rendezvous/server.ts";
import { COTURN } from "../../turn/limits.ts";
import { startTurn } from "../../turn/supervisor.ts";
import { rendezvousTest, until, withServer } from "./support.ts";

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
    const config = `${folder}/${own!.name}/turnserver.conf`;
    assert.equal(Deno.statSync(config).mode! & 0o777, 0o600);
    assert.equal(Deno.statSync(folder).mode! & 0o777, 0o700);
    const secret = /static-auth-secret=(\S+)/.exec(Deno.readTextFileSync(config))![1]!;
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

rendezvousTest("without coturn there is none, and nothing fails", async () => {
  const address = { listenIp: "127.0.0.1", externalIp: null, advertisedHost: "127.0.0.1", allowsLoopback: true };
  const turn = await startTurn({
    address,
    port: 0,
    relayPorts: COTURN.relayPorts,
    folder: "/nonexistent",
    logFile: null,
    program: "turnserver-that-is-not-there",
    restarted: () => {},
  });
  assert.equal(turn, null);
});
