/** Builds test pages as the client is built: the same bundler, the same policy, served by the real rendezvous. */
import { build } from "../../../client/build/build.ts";
import { AUDIO_WORKERS, type Page, SUBSTITUTES } from "../../../client/build/entries.ts";

export interface BuiltPages {
  readonly folder: string;
  remove(): Promise<void>;
}

/** `scripts` are paths from the repository's root; `tests/e2e/pages/transport.ts` becomes `/transport.html`. */
export async function buildPages(
  scripts: readonly string[],
  options: { readonly withAudio?: boolean } = {},
): Promise<BuiltPages> {
  const folder = await Deno.makeTempDir({ prefix: "securecomm-pages-" });
  const pages = scripts.map((script): Page => {
    const name = script.slice(script.lastIndexOf("/") + 1).replace(/\.tsx?$/, "");
    return { html: `${name}.html`, title: name, script, style: null };
  });
  // The server wants a page at its root.
  const root: Page = { ...pages[0]!, html: "index.html" };
  await build({
    outDir: folder,
    entries: {
      pages: [root, ...pages],
      workers: options.withAudio ? AUDIO_WORKERS : [],
      substitutes: SUBSTITUTES,
    },
  });
  return { folder, remove: () => Deno.remove(folder, { recursive: true }) };
}
