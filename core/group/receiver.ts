/**
 * The chains of one other device in a channel. States are plain data and never changed: a function returns the next
 * one, and only when the message at hand was authentic. SPEC section 6a.
 */
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import type { ChannelId, DeviceId } from "../ids.ts";
import { sameBytes } from "../wire/bytes.ts";
import { decodeGroupEnvelope, type GroupEnvelope } from "../wire/groupEnvelope.ts";
import { type GroupReceiver, receiverRecord, type ReceivingChain } from "../wire/groupRecords.ts";
import { unpad } from "../wire/padding.ts";
import type { WireReason } from "../wire/schema.ts";
import { homeOf, openOne } from "./chain.ts";
import { takeKey, withinBounds } from "./receivingKeys.ts";
import { authenticate, isToCome } from "./vouched.ts";

export type { GroupReceiver };

export const createReceiver = (channel: ChannelId, sender: DeviceId): GroupReceiver => ({
  channel,
  sender,
  chains: [],
});

export interface OpenedGroup {
  readonly receiver: GroupReceiver;
  readonly plaintext: Uint8Array;
  /** The message's number in its chain. */
  readonly index: number;
  /** The 32-byte key that opens this message and no other. It is in no later state: who needs it again keeps it. */
  readonly messageKey: Uint8Array;
}

export type OpenedMessage = Omit<OpenedGroup, "receiver">;

export type OpenGroupReason =
  | WireReason
  | Extract<
    Reason,
    | "group.unknown-chain"
    | "group.before-start"
    | "group.past-end"
    | "group.replayed"
    | "group.bad-signature"
    | "group.not-authentic"
  >;

/** [SK8] The plaintext of one message; a refusal leaves `receiver` the one to keep. */
export function openGroup(receiver: GroupReceiver, bytes: Uint8Array): Result<OpenedGroup, OpenGroupReason> {
  const found = find(receiver, bytes);
  if (!found.ok) return found;
  const { envelope, place } = found.value;
  const home = homeOf(receiver.channel, receiver.sender);
  const vouched = authenticate(receiver.chains[place]!, home, envelope);
  return vouched.ok ? decrypt(withVouched(receiver, place, vouched.value), home, found.value) : vouched;
}

export interface OpenedRun {
  readonly receiver: GroupReceiver;
  /** One for each envelope, in its order. */
  readonly results: readonly Result<OpenedMessage, OpenGroupReason>[];
}

/**
 * [SK10] Opens many messages at once, as if one by one. The newest is checked first, because it vouches for those
 * before it: a run without gaps costs one signature check.
 */
export function openRun(receiver: GroupReceiver, envelopes: readonly Uint8Array[]): OpenedRun {
  const results: Result<OpenedMessage, OpenGroupReason>[] = [];
  const authentic: { readonly at: number; readonly found: Found }[] = [];
  const home = homeOf(receiver.channel, receiver.sender);
  let state = receiver;
  for (const { at, found } of newestFirst(envelopes.map((bytes) => find(receiver, bytes)))) {
    const vouched = found.ok ? authenticate(state.chains[found.value.place]!, home, found.value.envelope) : found;
    if (!vouched.ok) results[at] = vouched;
    else if (found.ok) {
      state = withVouched(state, found.value.place, vouched.value);
      authentic.push({ at, found: found.value });
    }
  }
  for (const { at, found } of authentic.reverse()) {
    const opened = decrypt(state, home, found);
    if (opened.ok) {
      const { receiver: next, ...message } = opened.value;
      state = next;
      results[at] = ok(message);
    } else results[at] = opened;
  }
  return { receiver: results.some(({ ok }) => ok) ? state : receiver, results };
}

interface Found {
  readonly envelope: GroupEnvelope;
  readonly index: number;
  /** Of the chain among the receiver's. */
  readonly place: number;
}

function newestFirst(found: readonly Result<Found, OpenGroupReason>[]) {
  const index = (result: Result<Found, OpenGroupReason>) => (result.ok ? result.value.index : -1);
  return found.map((result, at) => ({ at, found: result }))
    .sort((a, b) => index(b.found) - index(a.found) || b.at - a.at);
}

/** The chain that the message says it is of, if it can still be opened there. Nothing in it is authenticated yet. */
function find({ chains }: GroupReceiver, bytes: Uint8Array): Result<Found, OpenGroupReason> {
  const envelope = decodeGroupEnvelope(bytes);
  if (!envelope.ok) return envelope;
  const index = envelope.value.first + envelope.value.position;
  const place = chains.findIndex(({ id }) => sameBytes(id, envelope.value.chain));
  const chain = chains[place];
  if (chain === undefined) return refuse("group.unknown-chain");
  if (index < chain.start) return refuse("group.before-start");
  if (index >= chain.end) return refuse("group.past-end");
  return isToCome(chain, index) ? ok({ envelope: envelope.value, index, place }) : refuse("group.replayed");
}

function decrypt(
  receiver: GroupReceiver,
  home: Uint8Array,
  { envelope, index, place }: Found,
): Result<OpenedGroup, OpenGroupReason> {
  const chain = receiver.chains[place]!;
  const taken = takeKey(chain, index);
  if (!taken.ok) return taken;
  const { messageKey } = taken.value;
  const padded = openOne(messageKey, envelope.nonce, envelope.ciphertext, { home, chain: chain.id, index });
  if (!padded.ok) return refuse("group.not-authentic");
  const plaintext = unpad(padded.value);
  if (!plaintext.ok) return plaintext;
  const chains = withinBounds(receiver.chains.with(place, taken.value.chain));
  return ok({ receiver: { ...receiver, chains }, plaintext: plaintext.value, index, messageKey });
}

const withVouched = (receiver: GroupReceiver, place: number, vouched: ReceivingChain["vouched"]): GroupReceiver => ({
  ...receiver,
  chains: receiver.chains.with(place, { ...receiver.chains[place]!, vouched }),
});

/** The id of the chain that an envelope says it is of: to find its sender by, and no more. */
export function peekChain(bytes: Uint8Array): Result<Uint8Array, WireReason> {
  const peeked = peekMessage(bytes);
  return peeked.ok ? ok(peeked.value.chain) : peeked;
}

/** Which message of which chain it says it is: to find its key by. Nothing in it is authenticated. */
export function peekMessage(
  bytes: Uint8Array,
): Result<{ readonly chain: Uint8Array; readonly index: number }, WireReason> {
  const envelope = decodeGroupEnvelope(bytes);
  if (!envelope.ok) return envelope;
  const { chain, first, position } = envelope.value;
  return ok({ chain, index: first + position });
}

export const encodeReceiver = (receiver: GroupReceiver): Uint8Array => receiverRecord.encode(receiver);
export const decodeReceiver = (bytes: Uint8Array): Result<GroupReceiver, WireReason> => receiverRecord.decode(bytes);
