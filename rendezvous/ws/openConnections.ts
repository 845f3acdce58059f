/**
 * The open connections of libp2p, one list that is kept rather than made. The stock getter joins arrays one by one, and is
 * asked twice for each connection that is accepted: quadratic, and most of the CPU from 2,000 on.
 */
import type { Connection, Libp2p, PeerId } from "@libp2p/interface";

export class OpenConnections {
  readonly #list: Connection[] = [];
  readonly #places = new Map<Connection, number>();

  get size(): number {
    return this.#list.length;
  }

  /** Follows what `libp2p` opens and closes, and takes its getter's place. Before it starts. */
  static of(libp2p: Libp2p): OpenConnections {
    const open = new OpenConnections();
    libp2p.addEventListener("connection:open", ({ detail }) => open.#add(detail));
    libp2p.addEventListener("connection:close", ({ detail }) => open.#remove(detail));
    const { connectionManager } =
      (libp2p as unknown as { components: { connectionManager: ConnectionTable } }).components;
    connectionManager.getConnections = (peer) =>
      peer === undefined ? [...open.#list] : connectionManager.getConnectionsMap().get(peer) ?? [];
    return open;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return [...this.#list].values();
  }

  #add(connection: Connection): void {
    // One that its peer closed at once has told so before anybody listened.
    if (connection.status !== "open" || this.#places.has(connection)) return;
    this.#places.set(connection, this.#list.length);
    this.#list.push(connection);
  }

  /** The last of the list takes the free place. */
  #remove(connection: Connection): void {
    const place = this.#places.get(connection);
    const last = this.#list.at(-1);
    if (place === undefined || last === undefined) return;
    this.#list[place] = last;
    this.#places.set(last, place);
    this.#list.pop();
    this.#places.delete(connection);
  }
}

interface ConnectionTable {
  getConnectionsMap(): { get(peer: PeerId): Connection[] | undefined };
  getConnections(peer?: PeerId): Connection[];
}
