/**
 * The post-quantum part of the ratchet: every so often the session's initiator offers a fresh ML-KEM-768 key inside a
 * message, the responder answers with a ciphertext, and the initiator's next turn mixes the secret into the root and
 * says so in its headers. Since a turn begins a chain, and chains follow one another strictly, both mix it into the
 * same root step, whatever was lost. SPEC section 6.
 */
import { decapsulate, encapsulate, isKemKey, kemKey } from "../crypto/kem.ts";
import { ok, refuse, type Result } from "../errors.ts";
import { RATCHET } from "../limits.ts";
import type { Env } from "../ports.ts";
import type { Exchange, ExchangeStep } from "../wire/exchangeRecord.ts";
import { type ExchangePart, partBytes } from "../wire/ratchetBody.ts";
import type { RatchetState } from "./ratchet.ts";

export type { Exchange };

export const newExchange = (role: Exchange["role"], nowMs: number): Exchange => ({
  role,
  messageCount: 0,
  sinceMs: nowMs,
  step: { t: "idle" },
});

/** A session's ratchet and its exchange, which advance together. */
export interface Exchanging {
  readonly ratchet: RatchetState;
  readonly exchange: Exchange;
}

/** What the next message carries, if there is room for it; to be called before the ratchet seals. */
export function beforeSealing(
  { ratchet, exchange }: Exchanging,
  roomBytes: number,
  env: Env,
): Exchanging & { readonly part: ExchangePart | null } {
  const begun = begin({ ratchet, exchange }, env);
  const { step } = begun.exchange;
  if (step.t !== "offered" && step.t !== "answered") return { ...begun, part: null };
  const everywhere = step.everywhere || (begun.ratchet.turn.t === "turning" && step.sentCount > 0);
  const part = partOf(step);
  const carries = (everywhere || isPowerOfTwo(step.sentCount + 1)) && partBytes(part) <= roomBytes;
  const counted = { ...step, everywhere, sentCount: step.sentCount + 1 };
  return { ...begun, exchange: { ...begun.exchange, step: counted }, part: carries ? part : null };
}

/** Begins an exchange that is due ([RAT13]), or answers one. */
function begin({ ratchet, exchange }: Exchanging, { nowMs, rng }: Env): Exchanging {
  const { step, role } = exchange;
  if (step.t === "received") {
    const encapsulated = encapsulate(step.publicKey, rng.bytes(32));
    if (!encapsulated.ok) throw new Error("a KEM key that was accepted is not one");
    const { ciphertext, secret } = encapsulated.value;
    return {
      ratchet: { ...ratchet, mix: { by: "them", number: step.number, secret } },
      exchange: {
        ...exchange,
        step: { t: "answered", number: step.number, ciphertext, sentCount: 0, everywhere: false },
      },
    };
  }
  if (role !== "offers" || step.t !== "idle" || ratchet.mix !== null || !isDue(exchange, nowMs)) {
    return { ratchet, exchange };
  }
  const { seed, publicKey } = kemKey(rng.bytes(64));
  const number = ratchet.mixed + 1;
  return {
    ratchet,
    exchange: { ...exchange, step: { t: "offered", number, seed, publicKey, sentCount: 0, everywhere: false } },
  };
}

const isDue = ({ messageCount, sinceMs }: Exchange, nowMs: number): boolean =>
  messageCount >= RATCHET.mixAfterMessages || nowMs - sinceMs >= RATCHET.mixAfterMs;

type Carried = Extract<ExchangeStep, { t: "offered" | "answered" }>;

const partOf = (step: Carried): ExchangePart =>
  step.t === "offered"
    ? { t: "offer", number: step.number, body: step.publicKey }
    : { t: "answer", number: step.number, body: step.ciphertext };

/** The first, second, fourth, eighth message ...: a burst to somebody who is away stays small. */
const isPowerOfTwo = (count: number): boolean => (count & (count - 1)) === 0;

/** The exchange after a message was sealed or opened that left the ratchet in `ratchet`. */
export function afterMessage(exchange: Exchange, mixedBefore: number, ratchet: RatchetState, nowMs: number): Exchange {
  const hasMixed = ratchet.mixed !== mixedBefore;
  if (!hasMixed) return { ...exchange, messageCount: exchange.messageCount + 1 };
  return { ...exchange, messageCount: 0, sinceMs: Math.max(nowMs, exchange.sinceMs), step: { t: "idle" } };
}

/** [RAT14] Takes what an authentic message carried; a part of an exchange that is over or unknown means nothing. */
export function takePart(
  { ratchet, exchange }: Exchanging,
  part: ExchangePart | null,
): Result<Exchanging, "ratchet.bad-key"> {
  const { step, role } = exchange;
  if (part === null) return ok({ ratchet, exchange });
  const { number, body } = part;
  if (part.t === "offer") {
    const isNext = role === "answers" && step.t === "idle" && number === ratchet.mixed + 1;
    if (!isNext) return ok({ ratchet, exchange });
    if (!isKemKey(body)) return refuse("ratchet.bad-key");
    return ok({ ratchet, exchange: { ...exchange, step: { t: "received", number, publicKey: body.slice() } } });
  }
  if (step.t !== "offered" || step.number !== number) return ok({ ratchet, exchange });
  const secret = decapsulate(step, body);
  if (!secret.ok) return refuse("ratchet.bad-key");
  return ok({
    ratchet: { ...ratchet, mix: { by: "us", number, secret: secret.value } },
    exchange: { ...exchange, step: { t: "idle" } },
  });
}
