/**
 * The Double Ratchet (Signal, revision 3), with header encryption and with secrets mixed into the root where the suite
 * has them. States are plain data and never changed: a function returns the next state, and only when the message at
 * hand was authentic. SPEC section 6.
 */
import { type DhKey, isX25519Key, x25519Key, x25519Shared } from "../crypto/dh.ts";
import { hkdfSha256 } from "../crypto/kdf.ts";
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import type { Env } from "../ports.ts";
import { concat, sameBytes } from "../wire/bytes.ts";
import type { RatchetHeader, ReceivedHeader } from "../wire/ratchetHeader.ts";
import type { HeaderKeys, RatchetState, ReceivingChain, Turn } from "../wire/ratchetRecord.ts";
import { closeChain, stepChain, takeKey, withinBounds } from "./chain.ts";
import type { HeaderEncryption, RatchetSuite } from "./suite.ts";

export type { HeaderKeys, RatchetState };

export type RatchetReason = Extract<Reason, `ratchet.${string}` | "wire.malformed">;

/**
 * `root` is the handshake's secret, `remote` the responder's first ratchet key, not of low order. `headerKeys` come
 * from the handshake too, where the suite encrypts headers.
 */
export const initiatorRatchet = (
  root: Uint8Array,
  remote: Uint8Array,
  headerKeys: HeaderKeys | null = null,
): RatchetState => ({
  turn: { t: "turning", root, remote, previousCount: 0, next: headerKeys },
  receiving: [],
  mixed: 0,
  mix: null,
});

/** `self` is the key pair whose public half the initiator began with, `headerKeys` are as the initiator has them. */
export const responderRatchet = (
  root: Uint8Array,
  self: DhKey,
  headerKeys: HeaderKeys | null = null,
): RatchetState => ({
  turn: {
    t: "waiting",
    root,
    self,
    next: headerKeys === null ? null : { sending: headerKeys.receiving, receiving: headerKeys.sending },
  },
  receiving: [],
  mixed: 0,
  mix: null,
});

/** The next message. Throws in a responder that has not opened anything yet: it has nobody to seal for. */
export function sealMessage(
  suite: RatchetSuite,
  state: RatchetState,
  plaintext: Uint8Array,
  ad: Uint8Array,
  env: Env,
): { readonly state: RatchetState; readonly message: Uint8Array } {
  const taken = state.turn.t === "sending" ? state : takeTurn(suite, state, env);
  const turn = taken.turn as Sending;
  const { messageKey, next } = stepChain(suite, turn.chain);
  const { previousCount, mixed, chain } = turn;
  const header = { key: turn.self.publicKey, previousCount, index: chain.index, mixed };
  const message = sealWith(suite, turn.headerKey, messageKey, header, plaintext, ad, env);
  return { state: { ...taken, turn: { ...turn, chain: next } }, message };
}

function sealWith(
  suite: RatchetSuite,
  headerKey: Uint8Array | null,
  messageKey: Uint8Array,
  header: RatchetHeader,
  plaintext: Uint8Array,
  ad: Uint8Array,
  { rng }: Env,
): Uint8Array {
  const encryption = suite.headerEncryption;
  if (encryption === null) return suite.seal(messageKey, header, plaintext, ad);
  if (headerKey === null) throw new Error("a ratchet with encrypted headers has header keys");
  const sealed = encryption.seal(headerKey, rng.bytes(encryption.nonceBytes), header);
  return concat(sealed, suite.seal(messageKey, header, plaintext, concat(ad, sealed)));
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
  const found = suite.headerEncryption === null
    ? readHeader(suite, state, message, ad)
    : findHeader(suite.headerEncryption, state, message, ad);
  if (!found.ok) return found;
  const { place, header, body } = found.value;
  const chain = place === null ? undefined : state.receiving[place];
  if (place === null || chain === undefined) return openInNewChain(suite, state, header, body);
  const opened = openInChain(suite, chain, header.index, body);
  if (!opened.ok) return opened;
  const receiving = withinBounds(state.receiving.with(place, opened.value.chain));
  return ok({ state: { ...state, receiving }, plaintext: opened.value.plaintext });
}

/** What `suite.open` takes besides the key. */
interface Body {
  readonly message: Uint8Array;
  readonly ad: Uint8Array;
}

interface Found {
  /** The receiving chain that the message belongs to; `null` for a new one. */
  readonly place: number | null;
  readonly header: ReceivedHeader;
  readonly body: Body;
}

function readHeader(
  suite: RatchetSuite,
  state: RatchetState,
  message: Uint8Array,
  ad: Uint8Array,
): Result<Found, RatchetReason> {
  const header = suite.readHeader(message);
  if (!header.ok) return header;
  const place = state.receiving.findLastIndex(({ remote }) => sameBytes(remote, header.value.key));
  return ok({ place: place < 0 ? null : place, header: header.value, body: { message, ad } });
}

/** [RAT12] Tries the header keys: of the newest chain, of the next one, of those before. */
function findHeader(
  encryption: HeaderEncryption,
  { turn, receiving }: RatchetState,
  message: Uint8Array,
  ad: Uint8Array,
): Result<Found, RatchetReason> {
  const sealed = message.subarray(0, encryption.sealedBytes);
  if (sealed.length < encryption.sealedBytes) return refuse("wire.malformed");
  const found = (place: number | null, header: RatchetHeader) =>
    ok({ place, header, body: { message: message.subarray(sealed.length), ad: concat(ad, sealed) } });
  const newest = receiving.length - 1;
  for (let place = newest; place >= 0; place--) {
    const header = encryption.open(receiving[place]!.headerKey!, sealed);
    if (header !== null) return found(place, header);
    if (place < newest) continue;
    const next = openNext(encryption, turn, sealed);
    if (next !== null) return found(null, next);
  }
  const first = newest < 0 ? openNext(encryption, turn, sealed) : null;
  return first === null ? refuse("ratchet.not-authentic") : found(null, first);
}

