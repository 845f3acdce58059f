/** What the HTTP side answers: the client's files, `/health`, `/node.json` and `/turn`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Buckets } from "../bucket.ts";
import { HTTP, RATE, TURN } from "../limits.ts";
import { addressPrefix, clientAddress } from "../prefix.ts";
import type { Service } from "../service.ts";
import { VERSION } from "../version.ts";
import { findFile, type ReadFile } from "./files.ts";
import { openHeaders, pageHeaders } from "./headers.ts";

/** The body of `/node.json`. */
export interface NodeInfo {
  readonly peerId: string;
  readonly version: string;
  /** Whether pages from here are a secure context on other machines, so that they get a microphone. */
  readonly secure: boolean;
  readonly turn: boolean;
  /** Whether mail is kept for those who are away, and whether making a space asks for the operator's code. */
  readonly mail: boolean;
  readonly joinCode: boolean;
}

/** The body of `/turn`; `urls`, `username` and `credential` are what RTCPeerConnection takes. */
export interface TurnAnswer {
  readonly iceServers: readonly {
    readonly urls: readonly string[];
    readonly username: string;
    readonly credential: string;
  }[];
  readonly expiresAtMs: number;
}

export interface RoutesInit extends Service {
  readonly readFile: ReadFile;
  readonly node: () => NodeInfo;
  /** Fresh credentials, or null while no TURN server runs. */
  readonly turn: () => TurnAnswer | null;
  readonly isBehindProxy: boolean;
}

export function routes(init: RoutesInit): (request: IncomingMessage, response: ServerResponse) => void {
  const isSecure = init.node().secure;
  const turnBuckets = new Buckets(
    { perSecond: TURN.credentialsPerSecond, burst: TURN.credentialBurst },
    RATE.maxPrefixes,
  );

  function turn(request: IncomingMessage, answer: Answer): void {
    const forwardedFor = request.headers["x-forwarded-for"]?.toString();
    const address = clientAddress(request.socket.remoteAddress ?? "", forwardedFor, init.isBehindProxy);
    if (!turnBuckets.take(addressPrefix(address), init.clock.nowMs())) {
      init.counters.count("http.rate-limited");
      return answer.json(429, { error: "too many requests" }, { "retry-after": "10" });
    }
    const credentials = init.turn();
    // Having no TURN server is no fault: the answer says so, and when to ask again is the client's affair.
    if (credentials === null) return answer.json(200, { iceServers: [], expiresAtMs: 0 });
    init.counters.count("turn.credentials");
    answer.json(200, credentials);
  }

  async function file(path: string, request: IncomingMessage, answer: Answer): Promise<void> {
    const found = await findFile(init.readFile, path, request.headers["accept-encoding"]?.toString() ?? "");
    if (found === null) {
      init.counters.count("http.not-found");
      return answer.text(404, "Not found\n", pageHeaders(isSecure));
    }
    const headers = {
      ...pageHeaders(isSecure),
      "content-type": found.contentType,
      "cache-control": found.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
      "etag": found.etag,
      "vary": "accept-encoding",
      ...(found.isBrotli ? { "content-encoding": "br" } : {}),
    };
    if (request.headers["if-none-match"] === found.etag) return answer.bytes(304, new Uint8Array(0), headers);
    answer.bytes(200, found.bytes, headers);
  }

  async function route(request: IncomingMessage, answer: Answer): Promise<void> {
    const url = request.url ?? "";
    const path = url.split(/[?#]/, 1)[0]!;
    const method = request.method ?? "";
    const isRead = method === "GET" || method === "HEAD";
    if (url.length > HTTP.maxUrlBytes) return refuse(answer, 414, "The address is too long\n");
    const isOpen = path === "/health" || path === "/node.json" || path === "/turn";
    if (isOpen && method === "OPTIONS") return answer.bytes(204, new Uint8Array(0), openHeaders(isSecure));
    if (path === "/turn" && method === "POST") return turn(request, answer);
    if (path === "/turn" || !isRead) return refuse(answer, 405, "Not allowed\n");
    if (path === "/health") return answer.json(200, { status: "ok", version: VERSION });
    if (path === "/node.json") return answer.json(200, init.node());
    await file(path, request, answer);
  }

  function refuse(answer: Answer, status: number, text: string): void {
    init.counters.count("http.bad-request");
    answer.text(status, text, pageHeaders(isSecure));
  }

  return (request, response) => {
    init.counters.count("http.request");
    discardBody(request, init);
    const answer = new Answer(response, request.method === "HEAD", isSecure);
    route(request, answer).catch(() => answer.text(500, "The server failed\n", pageHeaders(isSecure)));
  };
}

/** Bodies are not read; but what was not consumed would stand in front of the next request of the connection. */
function discardBody(request: IncomingMessage, { counters }: Service): void {
  let sizeBytes = 0;
  request.on("data", (chunk: Uint8Array) => {
    sizeBytes += chunk.length;
    if (sizeBytes <= HTTP.maxBodyBytes) return;
    counters.count("http.too-large");
    request.destroy();
  });
}

class Answer {
  readonly #response: ServerResponse;
  readonly #isHead: boolean;
  readonly #isSecure: boolean;

  constructor(response: ServerResponse, isHead: boolean, isSecure: boolean) {
    this.#response = response;
    this.#isHead = isHead;
    this.#isSecure = isSecure;
  }

  bytes(status: number, body: Uint8Array, headers: Readonly<Record<string, string>>): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(status, status === 304 ? headers : { ...headers, "content-length": String(body.length) });
    this.#response.end(this.#isHead ? undefined : body);
  }

  text(status: number, text: string, headers: Readonly<Record<string, string>>): void {
    this.bytes(status, new TextEncoder().encode(text), { ...headers, "content-type": "text/plain; charset=utf-8" });
  }

  json(status: number, value: object, headers: Readonly<Record<string, string>> = {}): void {
    const body = new TextEncoder().encode(JSON.stringify(value));
    this.bytes(status, body, { ...openHeaders(this.#isSecure), "content-type": "application/json", ...headers });
  }
}
