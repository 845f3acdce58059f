/**
 * A log of ours and the one of a peer, brought together: pure, and for one peer. Several run side by side, each with the
 * log as it is by then. Nothing of the state has to outlive the link: it is made anew from the log. SPEC section 20.
 */
import type { Reason } from "../errors.ts";
import type { DeviceId, OpId } from "../ids.ts";
import { SYNC } from "../limits.ts";
import type { LogSyncFrame } from "../wire/logSync.ts";
import { isKnown, type LoggedOp, missingParents, type OpLog, receiveInOrder } from "./log.ts";
import { type Allowance, refilled, serve } from "./serving.ts";
import { decodeOp } from "./signedOp.ts";
import { claimedBy, frontier } from "./walk.ts";

type Phase =
  | { readonly t: "idle" }
  /** An answer is due until `untilMs`. */
  | { readonly t: "wanting"; readonly ids: readonly OpId[]; readonly logSize: number; readonly untilMs: number }
  | { readonly t: "comparing"; readonly after: DeviceId | null; readonly pages: number; readonly untilMs: number }
  /** Nothing is asked until then. */
  | { readonly t: "paused"; readonly untilMs: number };

export interface LogSync {
  readonly phase: Phase;
  /** Of the last request. */
  readonly number: number;
  readonly unanswered: number;
  /** The peer has said its heads. */
  readonly isHeard: boolean;
  /** [SYNC2] Heads that the peer says it has. */
  readonly wanted: ReadonlySet<OpId>;
  /** [SYNC6] Parents that the peer does not have. */
  readonly tried: ReadonlySet<OpId>;
  /** [SYNC4] What both have by the peer's vector; `null` while it was not needed. */
  readonly claimed: readonly OpId[] | null;
  /** [SYNC5] What both have, as the peer sent it. */
  readonly shared: readonly OpId[];
  /** The heads that the peer was told last. */
  readonly told: ReadonlySet<OpId>;
  readonly served: Allowance;
  readonly waste: Allowance;
}

export interface SyncStep {
  readonly log: OpLog;
  readonly state: LogSync;
  /** What came into the log, each after what it follows. */
  readonly added: readonly LoggedOp[];
  readonly send: readonly LogSyncFrame[];
  /** What the peer did that an honest one does not, or does seldom: to be counted. The state stands all the same. */
  readonly refused: Reason | null;
}

const quiet = (log: OpLog, state: LogSync, refused: Reason | null = null): SyncStep => ({
  log,
  state,
  added: [],
  send: [],
  refused,
});

/** A link to a member stands: says what heads we have. */
export function openSync(log: OpLog, nowMs: number): SyncStep {
  const state: LogSync = {
    phase: { t: "idle" },
    number: 0,
    unanswered: 0,
    isHeard: false,
    wanted: new Set(),
    tried: new Set(),
    claimed: null,
    shared: [],
    told: log.heads,
    served: { bytes: SYNC.servedBurstBytes, atMs: nowMs },
    waste: { bytes: SYNC.wasteBurstBytes, atMs: nowMs },
  };
  return { ...quiet(log, state), send: headsOf(log) };
}

/** [SYNC2] The log has grown, by whatever way: tells the peer, unless it was told. */
export function tellHeads(log: OpLog, state: LogSync): SyncStep {
  if (state.told === log.heads) return quiet(log, state);
  return { ...quiet(log, { ...state, told: log.heads }), send: headsOf(log) };
}

function headsOf(log: OpLog): readonly LogSyncFrame[] {
  const heads = frontier(log, log.heads, SYNC.maxHeadFrames * SYNC.maxIds);
  const frames: LogSyncFrame[] = [];
  for (let at = 0; at < heads.length; at += SYNC.maxIds) {
    frames.push({ t: "heads", ids: heads.slice(at, at + SYNC.maxIds) });
  }
  return frames;
}

