/** Bundles pages and serves them on a free port of the loopback interface. */
import { bundle } from "../../../client/build/bundle.ts";

export interface ServedPages {
  readonly url: string;
  close(): Promise<void>;
}

/** `scripts` by the name under which each is served; "/" is an empty page with the script `/page.js`. */
export async function servePages(scripts: Readonly<Record<string, string>>): Promise<ServedPages> {
  const files = new Map<string, string>();
  for (const [name, script] of Object.entries(scripts)) {
    const { files: [file] } = await bundle(script, { split: false, minify: true });
    files.set(`/${name}`, file!.text);
  }
  const html =
    `<!doctype html><meta charset="utf-8"><title>bench</title><script type="module" src="/page.js"></script>`;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const path = new URL(request.url).pathname;
    if (path === "/") return new Response(html, { headers: { "content-type": "text/html" } });
    const text = files.get(path);
    if (text === undefined) return new Response(null, { status: 404 });
    return new Response(text, { headers: { "content-type": "text/javascript" } });
  });
  return { url: `http://127.0.0.1:${server.addr.port}/`, close: () => server.shutdown() };
}
