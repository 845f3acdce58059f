/** Logs of several members with links between them, on which frames travel as bytes: late, twice, or not at all. */
import type { Reason } from "../../core/errors.ts";
import type { OpLog } from "../../core/log/log.ts";
import {
  type LogSync,
  openSync,
  syncDueAtMs,
  type SyncStep,
  syncStep,
  syncTick,
  tellHeads,
} from "../../core/log/sync.ts";
import { logSyncCodec, type LogSyncFrame } from "../../core/wire/logSync.ts";
import { must } from "./world.ts";

interface Sent {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

export class SyncNet {
  nowMs = 1_000;
  frames = 0;
  sizeBytes = 0;
  readonly refused: Reason[] = [];
  queue: Sent[] = [];
  private readonly states = new Map<string, LogSync>();

  /** `hostile` answers in the place of one member. */
  constructor(
    readonly logs: OpLog[],
    private readonly hostile: { at: number; answer(frame: LogSyncFrame): readonly LogSyncFrame[] } | null = null,
  ) {}

  /** New links between all, as after a cut: nothing of what was under way is left. */
  open(): void {
    this.queue = [];
    this.each((at, other) => {
      if (at !== this.hostile?.at) this.done(at, other, openSync(this.logs[at]!, this.nowMs));
    });
  }

  /** `fate` says how often the frame that was picked arrives. */
  deliver(pick: (count: number) => number = () => 0, fate: () => number = () => 1): void {
    const [sent] = this.queue.splice(pick(this.queue.length), 1);
    for (let times = fate(); times > 0; times--) this.arrive(sent!);
  }

  /** Until nothing is on its way and nothing is due; `false` where that takes more frames. */
  settle(maxFrames: number): boolean {
    const start = this.frames;
    for (;;) {
      while (this.queue.length > 0) {
        this.deliver();
        if (this.frames - start > maxFrames) return false;
      }
      const due = [...this.states.values()].map(syncDueAtMs).filter((atMs) => atMs !== null);
      if (due.length === 0) return true;
      this.nowMs = Math.max(this.nowMs, Math.min(...due));
      this.tick();
    }
  }

  tick(): void {
    this.each((at, other) => {
      const state = this.states.get(`${at} ${other}`);
      if (state !== undefined) this.done(at, other, syncTick(this.logs[at]!, state, this.nowMs));
    });
  }

  state(at: number, other: number): LogSync {
    return this.states.get(`${at} ${other}`)!;
  }

  send(from: number, to: number, frame: LogSyncFrame): void {
    const bytes = logSyncCodec.encode(frame);
    must(logSyncCodec.decode(bytes));
    this.queue.push({ from, to, bytes });
    this.frames++;
    this.sizeBytes += bytes.length;
  }

  private arrive({ from, to, bytes }: Sent): void {
    const frame = must(logSyncCodec.decode(bytes));
    if (to === this.hostile?.at) {
      for (const answer of this.hostile.answer(frame)) this.send(to, from, answer);
      return;
    }
    this.done(to, from, syncStep(this.logs[to]!, this.state(to, from), frame, this.nowMs));
  }

  private done(at: number, other: number, step: SyncStep): void {
    const isGrown = step.log !== this.logs[at];
    this.logs[at] = step.log;
    this.states.set(`${at} ${other}`, step.state);
    if (step.refused !== null) this.refused.push(step.refused);
    for (const frame of step.send) this.send(at, other, frame);
    if (!isGrown) return;
    for (let third = 0; third < this.logs.length; third++) {
      const state = this.states.get(`${at} ${third}`);
      if (state !== undefined) this.done(at, third, tellHeads(step.log, state));
    }
  }

  private each(visit: (at: number, other: number) => void): void {
    for (let at = 0; at < this.logs.length; at++) {
      for (let other = 0; other < this.logs.length; other++) if (other !== at) visit(at, other);
    }
  }
}