export function syncStep(log: OpLog, state: LogSync, frame: LogSyncFrame, nowMs: number): SyncStep {
  switch (frame.t) {
    case "heads":
      return ask(
        log,
        { ...state, wanted: withHeads(log, state.wanted, frame.ids), unanswered: 0, isHeard: true },
        nowMs,
      );
    case "want":
    case "more": {
      const [answer, served] = serve(log, state.served, frame, nowMs);
      return { ...quiet(log, { ...state, served }), send: [answer] };
    }
    case "ops":
    case "vector":
    case "busy":
      return answered(log, state, frame, nowMs);
  }
}

/** Whether the peer has said its heads, and all that they follow is here. */
export const hasShownLog = (log: OpLog, { phase, isHeard, wanted }: LogSync): boolean =>
  isHeard && phase.t === "idle" && [...wanted].every((id) => isKnown(log, id));

/** When `syncTick` is due, or `null`. */
export const syncDueAtMs = ({ phase }: LogSync): number | null => phase.t === "idle" ? null : phase.untilMs;

/** [SYNC8] A pause has ended, or no answer came. Before that it does nothing. */
export function syncTick(log: OpLog, state: LogSync, nowMs: number): SyncStep {
  const { phase } = state;
  if (phase.t === "idle" || nowMs < phase.untilMs) return quiet(log, state);
  const idle = { ...state, phase: { t: "idle" } } as const;
  if (phase.t === "paused") return ask(log, idle, nowMs);
  const step = unmet(log, idle);
  return step.state.unanswered === SYNC.maxUnanswered
    ? step
    : { ...ask(log, step.state, nowMs), refused: step.refused };
}

/** [SYNC8] One more request that was not answered: after a few of them nothing is wanted of this peer. */
function unmet(log: OpLog, state: LogSync): SyncStep {
  const unanswered = state.unanswered + 1;
  if (unanswered < SYNC.maxUnanswered) return quiet(log, { ...state, unanswered }, "sync.silent");
  return quiet(log, { ...state, unanswered, wanted: new Set(), phase: { t: "idle" } }, "sync.silent");
}

function withHeads(log: OpLog, wanted: ReadonlySet<OpId>, ids: readonly OpId[]): ReadonlySet<OpId> {
  const more = new Set(wanted);
  for (const id of ids) if (!isKnown(log, id) && more.size < SYNC.maxKept) more.add(id);
  return more;
}

/** [SYNC3] The next request, if there is something to ask for and none is under way. */
function ask(log: OpLog, before: LogSync, nowMs: number): SyncStep {
  if (before.phase.t !== "idle") return quiet(log, before);
  const wanted = new Set([...before.wanted].filter((id) => !isKnown(log, id)));
  const parents = [...missingParents(log)].filter((id) => !before.tried.has(id));
  const ids = [...new Set([...wanted, ...parents])].slice(0, SYNC.maxWanted);
  if (ids.length === 0) return quiet(log, { ...before, wanted, claimed: null });
  const number = before.number + 1;
  const strict = before.claimed === null;
  const have = strict
    ? frontier(log, log.heads, SYNC.maxIds)
    : [...before.claimed!.slice(0, SYNC.maxIds - before.shared.length), ...before.shared];
  const phase = { t: "wanting", ids, logSize: log.ops.size, untilMs: nowMs + SYNC.answerTimeoutMs } as const;
  return { ...quiet(log, { ...before, wanted, number, phase }), send: [{ t: "want", number, ids, have, strict }] };
}

type AnswerFrame = Extract<LogSyncFrame, { readonly t: "ops" | "vector" | "busy" }>;

function answered(log: OpLog, state: LogSync, frame: AnswerFrame, nowMs: number): SyncStep {
  const { phase } = state;
  const isDue = phase.t === "wanting" || phase.t === "comparing";
  if (!isDue || frame.number !== state.number) return quiet(log, state, "sync.unasked");
  if (frame.t === "busy") {
    const untilMs = nowMs + Math.max(SYNC.minRetryAfterMs, frame.retryAfterMs);
    return unmet(log, { ...state, phase: { t: "paused", untilMs } });
  }
  if (frame.t === "ops") {
    return phase.t === "wanting" ? took(log, state, phase, frame.ops, nowMs) : quiet(log, state, "sync.unasked");
  }
  if (phase.t === "wanting" && state.claimed !== null) return quiet(log, state, "sync.unasked");
  return compared(log, state, frame, nowMs);
}

