/** TCP connections that are no WebSocket: counted, all together and by prefix, and let go when they take too long. */
import type { Socket } from "node:net";
import { HALF_OPEN } from "../limits.ts";
import { LOOPBACK } from "../prefix.ts";
import type { Service } from "../service.ts";

export class HalfOpen {
  readonly #service: Service;
  readonly #prefixOf: (address: string) => string;
  readonly #sockets = new Map<Socket, Held>();
  readonly #perPrefix = new Map<string, number>();

  constructor(service: Service, prefixOf: (address: string) => string) {
    this.#service = service;
    this.#prefixOf = prefixOf;
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** A new connection, closed at once where there are too many. */
  add(socket: Socket): void {
    const prefix = this.#prefixOf(socket.remoteAddress ?? "");
    const count = this.#perPrefix.get(prefix) ?? 0;
    const isFull = this.#sockets.size >= HALF_OPEN.max;
    if (isFull || (prefix !== LOOPBACK && count >= HALF_OPEN.maxPerPrefix)) {
      this.#service.counters.count(isFull ? "tcp.full" : "tcp.prefix-full");
      socket.destroy();
      return;
    }
    this.#perPrefix.set(prefix, count + 1);
    this.#sockets.set(socket, { prefix, cancel: this.#destroyAfter(socket, HALF_OPEN.idleMs) });
    socket.once("close", () => this.release(socket));
  }

  /** A request has come on it, and is being answered. */
  answering(socket: Socket): void {
    this.#wait(socket, HALF_OPEN.answerMs);
  }

  /** It may be used for another request. */
  answered(socket: Socket): void {
    this.#wait(socket, HALF_OPEN.idleMs);
  }

  /** It is a WebSocket now, or gone. */
  release(socket: Socket): void {
    const held = this.#sockets.get(socket);
    if (held === undefined) return;
    held.cancel();
    this.#sockets.delete(socket);
    const left = this.#perPrefix.get(held.prefix)! - 1;
    if (left === 0) this.#perPrefix.delete(held.prefix);
    else this.#perPrefix.set(held.prefix, left);
  }

  #wait(socket: Socket, delayMs: number): void {
    const held = this.#sockets.get(socket);
    if (held === undefined) return;
    held.cancel();
    held.cancel = this.#destroyAfter(socket, delayMs);
  }

  #destroyAfter(socket: Socket, delayMs: number): () => void {
    return this.#service.clock.after(delayMs, () => {
      this.#service.counters.count("tcp.idle");
      socket.destroy();
    });
  }
}

interface Held {
  readonly prefix: string;
  cancel: () => void;
}
