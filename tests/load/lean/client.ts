/**
 * A lean client of libp2p: a WebSocket, Noise XX, Yamux and multistream-select, the bytes that js-libp2p sends, with a
 * few kilobytes per connection, so that a machine which runs the server as well can hold thousands of them.
 */
import { WebSocket } from "../../../rendezvous/ws/socket.ts";
import { concat, uintBytes } from "../../../core/wire/bytes.ts";
import { fromUtf8, utf8 } from "../../../core/wire/text.ts";
import { ByteQueue, frameOf } from "./bytes.ts";
import { behindLength, handshake, type Identity, MAX_PLAINTEXT_BYTES, newIdentity, type Session } from "./noise.ts";

const line = (text: string): Uint8Array => frameOf(utf8(`${text}\n`));
const MULTISTREAM = line("/multistream/1.0.0");
const HEADER_BYTES = 12;
const INITIAL_WINDOW_BYTES = 256 * 1024;

const enum Type {
  Data = 0,
  WindowUpdate = 1,
  Ping = 2,
  GoAway = 3,
}

const enum Flag {
  Syn = 1,
  Ack = 2,
  Fin = 4,
  Rst = 8,
}

/** The server said when to come again. */
export class Refused extends Error {
  constructor(readonly status: number, readonly retryAfterS: number) {
    super(`refused with ${status}`);
  }
}

export class LeanStream {
  readonly input = new ByteQueue();
  readonly #client: LeanClient;
  readonly #id: number;
  #windowBytes = INITIAL_WINDOW_BYTES;
  #wake: (() => void) | null = null;
  unacknowledgedBytes = 0;

  constructor(client: LeanClient, id: number) {
    this.#client = client;
    this.#id = id;
  }

  /** Waits where the server's window is full. */
  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      while (this.#windowBytes === 0) await new Promise<void>((resolve) => this.#wake = resolve);
      const part = bytes.subarray(at, at + this.#windowBytes);
      this.#windowBytes -= part.length;
      at += part.length;
      this.#client.frame(Type.Data, 0, this.#id, part.length, part);
    }
  }

  grow(byBytes: number): void {
    this.#windowBytes += byBytes;
    this.#wake?.();
    this.#wake = null;
  }

  sendFrame(payload: Uint8Array): Promise<void> {
    return this.send(frameOf(payload));
  }

  close(): void {
    this.#client.frame(Type.WindowUpdate, Flag.Fin, this.#id, 0);
  }
}

export class LeanClient {
  readonly identity: Identity;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #socket: WebSocket;
  readonly #streams = new Map<number, LeanStream>();
  readonly #sealed = new ByteQueue();
  readonly #muxed = new ByteQueue();
  #session: Session | null = null;
  #nextId = 1;
  #head: DataView | null = null;
  #sealedLength: number | null = null;