/** [SYNC4] One page of the peer's vector; then the next, or the want anew with what both should have. */
function compared(
  log: OpLog,
  state: LogSync,
  { entries, more }: Extract<AnswerFrame, { readonly t: "vector" }>,
  nowMs: number,
): SyncStep {
  const { phase } = state;
  const after = phase.t === "comparing" ? phase.after : null;
  const pages = phase.t === "comparing" ? phase.pages + 1 : 1;
  const isAscending = entries.every(({ device }, at) => {
    const before = at === 0 ? after : entries[at - 1]!.device;
    return before === null || before < device;
  });
  const claims = isAscending ? claimedBy(log, entries) : [];
  const claimed = frontier(log, [...state.claimed ?? [], ...claims], SYNC.maxIds);
  const last = entries.at(-1);
  if (!isAscending || !more || last === undefined || pages >= SYNC.maxVectorPages) {
    const step = ask(log, { ...state, unanswered: 0, claimed, phase: { t: "idle" } }, nowMs);
    return isAscending ? step : { ...step, refused: "sync.bad-vector" };
  }
  const number = state.number + 1;
  const next = { t: "comparing", after: last.device, pages, untilMs: nowMs + SYNC.answerTimeoutMs } as const;
  return {
    ...quiet(log, { ...state, unanswered: 0, claimed, number, phase: next }),
    send: [{ t: "more", number, after: last.device }],
  };
}

/** [SYNC5] [SYNC6] Ops that were asked for: each answer has to bring something, or these ids are given up. */
function took(
  before: OpLog,
  state: LogSync,
  { ids, logSize }: Extract<Phase, { readonly t: "wanting" }>,
  ops: readonly Uint8Array[],
  nowMs: number,
): SyncStep {
  const { log, added, refused } = receiveInOrder(before, ops);
  const waste = refilled(state.waste, SYNC.wasteBytesPerS, SYNC.wasteBurstBytes, nowMs);
  const usefulBytes = added.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const wastedBytes = Math.max(0, ops.reduce((sum, { length }) => sum + length, 0) - usefulBytes);
  const shared = frontier(log, [...state.shared, ...idsIn(log, ops)], SYNC.maxIds / 2);
  const next = { ...state, unanswered: 0, shared, waste: { ...waste, bytes: waste.bytes - wastedBytes } };
  const reason = refused[0]?.reason ?? null;
  const brought = (step: SyncStep): SyncStep => ({ ...step, added, refused: step.refused ?? reason });
  if (next.waste.bytes < 0) {
    const pauseMs = Math.ceil(-next.waste.bytes * 1000 / SYNC.wasteBytesPerS);
    return brought(quiet(log, { ...next, phase: { t: "paused", untilMs: nowMs + pauseMs } }, "sync.wasteful"));
  }
  const isGrown = log.ops.size > logSize || shared.some((id) => !state.shared.includes(id));
  if (isGrown || ids.every((id) => log.ops.has(id))) return brought(ask(log, { ...next, phase: { t: "idle" } }, nowMs));
  const wanted = new Set([...state.wanted].filter((id) => !ids.includes(id)));
  const tried = new Set([...state.tried, ...ids.filter((id) => !state.wanted.has(id))].slice(-SYNC.maxTried));
  const phase = { t: "paused", untilMs: nowMs + SYNC.fruitlessPauseMs } as const;
  return brought(quiet(log, { ...next, wanted, tried, phase }, "sync.fruitless"));
}

function idsIn(log: OpLog, ops: readonly Uint8Array[]): readonly OpId[] {
  return ops.flatMap((bytes) => {
    const decoded = decodeOp(bytes);
    return decoded.ok && log.ops.has(decoded.value.id) ? [decoded.value.id] : [];
  });
}
