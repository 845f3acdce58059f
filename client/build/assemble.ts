/** From entries to the texts of all output files, without touching the output folder. */
import { bundle, type BundledFile } from "./bundle.ts";
import type { Entries, Page, Substitute } from "./entries.ts";
import { listing } from "./listing.ts";
import { type FinishedFile, nameByContent, type NamedFile } from "./names.ts";
import { notices, NOTICES_FILE } from "./notices.ts";
import { packagesOf, type ShippedPackage } from "./packages.ts";
import { pageHtml } from "./page.ts";
import { STATIC_FILES } from "./static.ts";

export interface Assembled {
  /** Path in the output folder to text; `build.json` among them. */
  readonly contents: ReadonlyMap<string, string>;
  readonly hash: string;
  /** For each page the paths that a browser loads before anything is asked for. */
  readonly firstLoad: ReadonlyMap<string, readonly string[]>;
  readonly packages: readonly ShippedPackage[];
}

export interface AssembleOptions {
  /** The repository's root, absolute. */
  readonly root: string;
  readonly entries: Entries;
  readonly minify: boolean;
  /** The text of our own licence. */
  readonly licence: string;
}

/** The bundler adds `-` and eight characters to whatever is not an entry. */
const BUNDLER_HASH = /-[A-Z0-9]{8}$/;

interface PageFiles {
  readonly page: Page;
  readonly script: NamedFile;
  readonly all: readonly NamedFile[];
  readonly modules: readonly string[];
}

function named(file: BundledFile): NamedFile {
  const dot = file.name.lastIndexOf(".");
  const extension = file.name.slice(dot + 1);
  if (extension !== "js" && extension !== "css") throw new Error(`the bundler made ${file.name}`);
  return {
    base: file.name.slice(0, dot).replace(BUNDLER_HASH, ""),
    extension,
    mentions: [{ text: `./${file.name}`, become: (name) => `./${name}` }],
    text: file.text,
  };
}

async function pageFiles(page: Page, options: AssembleOptions): Promise<PageFiles> {
  const { root, entries, minify } = options;
  const external = (entries.substitutes ?? []).flatMap(({ specifiers }) => specifiers);
  const bundled = await bundle(`${root}/${page.script}`, { split: true, minify, external });
  const files = bundled.files.map(named);
  const [script] = files;
  if (!script || script.extension !== "js") throw new Error(`${page.script} gave no script`);
  if (page.style === null) return { page, script, all: files, modules: bundled.modules };
  const { files: [sheet] } = await bundle(`${root}/${page.style}`, { split: false, minify });
  const style: NamedFile = { base: "style", extension: "css", mentions: [], text: sheet!.text };
  return { page, script, all: [...files, style], modules: bundled.modules };
}

interface OneFile {
  readonly file: NamedFile;
  readonly modules: readonly string[];
}

async function workerFile(name: string, script: string, minify: boolean): Promise<OneFile> {
  const { files: [file], modules } = await bundle(script, { split: false, minify });
  const mention = { text: `asset:${name}`, become: (final: string) => `/assets/${final}` };
  return { file: { base: name, extension: "js", mentions: [mention], text: file!.text }, modules };
}

async function substituteFile({ specifiers, script }: Substitute, options: AssembleOptions): Promise<OneFile> {
  const { files: [file], modules } = await bundle(`${options.root}/${script}`, {
    split: false,
    minify: options.minify,
  });
  const mentions = specifiers.map((specifier) => ({
    text: `"${specifier}"`,
    become: (final: string) => `"./${final}"`,
  }));
  const base = file!.name.replace(/\.js$/, "");
  return { file: { base, extension: "js", mentions, text: file!.text }, modules };
}

/** Static imports only: a dynamic one is written `import(`, and what it loads can wait. */
function staticImports(from: FinishedFile, files: readonly FinishedFile[]): readonly FinishedFile[] {
  const found = new Set<FinishedFile>([from]);
  for (const file of found) {
    for (const other of files) {
      if (new RegExp(`(from|import)\\s*"\\./${other.name.replaceAll(".", "\\.")}"`).test(file.text)) found.add(other);
    }
  }
  found.delete(from);
  return [...found];
}

export async function assemble(options: AssembleOptions): Promise<Assembled> {
  const { root, entries, minify } = options;
  const pages = await Promise.all(entries.pages.map((page) => pageFiles(page, options)));
  const workers = await Promise.all(
    entries.workers.map((file) => workerFile(file.name, `${root}/${file.script}`, minify)),
  );
  const substitutes = await Promise.all((entries.substitutes ?? []).map((file) => substituteFile(file, options)));
  const alone = [...workers, ...substitutes];
  const packages = await packagesOf([...pages, ...alone].flatMap(({ modules }) => modules));
  const contents = new Map<string, string>([...STATIC_FILES, [NOTICES_FILE, notices(packages, options.licence)]]);
  const firstLoad = new Map<string, readonly string[]>();
  for (const { page, script, all } of pages) {
    const before = [...all, ...alone.map(({ file }) => file)];
    const files = await nameByContent(before);
    const finished = (file: NamedFile) => files[before.indexOf(file)]!;
    const chunks = staticImports(finished(script), files);
    const styles = all.filter((file) => file.extension === "css").map(finished);
    for (const file of files) contents.set(`assets/${file.name}`, file.text);
    contents.set(page.html, await pageHtml({ title: page.title, script: finished(script), chunks, styles }));
    const loaded = [finished(script), ...chunks, ...styles].map((file) => `assets/${file.name}`);
    firstLoad.set(page.html, [page.html, ...STATIC_FILES.keys(), ...loaded]);
  }
  const list = await listing(contents);
  contents.set("build.json", JSON.stringify(list, null, 2) + "\n");
  return { contents, hash: list.hash, firstLoad, packages };
}
