/**
 * `build.json`: the SHA-256 of every file and one hash of the whole. It is no part of the whole itself, and no other
 * file holds the hash, so the client can show it without changing it.
 */
import { sha256Hex } from "./hash.ts";

export interface BuildListing {
  /** SHA-256, in hex, of the lines `PATH SHA256\n` of all files in the order of their paths. */
  readonly hash: string;
  readonly files: Readonly<Record<string, string>>;
}

export async function buildHash(files: Readonly<Record<string, string>>): Promise<string> {
  const lines = Object.keys(files).sort().map((path) => `${path} ${files[path]}\n`);
  return await sha256Hex(lines.join(""));
}

export async function listing(contents: ReadonlyMap<string, string>): Promise<BuildListing> {
  const paths = [...contents.keys()].sort();
  const hashes = await Promise.all(paths.map((path) => sha256Hex(contents.get(path)!)));
  const files = Object.fromEntries(paths.map((path, index) => [path, hashes[index]!]));
  return { hash: await buildHash(files), files };
}
