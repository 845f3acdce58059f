import assert from "node:assert/strict";
import { startRendezvous } from "../../rendezvous/server.ts";
import { freePort } from "../../turn/probe.ts";
import { rendezvousTest } from "./support.ts";

/** The command of `deno task doctor`, so that exactly its permissions are tested. */
const TASKS: Readonly<Record<"serve" | "doctor", string>> = JSON.parse(Deno.readTextFileSync("deno.json")).tasks;
const TASK = TASKS.doctor;

interface Report {
  readonly code: number;
  readonly said: string;
}

async function doctor(flags: readonly string[], options: Deno.CommandOptions = {}): Promise<Report> {
  const [, ...args] = TASK.replaceAll("'", "").split(" ");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args, ...flags], ...options })
    .output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/** A machine without coturn: nothing is found by its path. */
const WITHOUT_COTURN: Deno.CommandOptions = {
  clearEnv: true,
  env: { PATH: "/nonexistent", HOME: Deno.env.get("HOME")! },
};

async function withServer(turn: boolean, play: (url: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const server = await startRendezvous({
    port: 0,
    files: () => Promise.resolve(null),
    turn: turn ? { port: 0, folder } : null,
  });
  try {
    await play(server.url);
  } finally {
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

rendezvousTest(
  "of a running server with coturn it tries everything, and says that it is for this machine",
  async () => {
    await withServer(true, async (url) => {
      const { code, said } = await doctor(["--url", url]);
      assert.equal(code, 1, said);
      for (const part of ["The server answers", "WebSocket: connected and encrypted", "STUN over UDP"]) {
        assert.ok(said.includes(`ok   ${part}`), said);
      }
      assert.match(said, /TURN over UDP, port \d+: 10 of 10 packets relayed[^]*TURN over TCP, port \d+: 10 of 10/);
      assert.match(said, /on this machine: yes\.\n.*network: no\.\n.*outside: no\./);
    });
  },
);

rendezvousTest("of a running server without coturn it says what to install", async () => {
  await withServer(false, async (url) => {
    const { code, said } = await doctor(["--url", url], WITHOUT_COTURN);
    assert.equal(code, 1);
    assert.match(said, /FAIL coturn is not installed[^]*apt install coturn/);
    assert.match(said, /on this machine: no\./);
    const { works } = JSON.parse((await doctor(["--url", url, "--json"])).said);
    assert.deepEqual(works, { thisMachine: false, thisNetwork: false, internet: false });
  });
});

rendezvousTest("without a server it says so, and tries coturn alone where there is one", async () => {
  const port = String(await freePort("127.0.0.1", 0));
  const flags = ["--port", port, "--turn-port", "0"];
  const alone = await doctor(flags);
  assert.equal(alone.code, 1);
  assert.match(alone.said, /FAIL No server answers at http:\/\/127\.0\.0\.1:\d+\/\./);
  assert.match(alone.said, /was started for this check alone[^]*ok {3}TURN over UDP[^]*ok {3}TURN over TCP/);
  const bare = await doctor(flags, WITHOUT_COTURN);
  assert.equal(bare.code, 1);
  assert.match(bare.said, /FAIL No server answers[^]*FAIL coturn is not installed/);
});

rendezvousTest("a server whose proxy is missing is found past it, and its relay is tried", async () => {
  const folder = await Deno.makeTempDir();
  const server = await startRendezvous({
    port: 0,
    domain: "localhost",
    interfaces: ["127.0.0.1"],
    files: () => Promise.resolve(null),
    turn: { port: 0, folder },
  });
  try {
    const { code, said } = await doctor(["--domain", "localhost", "--port", `${server.port}`]);
    assert.equal(code, 1);
    assert.match(said, /FAIL No server answers at https:\/\/localhost\/, though it runs on this machine/);
    assert.match(said, new RegExp(`TURN over TCP, port ${server.turn!.port}: `));
    assert.match(said, /on this machine: no\./);
  } finally {
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
});

rendezvousTest("it is called wrongly in a sentence, and shares the settings of the server", async () => {
  assert.match((await doctor(["--url", "ftp://x"])).said, /^--url: "ftp:\/\/x" is no address of a page/);
  const { code, said } = await doctor(["--json"], { env: { SECURECOMM_PROT: "1" } });
  assert.deepEqual([code, said], [2, "SECURECOMM_PROT is no setting. --help lists what can be given.\n"]);
  assert.match((await doctor(["--help"])).said, /--trust FILE/);
});

/** A namespace of its own, where a public address is this machine's: nothing leaves it. */
const OUTSIDE = "ip link set lo up && ip addr add 203.0.113.7/32 dev lo && exec";
const mayMakeNamespaces = await new Deno.Command("unshare", { args: ["--net", "true"], stderr: "null" }).output()
  .then(({ success }) => success, () => false);

async function fromOutside(): Promise<void> {
  await Deno.mkdir("dist", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: "dist", prefix: "test-" });
  try {
    await Deno.writeTextFile(`${folder}/index.html`, "<!doctype html>");
    const request = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "30",
    ];
    const files = ["-keyout", `${folder}/key.pem`, "-out", `${folder}/cert.pem`];
    const name = ["-subj", "/CN=203.0.113.7", "-addext", "subjectAltName=IP:203.0.113.7"];
    await new Deno.Command("openssl", { args: [...request, ...files, ...name], stderr: "null" }).output();
    const flags = `--host 203.0.113.7 --port 8443 --cert ${folder}/cert.pem --key ${folder}/key.pem --no-mail`;
    const run = (task: string, more: string) => `${task.replace("deno", Deno.execPath())} ${flags} ${more}`;
    const serve = run(TASKS.serve.replaceAll("'", ""), `--files ${folder}`);
    const ask = (more: string) => run(TASK.replaceAll("'", ""), more);
    const script = `${serve} > ${folder}/log & server=$!
      for n in $(seq 100); do grep -q "coturn relays" ${folder}/log && break; sleep 0.1; done
      ${ask(`--trust ${folder}/cert.pem`)}; echo "status $?"
      ${ask("")}; echo "status $?"
      kill $server; wait $server`;
    const args = ["--net", "sh", "-c", `${OUTSIDE} sh -c '${script}'`];
    const { stdout, stderr } = await new Deno.Command("unshare", { args }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    const [trusted = "", untrusted = ""] = said.split("status 0");
    assert.match(trusted, /the certificate is for this name and good for (?:29|30) days/);
    assert.match(trusted, /Relayed calls go through 203\.0\.113\.7, a public address/);
    assert.match(trusted, /people outside: yes, as far as can be told from inside/);
    assert.match(trusted, /TCP 8443, UDP 3478, TCP 3478, UDP 49152-51151/);
    assert.match(untrusted, /FAIL HTTPS: browsers do not trust the certificate[^]*outside: no\.[^]*status 1/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "with a certificate and a public address voice works for people outside, and the status says so",
  ignore: !mayMakeNamespaces,
  fn: fromOutside,
});
