import assert from "node:assert/strict";
import plugin from "./plugin.ts";
import { objection, resolveSpecifier } from "./layers.ts";

const ROOT = new URL("../../", import.meta.url);
const PARTS = ["core", "client", "rendezvous", "turn"];
const IMPORT = /^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"/gm;

function* sources(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(folder, ROOT))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sources(path);
    else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}

function importsOf(path: string): readonly string[] {
  const text = Deno.readTextFileSync(new URL(path, ROOT));
  return Array.from(text.matchAll(IMPORT), (match) => resolveSpecifier(path, match[1] ?? match[2]!));
}

const graph = new Map(PARTS.flatMap((part) => [...sources(part)]).map((path) => [path, importsOf(path)]));

Deno.test("every import goes in the direction of the layers", () => {
  const objections = [...graph].flatMap(([path, imports]) =>
    imports.map((imported) => objection(path, imported)).filter((message) => message !== null)
      .map((message) => `${path}: ${message}`)
  );
  assert.deepEqual(objections, []);
});

Deno.test("no two files import each other, not even through others", () => {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) assert.fail(`a cycle: ${[...trail.slice(trail.indexOf(path)), path].join(" -> ")}`);
    if (done.has(path)) return;
    for (const imported of graph.get(path) ?? []) if (graph.has(imported)) visit(imported, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
});

Deno.test("the lint rule sees an import in the wrong direction", () => {
  const lint = (path: string, text: string) =>
    Deno.lint.runPlugin(plugin, new URL(path, ROOT).pathname, text).map(({ message }) => message);
  assert.match(lint("core/wire/x.ts", `import "../node/step.ts";`)[0]!, /imports go one way/);
  assert.match(lint("core/node/x.ts", `import { x } from "../../client/main.tsx";`)[0]!, /imports go one way/);
  assert.match(lint("client/ui/x.ts", `export { x } from "../../core/session/session.ts";`)[0]!, /imports go one way/);
  assert.match(lint("core/node/x.ts", `import { sha256 } from "@noble/hashes/sha2.js";`)[0]!, /only core\/crypto\//);
  assert.match(lint("core/voice/x.ts", `const now = Date.now();`)[0]!, /take it from Env/);
  assert.deepEqual(lint("core/node/x.ts", `import "../wire/cbor.ts";`), []);
});
