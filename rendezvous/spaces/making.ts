/** Who may make a space: so many from one address prefix, or whoever has the operator's join code. */
import { createHash, timingSafeEqual } from "node:crypto";
import { Buckets } from "../bucket.ts";
import { RATE, SPACES } from "../limits.ts";
import { LOOPBACK } from "../prefix.ts";
import type { Service } from "../service.ts";

export type Permission =
  | { readonly t: "granted" }
  | { readonly t: "denied"; readonly reason: "join-code" }
  /** Too many from there: seconds until the next. */
  | { readonly t: "denied"; readonly reason: "too-many"; readonly retryAfterS: number };

const GRANTED: Permission = { t: "granted" };

/** Of equal length whatever was sent, so that the comparison takes equally long. */
const digest = (code: string): Uint8Array => createHash("sha256").update(code).digest();

export class Making {
  readonly #service: Service;
  readonly #code: Uint8Array | null;
  readonly #makings = new Buckets(
    { perSecond: SPACES.makingsPerSecond, burst: SPACES.makingBurst },
    RATE.maxPrefixes,
  );
  readonly #wrongCodes = new Buckets(
    { perSecond: SPACES.wrongCodesPerSecond, burst: SPACES.wrongCodeBurst },
    RATE.maxPrefixes,
  );

  /** Without a code, the rate is the limit; with one, the code. */
  constructor(service: Service, joinCode: string | null) {
    this.#service = service;
    this.#code = joinCode === null ? null : digest(joinCode);
  }

  ask(prefix: string, code: string | null): Permission {
    return this.#code === null ? this.#byRate(prefix) : this.#byCode(this.#code, prefix, code);
  }

  #byRate(prefix: string): Permission {
    if (prefix === LOOPBACK || this.#makings.take(prefix, this.#service.clock.nowMs())) return GRANTED;
    return tooMany(SPACES.makingsPerSecond);
  }

  /** Who is out of tries hears so whatever they say: otherwise the right code would tell itself apart. */
  #byCode(expected: Uint8Array, prefix: string, code: string | null): Permission {
    const nowMs = this.#service.clock.nowMs();
    if (code === null) return { t: "denied", reason: "join-code" };
    if (this.#wrongCodes.isEmpty(prefix, nowMs)) return tooMany(SPACES.wrongCodesPerSecond);
    if (timingSafeEqual(digest(code), expected)) return GRANTED;
    this.#wrongCodes.take(prefix, nowMs);
    this.#service.counters.count("spaces.wrong-code");
    return { t: "denied", reason: "join-code" };
  }
}

const tooMany = (perSecond: number): Permission => ({
  t: "denied",
  reason: "too-many",
  retryAfterS: Math.ceil(1 / perSecond),
});
