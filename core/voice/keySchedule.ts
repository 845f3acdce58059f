/**
 * The media keys of one call. Each member seals with a secret of its own and hands it to every other member, wrapped
 * under their pairwise key. Replacing it never interrupts the sound: the next secret is announced ahead, and used when
 * all hold it or when the bound is reached.
 */
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import type { CallId, DeviceId } from "../ids.ts";
import { VOICE } from "../limits.ts";
import type { Env } from "../ports.ts";
import { bytesUint } from "../wire/bytes.ts";
import type { CallControl } from "../wire/callControl.ts";
import type { CallPeer, KeyCommand } from "./action.ts";
import { type Pairwise, unwrapMediaSecret, wrapMediaSecret } from "./keyAgreement.ts";
import { admitKey, expireKeys, hasKey, nextExpiryMs, type ReceivingKeys, senderBits } from "./receivingKeys.ts";
import { GENERATION_BITS, generationOf, kidOf, senderOf, voiceKey } from "./voiceKey.ts";

export type KeyControl = Extract<CallControl, { t: "key" | "keyAck" }>;

/** One of our own secrets. */
interface OwnSecret {
  readonly kid: number;
  /** 32 bytes. */
  readonly secret: Uint8Array;
  readonly sinceMs: number;
}

interface PeerKeys {
  readonly peer: CallPeer;
  readonly pairwise: Pairwise;
  /** The newest of our keys that this peer acknowledged. */
  readonly ackedKid: number | null;
  /** When what it lacks was last sent to it. */
  readonly announcedAtMs: number;
  readonly receiving: ReceivingKeys;
}

export interface KeySchedule {
  readonly call: CallId;
  readonly current: OwnSecret;
  /** Announced, and not in use. */
  readonly next: OwnSecret | null;
  /** Packets sealed with `current`. */
  readonly sealedPackets: number;
  readonly peers: ReadonlyMap<DeviceId, PeerKeys>;
}

export interface KeyStep {
  readonly state: KeySchedule;
  readonly send: readonly { readonly to: CallPeer; readonly control: KeyControl }[];
  readonly install: readonly KeyCommand[];
}

export type KeyReason = Extract<
  Reason,
  "call.unknown" | "crypto.not-authentic" | "voice.too-old" | "voice.unknown-key"
>;

/** A packet each 10 ms: those that may follow while an announcement is on its way. */
const ANNOUNCE_AHEAD_PACKETS = VOICE.announceAheadMs / 10;
const MAX_GENERATION = 2 ** GENERATION_BITS - 1;

/** Our side of a call before anybody else is in it. */
export function startKeys(call: CallId, env: Env): KeyStep {
  const kid = kidOf(bytesUint(env.rng.bytes(4)), 0);
  const current = { kid, secret: env.rng.bytes(32), sinceMs: env.nowMs };
  const state = { call, current, next: null, sealedPackets: 0, peers: new Map() };
  return { state, send: [], install: [useSendingKey(state)] };
}

/**
 * A pairwise key with `peer` was agreed. The first peer gets the current secret; in a call that is under way a newcomer
 * gets the next one, so that it opens nothing of what was said before.
 */
export function addPeer(state: KeySchedule, peer: CallPeer, pairwise: Pairwise, env: Env): KeyStep {
  if (state.peers.size >= VOICE.maxPeers && !state.peers.has(peer.device)) return quiet(state);
  const first = state.peers.size === 0;
  const added = withPeer(state, { peer, pairwise, ackedKid: null, announcedAtMs: env.nowMs, receiving: [] });
  if (!first) return announceNext(added, env);
  return { state: added, send: [announcement(added, added.peers.get(peer.device)!)], install: [] };
}

/** The peer is gone: nothing of it is opened any more, and nothing that is sealed from now on can be opened by it. */
export function removePeer(state: KeySchedule, device: DeviceId, env: Env): KeyStep {
  const gone = state.peers.get(device);
  if (gone === undefined) return quiet(state);
  const peers = new Map(state.peers);
  peers.delete(device);
  const drops = dropCommands(state.call, gone.receiving.map(({ kid }) => kid));
  const announced = announceNext({ ...state, peers }, env);
  const used = switchToNext(announced.state, env.nowMs);
  return { state: used.state, send: announced.send, install: [...drops, ...used.install] };
}

