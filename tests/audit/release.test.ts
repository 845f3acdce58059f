import assert from "node:assert/strict";
import { commands } from "./deployment.ts";
import { bundleRelease, bundleServer, SERVER_FILE } from "../../client/build/release.ts";

/** The unit's command with its folders in `root` instead. */
function unitCommand(root: string, ...flags: readonly string[]): Deno.Command {
  const places: Readonly<Record<string, string>> = {
    "/opt/securecomm": `${root}/program`,
    "/var/lib/securecomm": `${root}/data`,
    "/run/securecomm": `${root}/turn`,
  };
  const args = commands().unit.map((arg) =>
    Object.entries(places).reduce((text, [from, to]) => text.replaceAll(from, to), arg)
  );
  return new Deno.Command(Deno.execPath(), {
    args: [...args, ...flags],
    cwd: `${root}/elsewhere`,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", DENO_DIR: `${root}/cache`, DENO_NO_UPDATE_CHECK: "1" },
    stdout: "piped",
    stderr: "piped",
  });
}

async function until(output: ReadableStreamDefaultReader<string>, expected: RegExp): Promise<string> {
  let said = "";
  while (!expected.test(said)) {
    const { value, done } = await output.read();
    assert.ok(!done, said);
    said += value;
  }
  return said;
}

Deno.test("a release serves its client and keeps mail, far from sources and packages, with the unit's permissions", async () => {
  const root = await Deno.makeTempDir({ prefix: "securecomm-release-" });
  for (const folder of ["data", "turn", "elsewhere"]) await Deno.mkdir(`${root}/${folder}`);
  try {
    await bundleRelease(`${root}/program`);
    const server = unitCommand(root, "--port", "0", "--turn-port", "0").spawn();
    const output = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const said = await until(output, /coturn|TURN/);
    const url = /open (http:\/\/127\.0\.0\.1:\d+\/)/.exec(said)![1]!;
    const page = await (await fetch(url)).text();
    const script = /src="(\/assets\/main-[^"]+)"/.exec(page)![1]!;
    assert.ok((await (await fetch(new URL(script, url))).text()).length > 100_000);
    assert.equal((await (await fetch(`${url}health`)).json()).status, "ok");
    assert.equal((await (await fetch(`${url}node.json`)).json()).mail, true);
    assert.match(await (await fetch(`${url}licences.txt`)).text(), /^opus-decoder \S+: MIT$/m);
    await askDoctor(root, url);
    server.kill("SIGTERM");
    const { code } = await server.status;
    await output.cancel();
    const errors = await new Response(server.stderr).text();
    assert.equal(`${code} ${errors}`, "0 ");
    assert.ok((await Deno.stat(`${root}/data/spaces.sqlite`)).size > 0);
    await backUp(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

async function askDoctor(root: string, url: string): Promise<void> {
  const args = ["run", "--allow-all", `${root}/program/${SERVER_FILE}`, "doctor", "--url", url];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert.match(new TextDecoder().decode(stdout), /WebSocket: connected[^]*Will voice work on this machine/);
}

async function backUp(root: string): Promise<void> {
  const args = ["run", "--allow-all", `${root}/program/${SERVER_FILE}`, "backup", `${root}/copy.sqlite`, "--data"];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args: [...args, `${root}/data`] }).output();
  assert.ok(success, new TextDecoder().decode(stdout));
  assert.ok((await Deno.stat(`${root}/copy.sqlite`)).size > 0);
}

Deno.test("the server's bundle names no folder of the machine it was made on, and comes out the same twice", async () => {
  const [one, two] = [await bundleServer(), await bundleServer()];
  assert.equal(one.text, two.text);
  for (const folder of ["node_modules", "/npm/", "/.cache/", Deno.cwd()]) assert.ok(!one.text.includes(folder));
});
