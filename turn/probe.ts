/** Does a STUN server answer there, and is a port free? */
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { createServer } from "node:net";
import { isIP } from "node:net";
import { Buffer } from "node:buffer";

const BINDING_REQUEST = [0x00, 0x01, 0x00, 0x00];
const MAGIC_COOKIE = [0x21, 0x12, 0xa4, 0x42];
const TRANSACTION_BYTES = 12;

/** Sends one STUN binding request (RFC 8489, 5) and waits for whatever comes back. */
export async function answersStun(host: string, port: number, timeoutMs: number): Promise<boolean> {
  const socket = udpSocket(host);
  try {
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      const settle = (answered: boolean) => {
        clearTimeout(timer);
        resolve(answered);
      };
      socket.once("message", () => settle(true));
      socket.once("error", () => settle(false));
      const request = Buffer.from([...BINDING_REQUEST, ...MAGIC_COOKIE, ...randomBytes(TRANSACTION_BYTES)]);
      socket.send(request, port, host);
    });
  } finally {
    socket.close();
  }
}

/** `wanted` where it is free for UDP and TCP, or else some port that is. */
export async function freePort(host: string, wanted: number): Promise<number> {
  const candidates = [wanted, 0, 0, 0, 0];
  for (const candidate of candidates) {
    const port = await freeTcpPort(host, candidate);
    if (port !== null && await isUdpFree(host, port)) return port;
  }
  throw new Error("no free port for the TURN server");
}

function freeTcpPort(host: string, wanted: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(wanted, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port ?? null : null));
    });
  });
}

function isUdpFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = udpSocket(host);
    socket.once("error", () => resolve(false));
    socket.bind(port, host, () => socket.close(() => resolve(true)));
  });
}

const udpSocket = (host: string): Socket => createSocket(isIP(host) === 6 ? "udp6" : "udp4");
