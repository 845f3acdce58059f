/**
 * As much of a server as spaces need, in memory and at once: what the structures of sealed mail allow one without
 * accounts to check. What a real one adds is durability, bounds and rates.
 */
import { type Entered, type EntryContext, envelopeIdOf, verifyEntry } from "../../core/crypto/spaceEntry.ts";
import type { DepositorId, SpaceId } from "../../core/ids.ts";
import { MAILBOX } from "../../core/limits.ts";
import type { Rng } from "../../core/ports.ts";
import type { SpaceAnswer, SpaceRefusal, WaitingMail } from "../../core/wire/spaceAnswer.ts";
import { MAILBOX_PROTOCOL, type SpaceProtocol } from "../../core/wire/spaceEntry.ts";
import {
  type Grant,
  mailboxDepositorCodec,
  type MailboxDepositorRequest,
  mailboxOwnerCodec,
  type MailboxOwnerRequest,
  prekeysDepositorCodec,
  type PrekeysDepositorRequest,
  prekeysOwnerCodec,
  type PrekeysOwnerRequest,
} from "../../core/wire/spaceRequest.ts";

interface Space {
  readonly grants: Map<DepositorId, Grant & { readonly taken: number }>;
  waiting: WaitingMail[];
  serial: number;
  oneTime: Uint8Array[];
  lastResort: Uint8Array | null;
}

export type SpaceRequest =
  | MailboxOwnerRequest
  | MailboxDepositorRequest
  | PrekeysOwnerRequest
  | PrekeysDepositorRequest;

export interface ServerStream extends EntryContext {
  entered: Entered | null;
  lastNumber: number;
  /** Whether the last page has been sent, so that what comes is sent unasked. */
  isLive: boolean;
  readonly hear: (answer: SpaceAnswer) => void;
}

type Said = SpaceAnswer | { readonly t: "cut"; readonly reason: string };

const codecFor = (protocol: SpaceProtocol, role: Entered["role"]) => {
  if (protocol === MAILBOX_PROTOCOL) return role === "owner" ? mailboxOwnerCodec : mailboxDepositorCodec;
  return role === "owner" ? prekeysOwnerCodec : prekeysDepositorCodec;
};

/** The bytes of a request on an entered stream. */
export const requestBytes = (
  { protocol }: Pick<EntryContext, "protocol">,
  role: Entered["role"],
  number: number,
  request: SpaceRequest,
): Uint8Array => {
  const codec = codecFor(protocol, role) as { encode(value: { number: number; request: SpaceRequest }): Uint8Array };
  return codec.encode({ number, request });
};

export class SpaceServer {
  readonly spaces = new Map<SpaceId, Space>();
  readonly #live = new Set<ServerStream>();
  nowMs = 0;

  constructor(readonly peer: string, private readonly rng: Rng) {}

  connect(protocol: SpaceProtocol, clientPeer: string, hear: (answer: SpaceAnswer) => void = () => {}): ServerStream {
    const challenge = this.rng.bytes(32);
    return {
      protocol,
      serverPeer: this.peer,
      clientPeer,
      challenge,
      entered: null,
      lastNumber: 0,
      isLive: false,
      hear,
    };
  }

  disconnect(stream: ServerStream): void {
    this.#live.delete(stream);
  }

  enter(stream: ServerStream, bytes: Uint8Array): Said {
    const verified = stream.entered === null ? verifyEntry(bytes, stream) : null;
    if (verified === null) return { t: "cut", reason: "entered already" };
    if (!verified.ok) return { t: "cut", reason: verified.reason };
    stream.entered = verified.value;
    const isMailboxOwner = stream.entered.role === "owner" && stream.protocol === MAILBOX_PROTOCOL;
    if (isMailboxOwner) this.#live.add(stream);
    return { t: "entered", exists: stream.entered.role === "depositor" || this.spaces.has(stream.entered.space) };
  }

  ask(stream: ServerStream, bytes: Uint8Array): Said {
    if (stream.entered === null) return { t: "cut", reason: "not entered" };
    const decoded = codecFor(stream.protocol, stream.entered.role).decode(bytes);
    if (!decoded.ok) return { t: "cut", reason: decoded.reason };
    const { number, request } = decoded.value;
    if (number <= stream.lastNumber) return { t: "cut", reason: "number" };
    stream.lastNumber = number;
    return this.#answer(stream, stream.entered, number, request);
  }