/** A control message about keys from `from`, which the ratchet vouches for. */
export function receiveKeyControl(
  state: KeySchedule,
  from: DeviceId,
  control: KeyControl,
  env: Env,
): Result<KeyStep, KeyReason> {
  const peer = state.peers.get(from);
  if (peer === undefined || control.call !== state.call) return refuse("call.unknown");
  return control.t === "key" ? receiveKey(state, peer, control, env) : receiveAck(state, peer, control.kid, env);
}

/** How many packets the current sending key has sealed so far. */
export function countSealed(state: KeySchedule, packets: number, env: Env): KeyStep {
  return tickKeys({ ...state, sealedPackets: packets }, env);
}

/** Whatever is due at `env.nowMs`: an announcement, the switch, a repetition, the end of an old key. */
export function tickKeys(state: KeySchedule, env: Env): KeyStep {
  const announced = announcementDue(state, env.nowMs) ? announceNext(state, env) : quiet(state);
  const switched = switchDue(announced.state, env.nowMs)
    ? switchToNext(announced.state, env.nowMs)
    : quiet(announced.state);
  const repeated = repeatAnnouncements(switched.state, env.nowMs);
  const dropped = dropOldKeys(repeated.state, env.nowMs);
  return {
    state: dropped.state,
    send: [...announced.send, ...repeated.send],
    install: [...switched.install, ...dropped.install],
  };
}

/** When `tickKeys` next has something to do, in `env.nowMs` terms; `null` where nobody is in the call. */
export function keyDeadlineMs(state: KeySchedule): number | null {
  if (state.peers.size === 0) return null;
  let deadlineMs = state.next === null ? announceAtMs(state) : state.next.sinceMs + VOICE.announceAheadMs;
  for (const peer of state.peers.values()) {
    if (peer.ackedKid !== wanted(state).kid) deadlineMs = Math.min(deadlineMs, peer.announcedAtMs + VOICE.keyResendMs);
    deadlineMs = Math.min(deadlineMs, nextExpiryMs(peer.receiving));
  }
  return deadlineMs;
}

/** How many of the people in the call, ourselves among them, hold the key that we seal with. */
export function keyCoverage(state: KeySchedule): { readonly holding: number; readonly total: number } {
  const holders = [...state.peers.values()].filter(({ ackedKid }) =>
    ackedKid !== null && ackedKid >= state.current.kid
  );
  return { holding: 1 + holders.length, total: 1 + state.peers.size };
}

/** Forgets every key of the call in the engine. */
export function endKeys(state: KeySchedule): readonly KeyCommand[] {
  return [...state.peers.values()].flatMap(({ receiving }) =>
    dropCommands(state.call, receiving.map(({ kid }) => kid))
  );
}

const quiet = (state: KeySchedule): KeyStep => ({ state, send: [], install: [] });

const wanted = (state: KeySchedule): OwnSecret => state.next ?? state.current;

const withPeer = (state: KeySchedule, peer: PeerKeys): KeySchedule => ({
  ...state,
  peers: new Map(state.peers).set(peer.peer.device, peer),
});

const useSendingKey = ({ call, current }: KeySchedule): KeyCommand => ({
  type: "UseSendingKey",
  call,
  key: voiceKey(current.kid, current.secret),
});

const dropCommands = (call: CallId, kids: readonly number[]): readonly KeyCommand[] =>
  kids.map((kid) => ({ type: "DropReceivingKey", call, kid: BigInt(kid) }));

function announcement(state: KeySchedule, { peer, pairwise }: PeerKeys): KeyStep["send"][number] {
  const { kid, secret } = wanted(state);
  const wrapped = wrapMediaSecret(pairwise.sealKey, state.call, kid, secret);
  return { to: peer, control: { t: "key", call: state.call, kid, wrapped } };
}

const announceAtMs = (state: KeySchedule): number => state.current.sinceMs + VOICE.rekeyAfterMs - VOICE.announceAheadMs;

const announcementDue = (state: KeySchedule, nowMs: number): boolean =>
  state.next === null && state.peers.size > 0 &&
  (nowMs >= announceAtMs(state) || state.sealedPackets >= VOICE.rekeyAfterPackets - ANNOUNCE_AHEAD_PACKETS);

