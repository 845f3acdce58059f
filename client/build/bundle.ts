/** The one place that calls the bundler. Everything it returns is in memory and under names of the bundler's making. */
import { minified } from "./minify.ts";

export interface BundledFile {
  /** The bundler's name: the entry's own, or one with a hash that depends on where the sources lie. */
  readonly name: string;
  readonly text: string;
}

export class BuildError extends Error {}

export interface BundleOptions {
  /** Lets dynamic imports be loaded on demand; worklets cannot load anything, so they get one file. */
  readonly split: boolean;
  readonly minify: boolean;
  /** Specifiers that stay imports in the output. */
  readonly external?: readonly string[];
}

export async function bundle(
  script: string,
  options: BundleOptions,
): Promise<readonly BundledFile[]> {
  const result = await run({
    entrypoints: [script],
    outputDir: "/bundle",
    write: false,
    format: "esm",
    platform: "browser",
    packages: "bundle",
    minify: options.minify,
    codeSplitting: options.split,
    external: [...options.external ?? []],
  });
  if (!result.success) throw new BuildError(result.errors.map(describe).join("\n"));
  const files = (result.outputFiles ?? []).map((file) => ({
    name: file.path.slice(file.path.lastIndexOf("/") + 1),
    text: file.text(),
  }));
  if (!options.minify) return files;
  const names = files.map(({ name }) => name);
  return files.map(({ name, text }) => ({ name, text: name.endsWith(".js") ? minified(text, names) : text }));
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
