import assert from "node:assert/strict";
import { connect } from "node:tls";
import { fit, type Tls, watchCertificate } from "../../rendezvous/operations/certificate.ts";
import { tryRelay } from "../../turn/client/trial.ts";
import { CERTIFICATE } from "../../rendezvous/limits.ts";
import { HandClock, rendezvousTest, withServer } from "./support.ts";

async function makeCertificate(name: string): Promise<Tls> {
  const folder = await Deno.makeTempDir();
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const files = ["-keyout", `${folder}/key.pem`, "-out", `${folder}/cert.pem`];
  const names = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost"];
  await new Deno.Command("openssl", { args: [...request, ...files, ...names], stderr: "null" }).output();
  const [cert, key] = ["cert", "key"].map((one) => Deno.readTextFileSync(`${folder}/${one}.pem`));
  await Deno.remove(folder, { recursive: true });
  return { cert: cert!, key: key! };
}

/** The common name of the certificate that a port shows. */
function shown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, servername: "localhost", rejectUnauthorized: false }, () => {
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      resolve(`${subject.CN}`);
    });
    socket.on("error", reject);
  });
}

rendezvousTest("a renewed certificate is shown by the server and by coturn, without a restart", async () => {
  const [first, second] = [await makeCertificate("first"), await makeCertificate("second")];
  const folder = await Deno.makeTempDir();
  const turn = { port: 0, tlsPort: 0, folder: `${folder}/turn` };
  const options = { tls: first, domain: "localhost", interfaces: ["127.0.0.1"], turn };
  try {
    await withServer(options, async ({ server }) => {
      const [process, tlsPort] = [server.turn!.processId(), server.turn!.tlsPort!];
      assert.deepEqual([await shown(server.port), await shown(tlsPort)], ["first", "first"]);
      await server.renewTls(second);
      assert.equal(await shown(server.port), "second");
      const deadlineMs = performance.now() + 5_000;
      while (await shown(tlsPort) !== "second" && performance.now() < deadlineMs) {
        await new Promise((done) => setTimeout(done, 50));
      }
      assert.equal(await shown(tlsPort), "second");
      assert.equal(server.turn!.processId(), process);
      const login = server.turn!.credentials(60_000, Date.now());
      const init = { transport: "tls", host: "localhost", port: tlsPort, login, trusted: second.cert } as const;
      assert.notDeepEqual(await tryRelay(init), { t: "failed", step: "connect", code: null });
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("files that do not fit together, or cannot be read, change nothing", async () => {
  const [first, second] = [await makeCertificate("first"), await makeCertificate("second")];
  assert.ok(fit(first) && fit(second) && !fit({ cert: first.cert, key: second.key }) && !fit({ cert: "", key: "" }));
  const clock = new HandClock();
  let onDisk: Tls | null = first;
  const taken: Tls[] = [];
  const stop = watchCertificate({
    clock,
    current: first,
    read: () => Promise.resolve(onDisk),
    renewed: (tls) => void taken.push(tls),
  });
  for (const next of [first, null, { cert: second.cert, key: first.key }, second, second]) {
    onDisk = next;
    clock.advance(CERTIFICATE.checkIntervalMs);
    await new Promise((done) => setTimeout(done, 0));
  }
  assert.deepEqual(taken, [second]);
  stop();
});
