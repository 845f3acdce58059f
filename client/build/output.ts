/** Writes a build over an older one without a moment at which a page names a file that is not there. */
import { brotliCompressSync, constants } from "node:zlib";

const encoder = new TextEncoder();

export function brotli(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}

async function existing(dir: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(dir)) {
    if (entry.isDirectory) {
      found.push(...(await existing(`${dir}/${entry.name}`)).map((path) => `${entry.name}/${path}`));
    } else found.push(entry.name);
  }
  return found;
}

/** Files whose names change with their content go first, pages after them, leftovers of older builds go last. */
export async function writeOutput(
  dir: string,
  contents: ReadonlyMap<string, string>,
  compressed: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  await Deno.mkdir(`${dir}/assets`, { recursive: true });
  const paths = [...contents.keys()].sort((a, b) => Number(b.startsWith("assets/")) - Number(a.startsWith("assets/")));
  const written = new Set<string>();
  for (const path of paths) {
    await Deno.writeTextFile(`${dir}/${path}`, contents.get(path)!);
    written.add(path);
    const small = compressed.get(path);
    if (!small) continue;
    await Deno.writeFile(`${dir}/${path}.br`, small);
    written.add(`${path}.br`);
  }
  for (const path of await existing(dir)) if (!written.has(path)) await Deno.remove(`${dir}/${path}`);
}
