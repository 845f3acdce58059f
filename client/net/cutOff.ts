/** The end of a connection whose other side is not to be trusted with a farewell. */
import type { Connection } from "@libp2p/interface";

/**
 * Ends it at once. @libp2p/websockets resets with a code that no WebSocket takes from a program, so that the socket alone
 * would stay open, and its streams at the server with it.
 */
export function cutOff(connection: Connection, why: string): void {
  connection.abort(new Error(why));
  const { maConn } = connection as { readonly maConn?: { readonly websocket?: WebSocket } };
  maConn?.websocket?.close();
}
