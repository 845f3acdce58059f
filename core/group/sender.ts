/**
 * One's own chain in a channel. States are plain data and never changed; whoever holds one keeps the returned one, in
 * its store before anything is sent. SPEC section 6a.
 */
import { sign, signingKey } from "../crypto/sign.ts";
import { LABELS } from "../crypto/labels.ts";
import { ok, refuse, type Result } from "../errors.ts";
import type { ChannelId, DeviceId } from "../ids.ts";
import type { LocalDevice } from "../identity/identity.ts";
import { GROUP } from "../limits.ts";
import type { Env } from "../ports.ts";
import { sameBytes } from "../wire/bytes.ts";
import { distributionCodec } from "../wire/distribution.ts";
import { type BlockHead, encodeGroupEnvelope } from "../wire/groupEnvelope.ts";
import { holdersRecord, type SenderRecord, senderRecord } from "../wire/groupRecords.ts";
import { pad } from "../wire/padding.ts";
import type { WireReason } from "../wire/schema.ts";
import { blockDigest, leafDigest, treeOf } from "./block.ts";
import { type ChainKey, homeOf, sealOne, stepChain } from "./chain.ts";
import { claim } from "./distribution.ts";
import { compareHolders, type Devices } from "./holders.ts";

export interface GroupSender extends SenderRecord {
  /** Every device that this chain was handed to, or is being handed to. */
  readonly holders: Devices;
}

/** A chain on its way to those who lack it: over the pairwise session with each of `devices`. */
export interface Handover {
  readonly devices: readonly DeviceId[];
  /** An encoded distribution, the same for all. */
  readonly message: Uint8Array;
}

export interface SealedGroup {
  readonly state: GroupSender;
  /** One for each plaintext, in its order. */
  readonly envelopes: readonly Uint8Array[];
  /** The 32-byte key that opens each of them. The state has none of them any more. */
  readonly messageKeys: readonly Uint8Array[];
  /** `null` when everybody entitled has the chain. It opens the envelopes, so it may go first or after. */
  readonly handover: Handover | null;
}

/**
 * [SK3] [SK4] Seals 1 to `GROUP.maxBlock` plaintexts under one signature, for the devices `entitled`; our own may be
 * among them. Without a state, or with one whose chain must not go on, a fresh chain begins. Throws on other counts,
 * on plaintexts that fit no padding and on the state of another channel or device: those are bugs.
 */
export function sealGroup(
  state: GroupSender | null,
  channel: ChannelId,
  device: LocalDevice,
  entitled: Devices,
  plaintexts: readonly Uint8Array[],
  env: Env,
): SealedGroup {
  const count = plaintexts.length;
  if (count < 1 || count > GROUP.maxBlock) throw new RangeError(`a block has 1 to ${GROUP.maxBlock} messages`);
  if (entitled.size > GROUP.maxHolders) throw new RangeError(`a chain has at most ${GROUP.maxHolders} holders`);
  if (state !== null && (state.channel !== channel || state.device !== device.id)) {
    throw new Error("the chain is of another channel or device");
  }
  const reused = state !== null && mayGoOn(state, entitled, count, env.nowMs) ? state : null;
  const begun = reused ?? beginChain(channel, device, state, env);
  const missing = compareHolders(begun.holders, entitled).missing.filter((each) => each !== device.id);
  const handover = missing.length === 0 ? null : { devices: missing, message: exportSender(begun) };
  const { chain, previous, ...sealed } = sealBlock(begun, plaintexts, env);
  return { state: { ...begun, holders: entitled, chain, previous }, ...sealed, handover };
}

/**
 * [SK3] Hands the chain to who came since, without a message: from its next one on. `null` where nobody lacks it, and
 * where the next message begins a fresh chain anyway, which all are handed with it.
 */
export function handOver(
  state: GroupSender,
  entitled: Devices,
  nowMs: number,
): { readonly state: GroupSender; readonly handover: Handover } | null {
  const missing = compareHolders(state.holders, entitled).missing.filter((each) => each !== state.device);
  if (missing.length === 0 || entitled.size > GROUP.maxHolders || !mayGoOn(state, entitled, 1, nowMs)) return null;
  return { state: { ...state, holders: entitled }, handover: { devices: missing, message: exportSender(state) } };
}

/**
 * [SK3] The chain once more for a device that was handed it and lost it, from its next message on. `null` for whoever
 * is not among its holders, and where somebody is who may not be.
 */