/** A secret that was announced and overtaken may be known to who left: its generation is passed over. */
function announceNext(state: KeySchedule, env: Env): KeyStep {
  const generation = generationOf(wanted(state).kid) + 1;
  if (generation > MAX_GENERATION) throw new RangeError("a call cannot last longer than 65,536 keys");
  const kid = kidOf(senderOf(state.current.kid), generation);
  const next = { kid, secret: env.rng.bytes(32), sinceMs: env.nowMs };
  const peers = new Map([...state.peers].map(([device, peer]) => [device, { ...peer, announcedAtMs: env.nowMs }]));
  const announced = { ...state, next, peers };
  return { state: announced, send: [...peers.values()].map((peer) => announcement(announced, peer)), install: [] };
}

function switchDue(state: KeySchedule, nowMs: number): boolean {
  const { next } = state;
  if (next === null) return false;
  const allHoldIt = [...state.peers.values()].every(({ ackedKid }) => ackedKid === next.kid);
  return allHoldIt || nowMs >= next.sinceMs + VOICE.announceAheadMs || state.sealedPackets >= VOICE.rekeyAfterPackets;
}

function switchToNext(state: KeySchedule, nowMs: number): KeyStep {
  const current = { ...state.next!, sinceMs: nowMs };
  const switched = { ...state, current, next: null, sealedPackets: 0 };
  return { state: switched, send: [], install: [useSendingKey(switched)] };
}

function repeatAnnouncements(state: KeySchedule, nowMs: number): KeyStep {
  const lacking = [...state.peers.values()].filter((peer) =>
    peer.ackedKid !== wanted(state).kid && nowMs >= peer.announcedAtMs + VOICE.keyResendMs
  );
  const repeated = lacking.reduce((before, peer) => withPeer(before, { ...peer, announcedAtMs: nowMs }), state);
  return { state: repeated, send: lacking.map((peer) => announcement(state, peer)), install: [] };
}

function dropOldKeys(state: KeySchedule, nowMs: number): KeyStep {
  const install: KeyCommand[] = [];
  let next = state;
  for (const peer of state.peers.values()) {
    const { keys, dropped } = expireKeys(peer.receiving, nowMs);
    if (dropped.length === 0) continue;
    install.push(...dropCommands(state.call, dropped));
    next = withPeer(next, { ...peer, receiving: keys });
  }
  return { state: next, send: [], install };
}

function receiveKey(
  state: KeySchedule,
  peer: PeerKeys,
  { kid, wrapped }: Extract<KeyControl, { t: "key" }>,
  env: Env,
): Result<KeyStep, KeyReason> {
  const secret = unwrapMediaSecret(peer.pairwise.openKey, state.call, kid, wrapped);
  if (!secret.ok) return secret;
  const send = [{ to: peer.peer, control: { t: "keyAck", call: state.call, kid } as const }];
  if (hasKey(peer.receiving, kid)) return ok({ state, send, install: [] });
  if (!isSendersOwn(state, peer, kid)) return refuse("voice.unknown-key");
  const admitted = admitKey(peer.receiving, kid, env.nowMs);
  if (!admitted.ok) return admitted;
  const { keys, dropped } = admitted.value;
  const accept: KeyCommand = { type: "AcceptReceivingKey", call: state.call, key: voiceKey(kid, secret.value) };
  const install = [...dropCommands(state.call, dropped), accept];
  return ok({ state: withPeer(state, { ...peer, receiving: keys }), send, install });
}

/** A key id belongs to the sender who used its sender bits first, which are never ours. */
function isSendersOwn(state: KeySchedule, peer: PeerKeys, kid: number): boolean {
  const sender = senderOf(kid);
  if (sender === senderOf(state.current.kid)) return false;
  return [...state.peers.values()].every((other) => {
    const known = senderBits(other.receiving);
    return known === null || (known === sender) === (other === peer);
  });
}

function receiveAck(state: KeySchedule, peer: PeerKeys, kid: number, env: Env): Result<KeyStep, KeyReason> {
  if (kid !== state.current.kid && kid !== state.next?.kid) return refuse("voice.unknown-key");
  if (peer.ackedKid !== null && peer.ackedKid >= kid) return ok(quiet(state));
  const acked = withPeer(state, { ...peer, ackedKid: kid });
  return ok(switchDue(acked, env.nowMs) ? switchToNext(acked, env.nowMs) : quiet(acked));
}
