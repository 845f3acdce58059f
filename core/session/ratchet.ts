/**
 * The Double Ratchet (Signal, without header encryption). States are plain data and never changed:
 * a function returns the next state, and only when the message at hand was authentic. SPEC section 6.
 */
import { type DhKey, x25519Key, x25519Shared } from "../crypto/dh.ts";
import { hkdfSha256 } from "../crypto/kdf.ts";
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import type { Env } from "../ports.ts";
import { sameBytes } from "../wire/bytes.ts";
import type { RatchetHeader } from "../wire/ratchetHeader.ts";
import type { RatchetState, ReceivingChain, Turn } from "../wire/ratchetRecord.ts";
import { closeChain, stepChain, takeKey, withinBounds } from "./chain.ts";
import type { RatchetSuite } from "./suite.ts";

export type { RatchetState };

export type RatchetReason = Extract<Reason, `ratchet.${string}` | "wire.malformed">;

/** `root` is the handshake's secret, `remote` the responder's first ratchet key, not of low order. */
export const initiatorRatchet = (root: Uint8Array, remote: Uint8Array): RatchetState => ({
  turn: { t: "turning", root, remote, previousCount: 0 },
  receiving: [],
});

/** `self` is the key pair whose public half the initiator began with. */
export const responderRatchet = (root: Uint8Array, self: DhKey): RatchetState => ({
  turn: { t: "waiting", root, self },
  receiving: [],
});

/** The next message. Throws in a responder that has not opened anything yet: it has nobody to seal for. */
export function sealMessage(
  suite: RatchetSuite,
  state: RatchetState,
  plaintext: Uint8Array,
  ad: Uint8Array,
  env: Env,
): { readonly state: RatchetState; readonly message: Uint8Array } {
  const turn = takeTurn(suite, state.turn, env);
  const { messageKey, next } = stepChain(suite, turn.chain);
  const header = { key: turn.self.publicKey, previousCount: turn.previousCount, index: turn.chain.index };
  const message = suite.seal(messageKey, header, plaintext, ad);
  return { state: { ...state, turn: { ...turn, chain: next } }, message };
}

export interface OpenedMessage {
  readonly state: RatchetState;
  readonly plaintext: Uint8Array;
}

/** [RAT3] The plaintext and the state without the key that opened it; a refusal leaves `state` the one to keep. */
export function openMessage(
  suite: RatchetSuite,
  state: RatchetState,
  message: Uint8Array,
  ad: Uint8Array,
): Result<OpenedMessage, RatchetReason> {
  const header = suite.readHeader(message);
  if (!header.ok) return header;
  const place = state.receiving.findLastIndex(({ remote }) => sameBytes(remote, header.value.key));
  const chain = state.receiving[place];
  if (chain === undefined) return openInNewChain(suite, state, header.value, message, ad);
  const opened = openInChain(suite, chain, header.value.index, message, ad);
  if (!opened.ok) return opened;
  const receiving = withinBounds(state.receiving.with(place, opened.value.chain));
  return ok({ state: { ...state, receiving }, plaintext: opened.value.plaintext });
}

function openInChain(
  suite: RatchetSuite,
  chain: ReceivingChain,
  index: number,
  message: Uint8Array,
  ad: Uint8Array,
): Result<{ readonly chain: ReceivingChain; readonly plaintext: Uint8Array }, RatchetReason> {
  const taken = takeKey(suite, chain, index);
  if (!taken.ok) return taken;
  const opened = suite.open(taken.value.messageKey, message, ad);
  return opened.ok ? ok({ chain: taken.value.chain, plaintext: opened.value }) : opened;
}

/** The other took its turn: a Diffie-Hellman step. The chain before it is closed only after this message opened. */
function openInNewChain(
  suite: RatchetSuite,
  state: RatchetState,
  header: RatchetHeader,
  message: Uint8Array,
  ad: Uint8Array,
): Result<OpenedMessage, RatchetReason> {
  const { turn } = state;
  if (turn.t === "turning") return refuse("ratchet.not-authentic");
  const step = rootStep(suite, turn.root, turn.self, header.key);
  if (!step.ok) return step;
  const fresh = { remote: header.key.slice(), chain: { key: step.value.chainKey, index: 0 }, skipped: [] };
  const opened = openInChain(suite, fresh, header.index, message, ad);
  if (!opened.ok) return opened;
  const closed = state.receiving.length === 0 ? ok([]) : closeNewest(suite, state.receiving, header.previousCount);
  if (!closed.ok) return closed;
  const previousCount = turn.t === "sending" ? turn.chain.index : 0;
  return ok({
    state: {
      turn: { t: "turning", root: step.value.root, remote: fresh.remote, previousCount },
      receiving: withinBounds([...closed.value, opened.value.chain]),
    },
    plaintext: opened.value.plaintext,
  });
}

function closeNewest(
  suite: RatchetSuite,
  receiving: readonly ReceivingChain[],
  count: number,
): Result<readonly ReceivingChain[], "ratchet.too-far-ahead"> {
  const closed = closeChain(suite, receiving.at(-1)!, count);
  return closed.ok ? ok(receiving.with(-1, closed.value)) : closed;
}

type Sending = Extract<Turn, { t: "sending" }>;

/** [RAT2] A fresh key pair for the first message after the other's turn, then the chain that is there. */
function takeTurn(suite: RatchetSuite, turn: Turn, { rng }: Env): Sending {
  if (turn.t === "sending") return turn;
  if (turn.t === "waiting") throw new Error("a responder seals only after it has opened");
  const self = x25519Key(rng.bytes(32));
  const step = rootStep(suite, turn.root, self, turn.remote);
  if (!step.ok) throw new Error("a ratchet key that was accepted is of low order");
  const { root, chainKey } = step.value;
  return { t: "sending", root, self, chain: { key: chainKey, index: 0 }, previousCount: turn.previousCount };
}

function rootStep(
  suite: RatchetSuite,
  root: Uint8Array,
  self: DhKey,
  remote: Uint8Array,
): Result<{ readonly root: Uint8Array; readonly chainKey: Uint8Array }, "ratchet.not-authentic"> {
  const shared = x25519Shared(self.secret, remote);
  if (!shared.ok) return refuse("ratchet.not-authentic");
  const derived = hkdfSha256(shared.value, root, suite.rootInfo, 64);
  return ok({ root: derived.slice(0, 32), chainKey: derived.slice(32) });
}