  private constructor(socket: WebSocket, identity: Identity) {
    this.#socket = socket;
    this.identity = identity;
    this.closed = new Promise((resolve) =>
      socket.once("close", (code, reason) => {
        this.#fail(new Error(`closed with ${code}`));
        resolve({ code, reason: reason.toString() });
      })
    );
    socket.on("error", () => {});
    socket.on("message", (data) => this.#receive(data as Uint8Array));
  }

  /** Rejects with `Refused` where the server answers the upgrade with another status. */
  static async connect(url: string, headers: Readonly<Record<string, string>> = {}): Promise<LeanClient> {
    const socket = new WebSocket(url, { perMessageDeflate: false, headers });
    const client = new LeanClient(socket, newIdentity());
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve).once("error", reject);
      socket.once("unexpected-response", (request, response) => {
        request.destroy();
        reject(new Refused(response.statusCode ?? 0, Number(response.headers["retry-after"] ?? 0)));
      });
    });
    const send = (bytes: Uint8Array) => socket.send(bytes);
    send(concat(MULTISTREAM, line("/noise")));
    await client.#expectLines(client.#sealed, "/multistream/1.0.0", "/noise");
    client.#session = await handshake(send, client.#sealed, client.identity);
    client.#receive(new Uint8Array(0));
    return client;
  }

  async #expectLines(input: ByteQueue, ...expected: readonly string[]): Promise<void> {
    for (const want of expected) {
      const got = fromUtf8(await input.readFrame());
      if (got !== `${want}\n`) throw new Error(`expected ${want}, got ${got}`);
    }
  }

  /** A stream with its protocol agreed on. */
  async open(protocol: string): Promise<LeanStream> {
    const id = this.#nextId;
    this.#nextId += 2;
    const stream = new LeanStream(this, id);
    this.#streams.set(id, stream);
    this.frame(Type.WindowUpdate, Flag.Syn, id, 0);
    await stream.send(concat(MULTISTREAM, line(protocol)));
    await this.#expectLines(stream.input, "/multistream/1.0.0", protocol);
    return stream;
  }

  frame(type: Type, flags: number, id: number, length: number, data: Uint8Array = new Uint8Array(0)): void {
    const head = concat(Uint8Array.of(0, type), uintBytes(flags, 2), uintBytes(id, 4), uintBytes(length, 4));
    const plain = concat(head, data);
    const messages: Uint8Array[] = [];
    for (let at = 0; at < plain.length; at += MAX_PLAINTEXT_BYTES) {
      messages.push(behindLength(this.#session!.out.seal(plain.subarray(at, at + MAX_PLAINTEXT_BYTES))));
    }
    this.#socket.send(messages.length === 1 ? messages[0]! : concat(...messages));
  }

  #receive(bytes: Uint8Array): void {
    this.#sealed.push(bytes);
    if (this.#session === null) return;
    while (true) {
      if (this.#sealedLength === null) {
        const head = this.#sealed.take(2);
        if (head === null) break;
        this.#sealedLength = head[0]! * 256 + head[1]!;
      }
      const message = this.#sealed.take(this.#sealedLength);
      if (message === null) break;
      this.#sealedLength = null;
      this.#muxed.push(this.#session.in.open(message));
    }
    this.#demultiplex();
  }

  #demultiplex(): void {
    while (true) {
      if (this.#head === null) {
        const head = this.#muxed.take(HEADER_BYTES);
        if (head === null) return;
        this.#head = new DataView(head.slice().buffer);
      }
      const [type, flags, id, length] = [
        this.#head.getUint8(1),
        this.#head.getUint16(2),
        this.#head.getUint32(4),
        this.#head.getUint32(8),
      ];
      const data = type === Type.Data ? this.#muxed.take(length) : new Uint8Array(0);
      if (data === null) return;
      this.#head = null;
      this.#take(type, flags, id, length, data);
    }
  }

  #take(type: Type, flags: number, id: number, length: number, data: Uint8Array): void {
    if (type === Type.Ping && flags === Flag.Syn) return this.frame(Type.Ping, Flag.Ack, 0, length);
    if (type === Type.GoAway || type === Type.Ping) return;
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      // We serve no protocols: what the server opens is reset.
      if (flags & Flag.Syn) this.frame(Type.WindowUpdate, Flag.Rst, id, 0);
      return;
    }
    if (type === Type.WindowUpdate) stream.grow(length);
    if (data.length > 0) this.#deliver(stream, id, data);
    if (flags & (Flag.Rst | Flag.Fin)) {
      stream.input.fail(new Error("the stream ended"));
      this.#streams.delete(id);
    }
  }

  /** The window is given back by halves, as most implementations do. */
  #deliver(stream: LeanStream, id: number, data: Uint8Array): void {
    stream.input.push(data);
    stream.unacknowledgedBytes += data.length;
    if (stream.unacknowledgedBytes < INITIAL_WINDOW_BYTES / 2) return;
    this.frame(Type.WindowUpdate, 0, id, stream.unacknowledgedBytes);
    stream.unacknowledgedBytes = 0;
  }

  #fail(error: Error): void {
    this.#sealed.fail(error);
    this.#muxed.fail(error);
    for (const stream of this.#streams.values()) stream.input.fail(error);
  }

  /** What never reads fills the server's buffers. */
  pause(): void {
    this.#socket.pause();
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
