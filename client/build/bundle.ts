/** The one place that calls the bundler. Everything it returns is in memory and under names of the bundler's making. */
import { resolve } from "node:path";
import { minified } from "./minify.ts";

export interface BundledFile {
  /** The bundler's name: the entry's own, or one with a hash that depends on where the sources lie. */
  readonly name: string;
  readonly text: string;
}

export interface Bundled {
  /** The entry's script first, or its style sheet. */
  readonly files: readonly BundledFile[];
  /** Absolute paths of the modules that some of it comes from. */
  readonly modules: readonly string[];
}

export class BuildError extends Error {}

export interface BundleOptions {
  /** Lets dynamic imports be loaded on demand; worklets cannot load anything, so they get one file. */
  readonly split: boolean;
  readonly minify: boolean;
  /** Specifiers that stay imports in the output. */
  readonly external?: readonly string[];
  readonly platform?: "browser" | "deno";
}

const OUT_DIR = "/bundle";

export async function bundle(script: string, options: BundleOptions): Promise<Bundled> {
  const result = await run({
    entrypoints: [script],
    outputDir: OUT_DIR,
    write: false,
    format: "esm",
    platform: options.platform ?? "browser",
    packages: "bundle",
    minify: options.minify,
    // Names of error classes are told in logs.
    keepNames: options.platform === "deno",
    codeSplitting: options.split,
    external: [...options.external ?? []],
    sourcemap: "external",
  });
  if (!result.success) throw new BuildError(result.errors.map(describe).join("\n"));
  const all = (result.outputFiles ?? []).map((file) => ({
    name: file.path.slice(file.path.lastIndexOf("/") + 1),
    text: file.text(),
  }));
  const files = all.filter(({ name }) => !name.endsWith(".map"));
  const modules = all.filter(({ name }) => name.endsWith(".map")).flatMap(({ text }) => sources(text));
  if (!options.minify || options.platform === "deno") return { files, modules };
  const names = files.map(({ name }) => name);
  const small = (name: string, text: string) => name.endsWith(".js") ? minified(text, names) : text;
  return { files: files.map(({ name, text }) => ({ name, text: small(name, text) })), modules };
}

function sources(map: string): readonly string[] {
  const { sources }: { readonly sources: readonly string[] } = JSON.parse(map);
  return sources.map((source) => resolve(OUT_DIR, source));
}

/** What cannot be resolved at all is thrown instead of listed. */
async function run(options: Deno.bundle.Options): Promise<Deno.bundle.Result> {
  try {
    return await Deno.bundle(options);
  } catch (error) {
    throw new BuildError(`${options.entrypoints[0]}: ${error instanceof Error ? error.message : error}`);
  }
}

function describe(message: Deno.bundle.Message): string {
  const at = message.location;
  return at ? `${at.file}:${at.line}:${at.column}: ${message.text}` : message.text;
}
