/** The HTML pages. They hold no inline script or style, so that the policy below can forbid both. */
import type { FinishedFile } from "./names.ts";
import { integrity } from "./hash.ts";

/**
 * Scripts, styles and workers come from this origin only. WebAssembly is for the Opus decoder. Connections are open,
 * because friends may be on any rendezvous. The one text that may become code is the address of a worker of ours.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "manifest-src 'self'",
  "connect-src 'self' ws: wss: http: https:",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types securecomm-worker",
].join("; ");

export interface PageParts {
  readonly title: string;
  readonly script: FinishedFile;
  /** Files that the script imports statically: the browser fetches them at once instead of one after another. */
  readonly chunks: readonly FinishedFile[];
  readonly styles: readonly FinishedFile[];
}

export async function pageHtml(parts: PageParts): Promise<string> {
  const link = async (rel: string, file: FinishedFile) =>
    `  <link rel="${rel}" href="/assets/${file.name}" integrity="${await integrity(file.text)}">`;
  const lines = [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '  <meta charset="utf-8">',
    `  <meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '  <meta name="referrer" content="no-referrer">',
    '  <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">',
    '  <meta name="color-scheme" content="light dark">',
    `  <title>${parts.title}</title>`,
    '  <link rel="icon" href="/icon.svg" type="image/svg+xml">',
    '  <link rel="manifest" href="/manifest.webmanifest">',
    ...await Promise.all(parts.styles.map((file) => link("stylesheet", file))),
    ...await Promise.all(parts.chunks.map((file) => link("modulepreload", file))),
    `  <script type="module" src="/assets/${parts.script.name}" integrity="${await integrity(
      parts.script.text,
    )}"></script>`,
    "</head>",
    "<body>",
    '  <div id="app"></div>',
    "  <noscript>SecureComm encrypts in your browser, so it needs JavaScript. Please allow it for this site.</noscript>",
    "</body>",
    "</html>",
  ];
  return lines.join("\n") + "\n";
}
