import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { buildHash, listing } from "../../../client/build/listing.ts";
import { isOlder, versionProblem } from "../../../client/build/denoVersion.ts";
import { nameByContent, type NamedFile } from "../../../client/build/names.ts";
import { build, ROOT } from "../../../client/build/build.ts";
import type { Entries } from "../../../client/build/entries.ts";

const FIXTURE: Entries = {
  pages: [{ html: "index.html", title: "Fixture", script: "page.tsx", style: "page.css" }],
  workers: [{ name: "echo.worker", script: "echo.ts" }],
};

const SOURCES = {
  "page.tsx": `import { signal } from "@preact/signals";
    import { render } from "preact";
    import { shared } from "./shared.ts";
    const lazy = signal(() => import("./lazy.ts"));
    render(<button onClick={lazy.value}>{shared(new Worker("asset:echo.worker"))}</button>, document.body);`,
  "lazy.ts": `import { shared } from "./shared.ts"; export const lazy = () => shared("lazy");`,
  "shared.ts": `export const shared = (value: unknown) => [String(value), "shared by both"];`,
  "echo.ts": `self.onmessage = (event: MessageEvent) => self.postMessage(event.data);`,
  "page.css": `body { color: black; }`,
};

/** The fixture's sources in a folder inside the checkout, so that the import map applies, and its output elsewhere. */
async function buildIn(depth: string): Promise<ReadonlyMap<string, string>> {
  const base = `${ROOT}/dist/.test-${crypto.randomUUID()}`;
  const out = await Deno.makeTempDir();
  const root = `${base}/${depth}`;
  await Deno.mkdir(root, { recursive: true });
  try {
    for (const [name, text] of Object.entries(SOURCES)) await Deno.writeTextFile(`${root}/${name}`, text);
    await build({ outDir: out, entries: FIXTURE, root });
    return await readAll(out);
  } finally {
    await Deno.remove(base, { recursive: true });
    await Deno.remove(out, { recursive: true });
  }
}

async function readAll(dir: string, under = ""): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const entry of Deno.readDir(`${dir}/${under}`)) {
    const path = `${under}${entry.name}`;
    if (entry.isDirectory) { for (const [name, text] of await readAll(dir, `${path}/`)) files.set(name, text); }
    else files.set(path, (await Deno.readFile(`${dir}/${path}`)).toHex());
  }
  return files;
}

const plain = (hex: string) => new TextDecoder().decode(Uint8Array.fromHex(hex));

Deno.test("two builds from two folders into two folders are the same bytes", async () => {
  const [one, two] = [await buildIn("a"), await buildIn("another/much/deeper/folder")];
  assert.deepEqual([...one].sort(), [...two].sort());
  assert.ok(one.has("index.html.br"));
  const scripts = [...one.keys()].filter((path) => path.endsWith(".js"));
  assert.equal(scripts.length, 4, "page, lazy part, what both share, and the worker");
});

Deno.test("no output names a folder of the machine it was built on", async () => {
  for (const [path, hex] of await buildIn("a")) {
    if (path.endsWith(".br")) continue;
    for (const folder of [ROOT, tmpdir(), "node_modules", "registry."]) assert.ok(!plain(hex).includes(folder), path);
  }
});

Deno.test("a page names its parts by content, forbids inline script, and loads shared parts at once", async () => {
  const files = await buildIn("a");
  const html = plain(files.get("index.html")!);
  assert.match(html, /script-src 'self'/);
  assert.doesNotMatch(html, /<script(?![^>]*src=)/);
  assert.match(html, /rel="modulepreload" href="\/assets\/chunk-[0-9a-f]{12}\.js" integrity="sha256-/);
  assert.match(html, /rel="stylesheet" href="\/assets\/style-/);
  const worker = [...files.keys()].find((path) => /^assets\/echo\.worker-.*\.js$/.test(path))!;
  const page = [...files].find(([path]) => /^assets\/page-.*\.js$/.test(path))![1];
  assert.ok(plain(page).includes(`"/${worker}"`));
});

Deno.test("build.json lists every other file, and its hash covers them all", async () => {
  const files = await buildIn("a");
  const list = JSON.parse(plain(files.get("build.json")!));
  const expected = [...files.keys()].filter((path) => !path.endsWith(".br") && path !== "build.json").sort();
  assert.deepEqual(Object.keys(list.files), expected);
  assert.equal(list.hash, await buildHash(list.files));
});

Deno.test("one changed byte changes the hash of the whole", async () => {
  const one = await listing(new Map([["a", "1"], ["b", "2"]]));
  const two = await listing(new Map([["a", "1"], ["b", "3"]]));
  assert.notEqual(one.hash, two.hash);
});

Deno.test("names follow content through files that mention each other in a circle", async () => {
  const circle = (old: string, text: string): readonly NamedFile[] => {
    const file = (base: string, name: string, body: string): NamedFile => ({
      base,
      extension: "js",
      mentions: [{ text: `./${name}`, become: (final) => `./${final}` }],
      text: body,
    });
    return [
      file("a", `a-${old}.js`, `import "./b-${old}.js"`),
      file("b", `b-${old}.js`, `import "./a-${old}.js";${text}`),
    ];
  };
  const names = async (old: string, text: string) => (await nameByContent(circle(old, text))).map((file) => file.name);
  assert.deepEqual(await names("OLD", "1"), await names("NEW", "1"));
  const [a1, b1] = await names("OLD", "1");
  const [a2, b2] = await names("OLD", "2");
  assert.ok(a1 !== a2 && b1 !== b2, "a file's name changes with what it loads");
});

Deno.test("an older Deno is told so in a sentence, a newer one is let through", () => {
  assert.ok(isOlder("2.8.9", "2.9.0") && isOlder("1.99.0", "2.0.0"));
  assert.ok(!isOlder("2.9.0", "2.9.0") && !isOlder("2.10.0", "2.9.0") && !isOlder("3.0.0", "2.9.9"));
  assert.equal(versionProblem(Deno.version.deno), null);
  assert.match(versionProblem("2.4.1")!, /needs Deno 2\.9\.0 or newer, and this is Deno 2\.4\.1/);
});

Deno.test("the client itself loads less than 200 kB before the first call, and nothing of other platforms", async () => {
  const out = await Deno.makeTempDir();
  try {
    const report = await build({ outDir: out });
    const first = report.firstLoad.get("index.html")!;
    const firstBytes = first.reduce((sum, path) => sum + report.sizes.get(path)!.brotliBytes, 0);
    assert.ok(firstBytes < 200_000, `${firstBytes} bytes`);
    assert.ok(
      [...report.sizes.keys()].some((path) => path.endsWith(".js") && !first.includes(path)),
      "calls come later",
    );
    for (const path of report.sizes.keys()) {
      const text = await Deno.readTextFile(`${out}/${path}`);
      assert.doesNotMatch(text, /react-native|node-datachannel|(from|import)\s*\(?"node:|"asset:/, path);
      // A substitute stands for libp2p's DNS, which asks these companies.
      assert.doesNotMatch(text, /dns\.google|cloudflare-dns|@multiformats\/dns|@libp2p\/logger/, path);
    }
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});
