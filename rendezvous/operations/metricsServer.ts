/** `/metrics` on a port of its own: whoever reaches that reads how busy the server is, so by default only the machine. */
import { createServer } from "node:http";
import { HTTP } from "../limits.ts";
import type { Exposition } from "./prometheus.ts";

export interface MetricsServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Rejects with the system's error, `EADDRINUSE` for one, when it cannot listen. */
export async function serveMetrics(host: string, port: number, exposition: Exposition): Promise<MetricsServer> {
  const server = createServer({
    maxHeaderSize: HTTP.maxHeaderBytes,
    headersTimeout: HTTP.headersTimeoutMs,
    requestTimeout: HTTP.requestTimeoutMs,
  }, async (request, response) => {
    request.resume();
    if (request.url !== "/metrics" || request.method !== "GET") return response.writeHead(404).end();
    const text = await exposition.text();
    response.writeHead(200, {
      "content-type": exposition.contentType,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    }).end(text);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("listening on no port");
  return {
    port: address.port,
    stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}