export function handAgain(state: GroupSender, entitled: Devices, device: DeviceId): Handover | null {
  const isIn = state.holders.has(device) && entitled.has(device) && !compareHolders(state.holders, entitled).hasSurplus;
  return isIn ? { devices: [device], message: exportSender(state) } : null;
}

/** [SK7] What opens the chain from its next message on. */
export const exportSender = ({ channel, id, chain, signer, ownership, replaces }: GroupSender): Uint8Array =>
  distributionCodec.encode({
    channel,
    chain: id,
    index: chain.index,
    key: chain.key,
    signer: signer.publicKey,
    ownership,
    replaces,
  });

/** [SK3] The next message begins a fresh chain: somebody left who may hold this one without our knowing. */
export const retire = (state: GroupSender): GroupSender => ({ ...state, isRetired: true });

/** A chain goes on while nobody holds it who may not, and until its number of messages or its time is used up. */
function mayGoOn(state: GroupSender, entitled: Devices, count: number, nowMs: number): boolean {
  if (state.isRetired) return false;
  const ageMs = nowMs - state.startedAtMs;
  // A clock that was set back says nothing about the age.
  if (ageMs < 0 || ageMs >= GROUP.reseedAfterMs) return false;
  if (state.chain.index + count > GROUP.maxMessages) return false;
  return !compareHolders(state.holders, entitled).hasSurplus;
}

const NOBODY: Devices = new Set();

function beginChain(
  channel: ChannelId,
  device: LocalDevice,
  before: GroupSender | null,
  { nowMs, rng }: Env,
): GroupSender {
  const id = rng.bytes(16);
  const signer = signingKey(rng.bytes(32));
  return {
    channel,
    device: device.id,
    id,
    startedAtMs: nowMs,
    chain: { key: rng.bytes(32), index: 0 },
    signer,
    ownership: claim(device.signing, { channel, chain: id, signer: signer.publicKey }),
    previous: new Uint8Array(32),
    replaces: before === null ? null : { chain: before.id, count: before.chain.index },
    isRetired: false,
    holders: NOBODY,
  };
}

interface SealedBlock {
  readonly chain: ChainKey;
  readonly previous: Uint8Array;
  readonly envelopes: readonly Uint8Array[];
  readonly messageKeys: readonly Uint8Array[];
}

function sealBlock(state: GroupSender, plaintexts: readonly Uint8Array[], { rng }: Env): SealedBlock {
  const home = homeOf(state.channel, state.device);
  const head: BlockHead = {
    chain: state.id,
    first: state.chain.index,
    count: plaintexts.length,
    // A key seals once; should a store be set back and a key come again, it comes with another nonce.
    nonce: rng.bytes(12),
    previous: state.previous,
  };
  let chain: ChainKey = state.chain;
  const messageKeys: Uint8Array[] = [];
  const ciphertexts = plaintexts.map((plaintext) => {
    const { messageKey, next } = stepChain(chain);
    const place = { home, chain: state.id, index: chain.index };
    chain = next;
    messageKeys.push(messageKey);
    return sealOne(messageKey, head.nonce, pad(plaintext), place);
  });
  const tree = treeOf(ciphertexts.map((each, position) => leafDigest(head.first + position, head.nonce, each)));
  const digest = blockDigest(home, head, tree.root);
  const signature = sign(state.signer, LABELS.groupBlock, digest);
  const envelopes = ciphertexts.map((ciphertext, position) =>
    encodeGroupEnvelope({ ...head, position, signature, path: tree.path(position), ciphertext })
  );
  return { chain, previous: digest, envelopes, messageKeys };
}

/** The small record, which changes with every message. */
export const encodeSender = (state: GroupSender): Uint8Array => senderRecord.encode(state);

/** The record of who holds the chain: to be written when `holders` is another set than before. */
export const encodeHolders = ({ id, holders }: GroupSender): Uint8Array =>
  holdersRecord.encode({ chain: id, devices: [...holders] });

/** Refused when the two records are not of one chain, or its key pair is none. */
export function decodeSender(sender: Uint8Array, holders: Uint8Array): Result<GroupSender, WireReason> {
  const record = senderRecord.decode(sender);
  if (!record.ok) return record;
  const holding = holdersRecord.decode(holders);
  if (!holding.ok) return holding;
  const { signer, id } = record.value;
  const isWhole = sameBytes(holding.value.chain, id) &&
    sameBytes(signingKey(signer.secret).publicKey, signer.publicKey);
  return isWhole ? ok({ ...record.value, holders: new Set(holding.value.devices) }) : refuse("wire.wrong-shape");
}
