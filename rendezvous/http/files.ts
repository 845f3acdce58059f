/** The client's files: what a URL path means on disk, and which headers its bytes get. */
import { createHash } from "node:crypto";
import { HTTP } from "../limits.ts";

/** Reads one file, or null where there is none; the only thing here that touches a disk. */
export type ReadFile = (path: string) => Promise<Uint8Array | null>;

export interface FoundFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly isBrotli: boolean;
  readonly isImmutable: boolean;
  /** Strong, quoted (RFC 9110, 8.8.3). */
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  ico: "image/x-icon",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  map: "application/json",
  mjs: "text/javascript; charset=utf-8",
  mp3: "audio/mpeg",
  ogg: "audio/ogg",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  wasm: "application/wasm",
  wav: "audio/wav",
  webmanifest: "application/manifest+json",
  webp: "image/webp",
  woff2: "font/woff2",
};

/** A name that begins with a letter or digit: no "..", no hidden file, no separator of any system. */
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
/** A file whose name carries a hash of its content never changes: `main-4F7QZP2A.js`, `main.0123abcd.js`. */
const HASHED = /[-.](?:[A-Z0-9]{8}|[0-9a-f]{8,64})\.[a-z0-9]+$/;

/** The relative path of the file that a URL path names, or null where it names none that we would serve. */
export function filePath(urlPath: string): string | null {
  const path = urlPath === "/" ? "/index.html" : urlPath;
  const segments = path.slice(1).split("/");
  if (!path.startsWith("/") || !segments.every((segment) => SEGMENT.test(segment))) return null;
  return Object.hasOwn(TYPES, extension(path)) ? segments.join("/") : null;
}

const extension = (path: string): string => path.slice(path.lastIndexOf(".") + 1);

export function diskReader(root: string): ReadFile {
  return async (path) => {
    const full = `${root}/${path}`;
    try {
      // A link inside the folder could point out of it, so only plain files are served.
      const { isFile, size } = await Deno.lstat(full);
      return isFile && size <= HTTP.maxFileBytes ? await Deno.readFile(full) : null;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
      throw error;
    }
  };
}

export async function findFile(read: ReadFile, urlPath: string, acceptEncoding: string): Promise<FoundFile | null> {
  const path = filePath(urlPath);
  if (path === null) return null;
  const packed = takesBrotli(acceptEncoding) ? await read(`${path}.br`) : null;
  const bytes = packed ?? await read(path);
  if (bytes === null) return null;
  return {
    bytes,
    contentType: TYPES[extension(path)]!,
    isBrotli: packed !== null,
    isImmutable: HASHED.test(path),
    etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 27)}"`,
  };
}

function takesBrotli(acceptEncoding: string): boolean {
  return acceptEncoding.split(",").some((part) => /^br(?:$|;(?!\s*q=0(?:\.0*)?$))/.test(part.trim()));
}
