/** The rendezvous at its most curious: it writes down every byte that it sees after its own decryption. */
import type { ConnectionEncrypter, MessageStream, SecuredConnection } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { plaintext } from "@libp2p/plaintext";
import type { EncrypterFactory } from "../../../rendezvous/node.ts";
import { type Rendezvous, startRendezvous } from "../../../rendezvous/server.ts";
import { latin1 } from "./search.ts";

export interface CuriousServer {
  readonly rendezvous: Rendezvous;
  /** All it saw so far, both directions of all connections, relayed circuits among them. */
  seen(): string;
}

export interface CuriousOptions {
  readonly files: string;
  /** For clients that deliberately do not encrypt their connections. */
  readonly unsealed?: boolean;
  /** Where it keeps mail; without, it keeps none. */
  readonly data?: string;
  readonly turn?: { readonly port: number; readonly folder: string; readonly logFile: string };
}

export async function startCurious({ files, unsealed = false, data, turn }: CuriousOptions): Promise<CuriousServer> {
  const parts: string[] = [];
  const encrypter: EncrypterFactory = (components) => {
    const inner: ConnectionEncrypter = unsealed ? plaintext()(components as never) : noise()(components);
    const listen = (secured: SecuredConnection): SecuredConnection => {
      record(secured.connection, (bytes) => parts.push(latin1(bytes)));
      return secured;
    };
    return {
      protocol: inner.protocol,
      secureInbound: async (...args) => listen(await inner.secureInbound(...args)),
      secureOutbound: async (...args) => listen(await inner.secureOutbound(...args)),
    };
  };
  const mail = data === undefined ? null : { folder: data, joinCode: null };
  const rendezvous = await startRendezvous({ port: 0, files, encrypter, turn: turn ?? null, mail });
  return { rendezvous, seen: () => parts.join("") };
}

function record(stream: MessageStream, onBytes: (bytes: Uint8Array) => void): void {
  const dispatch = stream.dispatchEvent.bind(stream);
  stream.dispatchEvent = (event: Event) => {
    if (event.type === "message") onBytes((event as MessageEvent<{ slice(): Uint8Array }>).data.slice());
    return dispatch(event);
  };
  const send = stream.send.bind(stream);
  stream.send = (data) => {
    onBytes(data instanceof Uint8Array ? data : data.slice());
    return send(data);
  };
}
