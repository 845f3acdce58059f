/** Builds the client: `deno run --allow-read --allow-write=dist client/build/build.ts [--out FOLDER]`. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { assemble, type Assembled } from "./assemble.ts";
import { BuildError } from "./bundle.ts";
import { CLIENT, type Entries } from "./entries.ts";
import { brotli, writeOutput } from "./output.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");
export const OUT_DIR = `${ROOT}/dist/client`;

export interface BuildOptions {
  readonly outDir: string;
  readonly entries?: Entries;
  /** Where the sources lie; this checkout unless told otherwise. */
  readonly root?: string;
  /** A quick build neither minifies nor compresses. */
  readonly quick?: boolean;
}

export interface BuildReport {
  readonly hash: string;
  /** Bytes of each file as they are and compressed; compressed is 0 in a quick build. */
  readonly sizes: ReadonlyMap<string, { readonly plainBytes: number; readonly brotliBytes: number }>;
  readonly firstLoad: Assembled["firstLoad"];
  readonly packages: Assembled["packages"];
}

export const ownLicence = (): Promise<string> => Deno.readTextFile(`${ROOT}/LICENSE`);

export async function build(options: BuildOptions): Promise<BuildReport> {
  const { outDir, entries = CLIENT, root = ROOT, quick = false } = options;
  const { contents, hash, firstLoad, packages } = await assemble({
    root,
    entries,
    minify: !quick,
    licence: await ownLicence(),
  });
  const compressed = new Map(quick ? [] : [...contents].map(([path, text]) => [path, brotli(text)] as const));
  await writeOutput(outDir, contents, compressed);
  const sizes = new Map([...contents].map(([path, text]) => [path, {
    plainBytes: new TextEncoder().encode(text).length,
    brotliBytes: compressed.get(path)?.length ?? 0,
  }]));
  return { hash, sizes, firstLoad, packages };
}

export function describeBuild(report: BuildReport): string {
  const first = new Set(report.firstLoad.get("index.html"));
  const row = (name: string, plainBytes: number, brotliBytes: number) =>
    `${(plainBytes / 1000).toFixed(1).padStart(9)} kB ${(brotliBytes / 1000).toFixed(1).padStart(9)} kB br  ${name}`;
  const rows = [...report.sizes].map(([path, size]) =>
    row(first.has(path) ? `${path}  (first load)` : path, size.plainBytes, size.brotliBytes)
  );
  const sum = (key: "plainBytes" | "brotliBytes") =>
    [...report.sizes].reduce((total, [path, size]) => total + (first.has(path) ? size[key] : 0), 0);
  return [...rows, row("first load", sum("plainBytes"), sum("brotliBytes")), `build ${report.hash}`].join("\n");
}

if (import.meta.main) {
  const { values } = parseArgs({ args: Deno.args, options: { out: { type: "string" } } });
  const startMs = performance.now();
  try {
    console.log(describeBuild(await build({ outDir: values.out ?? OUT_DIR })));
    console.log(`built in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
