/** How STUN messages travel: each in a datagram, or one after the other in a TCP or TLS connection (RFC 8489, 6.2). */
import { createSocket } from "node:dgram";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { STUN } from "../limits.ts";
import { Inbox } from "./inbox.ts";
import { HEADER_BYTES } from "./message.ts";

export type Transport = "udp" | "tcp" | "tls";

export interface Wire {
  /** Whether what is sent arrives, so that nothing needs to be sent twice. */
  readonly isReliable: boolean;
  send(bytes: Uint8Array): void;
  /** The bytes of one message, or null when none came within the time or none will come any more. */
  receive(timeoutMs: number): Promise<Uint8Array | null>;
  close(): void;
}

/** `trusted` is a certificate (PEM) to trust in place of the usual ones. Null where there is no connection: refused, no answer in time, or a certificate that is not to be trusted. */
export function openWire(transport: Transport, host: string, port: number, trusted?: string): Promise<Wire | null> {
  return transport === "udp" ? udpWire(host, port) : streamWire(transport, host, port, trusted);
}

function udpWire(host: string, port: number): Promise<Wire | null> {
  const inbox = new Inbox<Uint8Array>(STUN.maxWaiting);
  const socket = createSocket(isIP(host) === 6 ? "udp6" : "udp4");
  let isClosed = false;
  const close = () => {
    if (!isClosed) socket.close();
    isClosed = true;
    inbox.close();
  };
  socket.on("message", (bytes, from) => {
    if (from.port === port) inbox.put(Uint8Array.from(bytes));
  });
  socket.on("error", close);
  return Promise.resolve({
    isReliable: false,
    send: (bytes) => {
      // A network that cannot be reached shows as an answer that does not come.
      if (!isClosed) socket.send(bytes, port, host, () => {});
    },
    receive: (timeoutMs) => inbox.take(timeoutMs),
    close,
  });
}

function streamWire(transport: "tcp" | "tls", host: string, port: number, trusted?: string): Promise<Wire | null> {
  return new Promise((resolve) => {
    const inbox = new Inbox<Uint8Array>(STUN.maxWaiting);
    const socket: Socket = transport === "tcp" ? connectTcp({ host, port }) : connectTls({
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(trusted === undefined ? {} : { ca: trusted }),
    });
    const timer = setTimeout(() => end(), STUN.connectTimeoutMs);
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      inbox.close();
      resolve(null);
    };
    const take = splitter((message) => inbox.put(message), end);
    socket.on("data", take);
    socket.on("error", end);
    socket.on("close", end);
    socket.once(transport === "tcp" ? "connect" : "secureConnect", () => {
      clearTimeout(timer);
      resolve({
        isReliable: true,
        send: (bytes) => void socket.write(bytes),
        receive: (timeoutMs) => inbox.take(timeoutMs),
        close: end,
      });
    });
  });
}

/** Cuts a stream into messages; `fail` is called, once, where it holds something that cannot be one. */
export function splitter(give: (message: Uint8Array) => void, fail: () => void): (chunk: Uint8Array) => void {
  let rest = new Uint8Array(0);
  let hasFailed = false;
  return (chunk) => {
    if (hasFailed) return;
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const sizeBytes = HEADER_BYTES + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
      if (bytes[at]! >= 0x40 || sizeBytes > STUN.maxMessageBytes) {
        hasFailed = true;
        return fail();
      }
      if (bytes.length - at < sizeBytes) break;
      give(bytes.slice(at, at + sizeBytes));
      at += sizeBytes;
    }
    rest = bytes.slice(at);
  };
}
