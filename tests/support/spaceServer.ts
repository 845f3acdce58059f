/** As much of a server as spaces need, in memory: what the structures of sealed mail allow one without accounts to check. */
import {
  envelopeIdOf,
  type MailConnection,
  type VerifiedRequest,
  verifyRequest,
} from "../../core/crypto/mailRequest.ts";
import { type DepositorId, depositorId, type SpaceId } from "../../core/ids.ts";
import type { Rng } from "../../core/ports.ts";
import type { MailAnswer, WaitingMail } from "../../core/wire/mailAnswer.ts";
import { type DepositorRequest, type Grant, isOwnerRequest, type OwnerRequest } from "../../core/wire/mailRequest.ts";
import { must } from "./world.ts";

interface Space {
  readonly grants: Map<DepositorId, Grant & { readonly taken: number }>;
  waiting: WaitingMail[];
  serial: number;
  oneTime: Uint8Array[];
  lastResort: Uint8Array | null;
}

export interface ServerConnection extends MailConnection {
  lastNumber: number;
}

type Said = MailAnswer | { readonly t: "cut"; readonly reason: string };
type Refusal = Extract<MailAnswer, { readonly t: "refused" }>["reason"];

export class SpaceServer {
  readonly spaces = new Map<SpaceId, Space>();
  nowMs = 0;

  constructor(readonly name: string, private readonly rng: Rng) {}

  connect(): ServerConnection {
    return { server: this.name, challenge: this.rng.bytes(32), lastNumber: 0 };
  }

  handle(connection: ServerConnection, bytes: Uint8Array): Said {
    const verified = verifyRequest(bytes, connection, connection.lastNumber);
    if (!verified.ok) return { t: "cut", reason: verified.reason };
    connection.lastNumber = verified.value.number;
    return this.#answer(verified.value);
  }

  #answer({ space: id, signer, number, request }: VerifiedRequest): MailAnswer {
    if (request.t === "open" && !this.spaces.has(id)) {
      this.spaces.set(id, { grants: new Map(), waiting: [], serial: 0, oneTime: [], lastResort: null });
    }
    const space = this.spaces.get(id);
    if (space === undefined) return { t: "refused", number, reason: "unknown-space" };
    if (request.t === "close") this.spaces.delete(id);
    return isOwnerRequest(request)
      ? this.#owner(space, number, request)
      : this.#depositor(space, number, must(depositorId(signer)), request);
  }

  #owner(space: Space, number: number, request: OwnerRequest): MailAnswer {
    switch (request.t) {
      case "grant":
        for (const grant of request.grants) space.grants.set(grant.depositor, { ...grant, taken: 0 });
        break;
      case "revoke":
        for (const depositor of request.depositors) space.grants.delete(depositor);
        break;
      case "upload":
        space.oneTime.push(...request.oneTime);
        space.lastResort = request.lastResort ?? space.lastResort;
        break;
      case "ack":
        space.waiting = space.waiting.filter(({ envelope }) => !request.envelopes.includes(envelopeIdOf(envelope)));
        break;
      case "fetch": {
        const all = space.waiting.filter(({ serial }) => serial > request.after);
        return { t: "mail", number, waiting: all.slice(0, request.limit), more: all.length > request.limit };
      }
    }
    return { t: "done", number };
  }

  #depositor(space: Space, number: number, depositor: DepositorId, request: DepositorRequest): MailAnswer {
    const refused = (reason: Refusal): MailAnswer => ({ t: "refused", number, reason });
    const grant = space.grants.get(depositor);
    const hasEnded = grant !== undefined && grant.expiresAtMs !== null && this.nowMs >= grant.expiresAtMs;
    if (grant === undefined || hasEnded) return refused("unknown-depositor");
    if (request.t === "take") {
      if (grant.taken >= grant.maxBundles) return refused("quota");
      const sealed = space.oneTime.shift() ?? space.lastResort;
      if (sealed === null) return refused("no-bundle");
      space.grants.set(depositor, { ...grant, taken: grant.taken + 1 });
      return { t: "bundle", number, sealed };
    }
    const { envelope } = request;
    const own = space.waiting.filter((waiting) => waiting.depositor === depositor);
    const isCopy = own.some((waiting) => envelopeIdOf(waiting.envelope) === envelopeIdOf(envelope));
    if (isCopy) return { t: "done", number };
    const ownBytes = own.reduce((sum, waiting) => sum + waiting.envelope.length, envelope.length);
    if (own.length >= grant.maxWaiting || ownBytes > grant.maxWaitingBytes) return refused("quota");
    space.waiting.push({ serial: ++space.serial, depositor, envelope });
    return { t: "done", number };
  }
}
