/** Watches topics by `/securecomm/presence/1`: whoever is there, and whoever comes, is reported. */
import type { Connection } from "@libp2p/interface";
import { PeerRecord, RecordEnvelope } from "@libp2p/peer-record";
import { peerIdFromPublicKey } from "@libp2p/peer-id";
import { type PeerId, peerId, type Topic } from "../../core/ids.ts";
import { PRESENCE_PROTOCOL, presenceFrame, watchFrame } from "../../core/wire/presence.ts";
import { DISCOVERY, NET } from "../limits.ts";
import { type FramedStream, framedStream } from "./framedStream.ts";

export type PresenceFault = "presence.malformed" | "presence.forged-record";

export interface PresencePorts {
  onFound(topic: Topic, peer: PeerId): void;
  onLeft(topic: Topic, peer: PeerId): void;
  onFault(fault: PresenceFault): void;
}

export class Presence {
  #sentAtMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    private readonly stream: FramedStream,
    private readonly ports: PresencePorts,
    private watched: ReadonlySet<Topic>,
  ) {}

  static async open(connection: Connection, ports: PresencePorts, topics: ReadonlySet<Topic>): Promise<Presence> {
    const signal = AbortSignal.timeout(NET.dialTimeoutMs);
    const stream = framedStream(await connection.newStream(PRESENCE_PROTOCOL, { signal }));
    const presence = new Presence(stream, ports, topics);
    presence.#send();
    return presence;
  }

  /** Changes in quick succession are sent as one list. */
  watch(topics: ReadonlySet<Topic>): void {
    this.watched = topics;
    if (this.#timer !== undefined) return;
    const waitMs = Math.max(0, this.#sentAtMs + DISCOVERY.watchIntervalMs - performance.now());
    if (waitMs === 0) this.#send();
    else this.#timer = setTimeout(() => this.#send(), waitMs);
  }

  /** Reads until the stream ends. Rejects when the server breaks the protocol. */
  async run(): Promise<void> {
    for (let frame = await this.stream.next(); frame !== null; frame = await this.stream.next()) {
      const told = presenceFrame.decode(frame);
      if (!told.ok) {
        this.ports.onFault("presence.malformed");
        throw new Error(told.reason);
      }
      const topic = told.value.namespace as Topic;
      if (!this.watched.has(topic)) continue;
      if (told.value.t === "absent") {
        const left = peerId(told.value.peerId);
        if (left.ok) this.ports.onLeft(topic, left.value);
        continue;
      }
      const peer = await recordOwner(told.value.signedPeerRecord);
      if (peer === null) this.ports.onFault("presence.forged-record");
      else this.ports.onFound(topic, peer);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.stream.close();
  }

  #send(): void {
    this.#timer = undefined;
    this.#sentAtMs = performance.now();
    try {
      this.stream.send(watchFrame.encode({ t: "watch", namespaces: [...this.watched] }));
    } catch {
      // The stream has ended: `run` sees that, and whoever called it opens another.
    }
  }
}

/** The peer that a signed record is about and by, `null` where these differ or the signature is wrong. */
export async function recordOwner(bytes: Uint8Array): Promise<PeerId | null> {
  try {
    const envelope = await RecordEnvelope.openAndCertify(bytes, PeerRecord.DOMAIN);
    const record = PeerRecord.createFromProtobuf(envelope.payload);
    if (!peerIdFromPublicKey(envelope.publicKey).equals(record.peerId)) return null;
    const owner = peerId(record.peerId.toString());
    return owner.ok ? owner.value : null;
  } catch {
    return null;
  }
}
