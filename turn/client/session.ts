/** One client of a TURN server (RFC 8656): asks what its address is, gets a relayed one, and sends through it. */
import { randomBytes } from "node:crypto";
import { STUN } from "../limits.ts";
import {
  type Attribute,
  ATTRIBUTES,
  CLASSES,
  decodeStun,
  encodeStun,
  isAuthentic,
  longTermKey,
  METHODS,
  type StunMessage,
  valueOf,
} from "./message.ts";
import { decodeAddress, decodeErrorCode, decodeXorAddress, encodeXorAddress, type Endpoint } from "./values.ts";
import type { Wire } from "./wire.ts";

export interface Login {
  readonly username: string;
  readonly credential: string;
}

export type Answer =
  | { readonly t: "success"; readonly message: StunMessage }
  | { readonly t: "refused"; readonly code: number }
  | { readonly t: "silence" };

export interface Arrival {
  readonly from: Endpoint;
  readonly data: Uint8Array;
}

const UDP_PROTOCOL = 17;
const UNAUTHENTICATED = 401;
const STALE_NONCE = 438;
/** One request without a login, one with it, one more where the nonce has gone stale meanwhile. */
const MAX_TRIES = 3;

const utf8 = new TextEncoder();

export class TurnSession {
  readonly #wire: Wire;
  readonly #login: Login;
  readonly #arrivals: Arrival[] = [];
  #realm: { readonly realm: Uint8Array; readonly nonce: Uint8Array; readonly key: Uint8Array } | null = null;

  constructor(wire: Wire, login: Login) {
    this.#wire = wire;
    this.#login = login;
  }

  /** The address that the server sees us at, or what it said instead. */
  async bind(): Promise<Endpoint | Answer> {
    const answer = await this.#transact(METHODS.binding, []);
    return answer.t === "success" ? mappedAddress(answer.message) ?? { t: "silence" } : answer;
  }

  /** A relayed address over UDP, or what the server said instead. */
  async allocate(): Promise<Endpoint | Answer> {
    const requested = { type: ATTRIBUTES.requestedTransport, value: Uint8Array.of(UDP_PROTOCOL, 0, 0, 0) };
    const answer = await this.#request(METHODS.allocate, () => [requested]);
    if (answer.t !== "success") return answer;
    return xorAddress(answer.message, ATTRIBUTES.relayedAddress) ?? { t: "silence" };
  }

  /** Lets what `peer` sends to the relayed address through. */
  permit(peer: Endpoint): Promise<Answer> {
    return this.#request(METHODS.permit, (id) => [{ type: ATTRIBUTES.peerAddress, value: encodeXorAddress(peer, id) }]);
  }

  /** A lifetime of 0 gives the relayed address back. */
  refresh(lifetimeS: number): Promise<Answer> {
    const value = new Uint8Array(4);
    new DataView(value.buffer).setUint32(0, lifetimeS);
    return this.#request(METHODS.refresh, () => [{ type: ATTRIBUTES.lifetime, value }]);
  }

  send(peer: Endpoint, data: Uint8Array): void {
    const transactionId = randomBytes(12);
    const attributes = [
      { type: ATTRIBUTES.peerAddress, value: encodeXorAddress(peer, transactionId) },
      { type: ATTRIBUTES.data, value: data },
    ];
    const message = { method: METHODS.send, class: CLASSES.indication, transactionId, attributes };
    this.#wire.send(encodeStun(message));
  }

  /** The next thing that came through the relay, or null where nothing does within the time. */
  async receive(timeoutMs: number): Promise<Arrival | null> {
    const deadlineMs = performance.now() + timeoutMs;
    while (this.#arrivals.length === 0) {
      const leftMs = deadlineMs - performance.now();
      const bytes = leftMs <= 0 ? null : await this.#wire.receive(leftMs);
      if (bytes === null) return null;
      this.#arrived(decodeStun(bytes));
    }
    return this.#arrivals.shift()!;
  }

  close(): void {
    this.#wire.close();
  }

