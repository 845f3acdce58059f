/** From which address prefix a connection comes: for rates, and for nobody to read. libp2p and its logs never hold it. */
import type { Connection, MultiaddrConnection } from "@libp2p/interface";

export class Origins {
  /** By the one object that a socket shares with the connection that libp2p makes of it. */
  readonly #prefixes = new WeakMap<object, string>();

  remember({ timeline }: Pick<MultiaddrConnection, "timeline">, prefix: string): void {
    this.#prefixes.set(timeline, prefix);
  }

  /** What is unknown counts as one prefix. */
  of({ timeline }: Pick<Connection, "timeline">): string {
    return this.#prefixes.get(timeline) ?? "";
  }
}