  #answer(stream: ServerStream, entered: Entered, number: number, request: SpaceRequest): SpaceAnswer {
    const id = entered.space;
    if (request.t === "open" && !this.spaces.has(id)) {
      this.spaces.set(id, { grants: new Map(), waiting: [], serial: 0, oneTime: [], lastResort: null });
    }
    const space = this.spaces.get(id);
    if (space === undefined) {
      return {
        t: "refused",
        number,
        reason: entered.role === "owner" ? "unknown-space" : "unknown-depositor",
        retryAfterS: 0,
      };
    }
    if (request.t === "close") this.spaces.delete(id);
    if (request.t === "deposit" || request.t === "take") {
      return entered.role === "depositor"
        ? this.#depositor(id, space, number, entered.depositor, request)
        : { t: "refused", number, reason: "malformed", retryAfterS: 0 };
    }
    return this.#owner(stream, space, number, request);
  }

  #owner(
    stream: ServerStream,
    space: Space,
    number: number,
    request: MailboxOwnerRequest | PrekeysOwnerRequest,
  ): SpaceAnswer {
    switch (request.t) {
      case "grant":
        for (const grant of request.grants) space.grants.set(grant.depositor, { ...grant, taken: 0 });
        break;
      case "revoke":
        for (const depositor of request.depositors) space.grants.delete(depositor);
        break;
      case "upload":
        space.oneTime = [...(request.replace ? [] : space.oneTime), ...request.oneTime];
        space.lastResort = request.lastResort ?? space.lastResort;
        break;
      case "ack":
        space.waiting = space.waiting.filter(({ envelope }) => !request.envelopes.includes(envelopeIdOf(envelope)));
        break;
      case "fetch": {
        const all = space.waiting.filter(({ serial }) => serial > request.after);
        const more = all.length > request.limit;
        stream.isLive = !more;
        return { t: "mail", number, waiting: all.slice(0, request.limit), more };
      }
    }
    return { t: "done", number };
  }

  #depositor(
    id: SpaceId,
    space: Space,
    number: number,
    depositor: DepositorId,
    request: MailboxDepositorRequest | PrekeysDepositorRequest,
  ): SpaceAnswer {
    const refused = (reason: SpaceRefusal): SpaceAnswer => ({ t: "refused", number, reason, retryAfterS: 0 });
    const grant = space.grants.get(depositor);
    const hasEnded = grant !== undefined && grant.expiresAtMs !== null && this.nowMs >= grant.expiresAtMs;
    if (grant === undefined || hasEnded) return refused("unknown-depositor");
    if (request.t === "take") {
      if (grant.taken >= grant.maxBundles) return refused("quota");
      const sealed = space.oneTime.shift() ?? space.lastResort;
      if (sealed === null) return refused("no-bundle");
      space.grants.set(depositor, { ...grant, taken: grant.taken + 1 });
      if (space.oneTime.length <= MAILBOX.lowStockCount) this.#tell(id, { t: "stock", left: space.oneTime.length });
      return { t: "bundle", number, sealed };
    }
    const own = space.waiting.filter((waiting) => waiting.depositor === depositor);
    const known = new Set(own.map(({ envelope }) => envelopeIdOf(envelope)));
    const fresh = request.envelopes.filter((envelope) => !known.has(envelopeIdOf(envelope)));
    const ownBytes = [...own.map(({ envelope }) => envelope), ...fresh].reduce((sum, { length }) => sum + length, 0);
    if (own.length + fresh.length > grant.maxWaiting || ownBytes > grant.maxWaitingBytes) return refused("quota");
    const kept = fresh.map((envelope): WaitingMail => ({ serial: ++space.serial, depositor, envelope }));
    space.waiting.push(...kept);
    if (kept.length > 0) this.#tell(id, { t: "arrived", waiting: kept, more: false });
    return { t: "done", number };
  }

  #tell(space: SpaceId, answer: SpaceAnswer): void {
    for (const stream of this.#live) {
      if (stream.entered?.space === space && (answer.t !== "arrived" || stream.isLive)) stream.hear(answer);
    }
  }
}