  /** With our login as soon as the server has named its realm. */
  async #request(method: number, attributes: (transactionId: Uint8Array) => readonly Attribute[]): Promise<Answer> {
    for (let tries = 1;; tries++) {
      const hadLogin = this.#realm !== null;
      const answer = await this.#transact(method, attributes, this.#loginAttributes());
      if (answer.t !== "refused" || tries === MAX_TRIES) return answer;
      const mayRetry = answer.code === STALE_NONCE || (answer.code === UNAUTHENTICATED && !hadLogin);
      if (!mayRetry) return answer;
    }
  }

  #loginAttributes(): readonly Attribute[] {
    if (this.#realm === null) return [];
    return [
      { type: ATTRIBUTES.username, value: utf8.encode(this.#login.username) },
      { type: ATTRIBUTES.realm, value: this.#realm.realm },
      { type: ATTRIBUTES.nonce, value: this.#realm.nonce },
    ];
  }

  async #transact(
    method: number,
    attributes: readonly Attribute[] | ((transactionId: Uint8Array) => readonly Attribute[]),
    login: readonly Attribute[] = [],
  ): Promise<Answer> {
    const transactionId = randomBytes(12);
    const asked = typeof attributes === "function" ? attributes(transactionId) : attributes;
    const key = login.length === 0 ? null : this.#realm!.key;
    const message = { method, class: CLASSES.request, transactionId, attributes: [...asked, ...login] };
    const bytes = encodeStun(message, key);
    const deadlineMs = performance.now() + STUN.answerTimeoutMs;
    for (let retryMs: number = STUN.firstRetryMs; performance.now() < deadlineMs; retryMs *= 2) {
      this.#wire.send(bytes);
      const untilMs = this.#wire.isReliable ? deadlineMs : Math.min(deadlineMs, performance.now() + retryMs);
      const answer = await this.#answerTo(message, key, untilMs);
      if (answer !== null) return answer;
    }
    return { t: "silence" };
  }

  async #answerTo(asked: StunMessage, key: Uint8Array | null, untilMs: number): Promise<Answer | null> {
    while (true) {
      const leftMs = untilMs - performance.now();
      const bytes = leftMs <= 0 ? null : await this.#wire.receive(leftMs);
      if (bytes === null) return null;
      const message = decodeStun(bytes);
      if (!this.#isAnswer(message, asked)) {
        this.#arrived(message);
        continue;
      }
      if (message.class === CLASSES.success) {
        // Whoever does not know our key could otherwise tell us any address.
        if (key === null || isAuthentic(bytes, key)) return { t: "success", message };
        continue;
      }
      this.#learnRealm(message);
      return {
        t: "refused",
        code: decodeErrorCode(valueOf(message, ATTRIBUTES.errorCode) ?? new Uint8Array(0)) ?? 500,
      };
    }
  }

  #isAnswer(message: StunMessage | null, asked: StunMessage): message is StunMessage {
    if (message === null || message.method !== asked.method) return false;
    const isAnswer = message.class === CLASSES.success || message.class === CLASSES.error;
    return isAnswer && message.transactionId.every((byte, at) => byte === asked.transactionId[at]);
  }

  #learnRealm(message: StunMessage): void {
    const realm = valueOf(message, ATTRIBUTES.realm);
    const nonce = valueOf(message, ATTRIBUTES.nonce);
    if (realm === null || nonce === null) return;
    const key = longTermKey(this.#login.username, new TextDecoder().decode(realm), this.#login.credential);
    this.#realm = { realm, nonce, key };
  }

  #arrived(message: StunMessage | null): void {
    if (message?.method !== METHODS.data || message.class !== CLASSES.indication) return;
    const from = xorAddress(message, ATTRIBUTES.peerAddress);
    const data = valueOf(message, ATTRIBUTES.data);
    if (from !== null && data !== null && this.#arrivals.length < STUN.maxWaiting) this.#arrivals.push({ from, data });
  }
}

function xorAddress(message: StunMessage, type: number): Endpoint | null {
  const value = valueOf(message, type);
  return value === null ? null : decodeXorAddress(value, message.transactionId);
}

function mappedAddress(message: StunMessage): Endpoint | null {
  const plain = valueOf(message, ATTRIBUTES.mappedAddress);
  return xorAddress(message, ATTRIBUTES.xorMappedAddress) ?? (plain === null ? null : decodeAddress(plain));
}
