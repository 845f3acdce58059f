/** TURN credentials from the rendezvous, kept until shortly before they end. Never anybody else's STUN server. */
import { ICE } from "../limits.ts";

interface Kept {
  readonly servers: RTCIceServer[];
  readonly untilMs: number;
}

export interface IceServersPorts {
  readonly fetch: typeof fetch;
  nowMs(): number;
}

/** What `POST /turn` answers. */
interface TurnAnswer {
  readonly iceServers: RTCIceServer[];
  readonly expiresAtMs: number;
}

export class IceServers {
  #kept: Kept = { servers: [], untilMs: -Infinity };
  #pending: Promise<void> | null = null;

  constructor(private readonly rendezvousUrl: string, private readonly ports: IceServersPorts) {}

  /**
   * The servers for one connection. Without a reachable TURN server those known before, and in the end none: peers on
   * the same network, or with public addresses, still connect.
   */
  async get(): Promise<RTCIceServer[]> {
    if (this.ports.nowMs() >= this.#kept.untilMs) await (this.#pending ??= this.#refresh());
    return this.#kept.servers;
  }

  /** The credentials were refused: the next connection asks for others. */
  forget(): void {
    this.#kept = { ...this.#kept, untilMs: -Infinity };
  }

  async #refresh(): Promise<void> {
    try {
      this.#kept = await this.#ask();
    } catch {
      this.#kept = { servers: this.#kept.servers, untilMs: this.ports.nowMs() + ICE.retryMs };
    } finally {
      this.#pending = null;
    }
  }

  async #ask(): Promise<Kept> {
    const response = await this.ports.fetch(new URL("/turn", this.rendezvousUrl), {
      method: "POST",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(ICE.fetchTimeoutMs),
    });
    const nowMs = this.ports.nowMs();
    if (!response.ok) throw new Error(`status ${response.status}`);
    const answer: TurnAnswer = await response.json();
    if (!isAnswer(answer)) throw new TypeError("not an answer of /turn");
    // The device's clock may be wrong by hours: then credentials are fetched more often, or as often as they must be.
    const endsMs = Math.min(answer.expiresAtMs - ICE.marginMs, nowMs + ICE.maxAgeMs);
    return { servers: answer.iceServers, untilMs: Math.max(endsMs, nowMs + ICE.retryMs) };
  }
}

function isAnswer(value: unknown): value is TurnAnswer {
  const { iceServers, expiresAtMs } = (value ?? {}) as Partial<TurnAnswer>;
  return Array.isArray(iceServers) && typeof expiresAtMs === "number" &&
    iceServers.every((server) => [server?.urls].flat().every((url) => typeof url === "string"));
}