/** While it is our turn the other cannot have begun a new chain. */
const openNext = (encryption: HeaderEncryption, turn: Turn, sealed: Uint8Array): RatchetHeader | null =>
  turn.t === "turning" ? null : encryption.open(turn.next!.receiving, sealed);

function openInChain(
  suite: RatchetSuite,
  chain: ReceivingChain,
  index: number,
  { message, ad }: Body,
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
  header: ReceivedHeader,
  body: Body,
): Result<OpenedMessage, RatchetReason> {
  const { turn } = state;
  if (turn.t === "turning") return refuse("ratchet.not-authentic");
  if (!isX25519Key(header.key)) return refuse("ratchet.bad-key");
  const secret = mixedIn(state, header);
  if (!secret.ok) return secret;
  const step = rootStep(suite, turn.root, turn.self, header.key, secret.value);
  if (!step.ok) return step;
  const { root, chainKey, headerKey } = step.value;
  const remote = header.key.slice();
  const fresh = {
    remote,
    headerKey: turn.next?.receiving ?? null,
    chain: { key: chainKey, index: 0 },
    skipped: [],
  };
  const opened = openInChain(suite, fresh, header.index, body);
  if (!opened.ok) return opened;
  const closed = state.receiving.length === 0 ? ok([]) : closeNewest(suite, state.receiving, header.previousCount);
  if (!closed.ok) return closed;
  const previousCount = turn.t === "sending" ? turn.chain.index : 0;
  const next = turn.next === null || headerKey === null ? null : { ...turn.next, receiving: headerKey };
  return ok({
    state: {
      ...afterMix(state, secret.value),
      turn: { t: "turning", root, remote, previousCount, next },
      receiving: withinBounds([...closed.value, opened.value.chain]),
    },
    plaintext: opened.value.plaintext,
  });
}

/** [RAT15] The secret that the other's turn says it mixed in: the one that we both know next, or none. */
function mixedIn(
  { mix }: RatchetState,
  { mixed = 0 }: ReceivedHeader,
): Result<Uint8Array | null, "ratchet.unknown-secret"> {
  if (mixed === 0) return ok(null);
  return mix?.by === "them" && mix.number === mixed ? ok(mix.secret) : refuse("ratchet.unknown-secret");
}

/** A secret that went into the root is forgotten. */
const afterMix = (state: RatchetState, secret: Uint8Array | null): RatchetState =>
  secret === null || state.mix === null ? state : { ...state, mixed: state.mix.number, mix: null };

function closeNewest(
  suite: RatchetSuite,
  receiving: readonly ReceivingChain[],
  count: number | null,
): Result<readonly ReceivingChain[], "ratchet.too-far-ahead"> {
  const closed = closeChain(suite, receiving.at(-1)!, count);
  return closed.ok ? ok(receiving.with(-1, closed.value)) : closed;
}

type Sending = Extract<Turn, { t: "sending" }>;

/** [RAT2] A fresh key pair for the first message after the other's turn, and the secret that waits to be mixed in. */
function takeTurn(suite: RatchetSuite, state: RatchetState, { rng }: Env): RatchetState {
  const { turn, mix } = state;
  if (turn.t !== "turning") throw new Error("a responder seals only after it has opened");
  const self = x25519Key(rng.bytes(32));
  const secret = mix?.by === "us" ? mix.secret : null;
  const step = rootStep(suite, turn.root, self, turn.remote, secret);
  if (!step.ok) throw new Error("a ratchet key that was accepted is of low order");
  const { root, chainKey, headerKey } = step.value;
  return {
    ...afterMix(state, secret),
    turn: {
      t: "sending",
      root,
      self,
      chain: { key: chainKey, index: 0 },
      previousCount: turn.previousCount,
      mixed: secret === null ? 0 : mix!.number,
      headerKey: turn.next?.sending ?? null,
      next: turn.next === null || headerKey === null ? null : { ...turn.next, sending: headerKey },
    },
  };
}

interface RootStep {
  readonly root: Uint8Array;
  readonly chainKey: Uint8Array;
  /** For the headers of the chain after the one that begins; `null` where headers are in clear. */
  readonly headerKey: Uint8Array | null;
}

function rootStep(
  suite: RatchetSuite,
  root: Uint8Array,
  self: DhKey,
  remote: Uint8Array,
  secret: Uint8Array | null,
): Result<RootStep, "ratchet.not-authentic" | "ratchet.unknown-secret"> {
  const shared = x25519Shared(self.secret, remote);
  if (!shared.ok) return refuse("ratchet.not-authentic");
  const { headerEncryption, postQuantum, rootInfo } = suite;
  if (secret !== null && postQuantum === null) return refuse("ratchet.unknown-secret");
  const input = secret === null ? shared.value : concat(shared.value, secret);
  const info = secret === null || postQuantum === null ? rootInfo : postQuantum.rootInfo;
  const derived = hkdfSha256(input, root, info, headerEncryption === null ? 64 : 96);
  return ok({
    root: derived.slice(0, 32),
    chainKey: derived.slice(32, 64),
    headerKey: headerEncryption === null ? null : derived.slice(64),
  });
}
