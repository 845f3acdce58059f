/** Which npm packages a bundle holds code of, told by the modules that went into it. */

export interface ShippedPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression; null where the package names none. */
  readonly licence: string | null;
  readonly author: string | null;
  readonly homepage: string | null;
  /** Its texts that have to go along, in the order of their file names. */
  readonly texts: readonly string[];
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string | { readonly type?: string };
  readonly author?: string | { readonly name?: string };
  readonly homepage?: string;
}

const LEGAL_FILE = /^(licen[cs]e|copying|notice)(?!.*\.(js|ts|json)$)/i;

/** `modules` are absolute paths; those outside of packages are ours. Sorted by name and version. */
export async function packagesOf(modules: Iterable<string>): Promise<readonly ShippedPackage[]> {
  const found = new Map<string, ShippedPackage>();
  const folders = new Set([...modules].flatMap((path) => packageFolder(path) ?? []));
  for (const folder of folders) {
    const one = await readPackage(folder);
    found.set(`${one.name}@${one.version}`, one);
  }
  return [...found.keys()].sort().map((key) => found.get(key)!);
}

/** `CACHE/npm/REGISTRY/NAME/VERSION`, where Deno keeps a package; names may have a scope. */
function packageFolder(path: string): string | null {
  const match = /^.*\/npm\/[^/]+\/(?:@[^/]+\/)?[^/]+\/\d[^/]*(?=\/)/.exec(path.replaceAll("\\", "/"));
  return match === null ? null : match[0];
}

async function readPackage(folder: string): Promise<ShippedPackage> {
  const manifest: Manifest = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
  const { name, version, license, author, homepage } = manifest;
  if (name === undefined || version === undefined) throw new Error(`${folder} names no package`);
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isFile && LEGAL_FILE.test(entry.name)) files.push(entry.name);
  }
  return {
    name,
    version,
    licence: (typeof license === "string" ? license : license?.type) ?? null,
    author: (typeof author === "string" ? author : author?.name) ?? null,
    homepage: homepage ?? null,
    texts: await Promise.all(files.sort().map(async (file) => tidy(await Deno.readTextFile(`${folder}/${file}`)))),
  };
}

/** Line ends and blank edges differ between packages that mean the same text. */
const tidy = (text: string): string => text.replace(/\r\n?/g, "\n").replace(/[ \t]+$/gm, "").trim();
