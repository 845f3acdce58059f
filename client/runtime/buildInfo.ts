/** The hash of the build, as people compare it with the published one. */
import { buildHash, type BuildListing } from "../build/listing.ts";
import { sha256Hex } from "../build/hash.ts";

export type BuildInfo =
  | { readonly state: "matching"; readonly hash: string }
  /** The server has another build than the one that runs here: it was updated since the page was loaded. */
  | { readonly state: "other"; readonly hash: string }
  /** No list, a list that does not add up, or a running script that is not what the list says. */
  | { readonly state: "broken" };

/**
 * Reads `build.json`, adds it up again, and holds the running script against it. This finds mistakes and updates; it is no
 * defence against a server that lies, which could send another script: that one would show what it likes.
 */
export async function readBuildInfo(scriptUrl: string, fetcher: typeof fetch = fetch): Promise<BuildInfo> {
  try {
    const list: BuildListing = await (await fetcher("/build.json", { cache: "no-store" })).json();
    if (await buildHash(list.files) !== list.hash) return { state: "broken" };
    const expected = list.files[new URL(scriptUrl).pathname.slice(1)];
    if (expected === undefined) return { state: "other", hash: list.hash };
    const script = new Uint8Array(await (await fetcher(scriptUrl, { cache: "force-cache" })).arrayBuffer());
    return await sha256Hex(script) === expected ? { state: "matching", hash: list.hash } : { state: "broken" };
  } catch {
    return { state: "broken" };
  }
}
