/**
 * [CNT9] What of a chain is shown now and was not before. It is what `judgeChain` shows of the whole chain, for the cost of
 * what is new, and of what the new can change.
 */
import type { ContentId, OpId } from "../../ids.ts";
import { isFloor, judge, listsOf, removedBy } from "../content.ts";
import { isForked } from "../contentChain.ts";
import { CONTENT_RULES, type ContentRule } from "../contentRule.ts";
import { above, below } from "../contentSync/ranges.ts";
import type { Era, Hindsight } from "../hindsight.ts";
import { judgeChain } from "../judgeChain.ts";
import type { DeviceShelf, Kept } from "./shelf.ts";

/** What was found of the first contents of a chain. */
interface Judged {
  readonly kept: DeviceShelf["kept"];
  readonly era: Era;
  readonly opCount: number;
  /** Of the author: how many. */
  readonly removals: number;
  /** [CNT7] Whose heads do not count for what comes after. Both sets are of this judgement alone, and go on with it. */
  readonly back: Set<ContentId>;
  /** Of what is not shown: what more ops may show, without any that speak of its author's removal. */
  readonly open: Set<ContentId>;
}

/** By the chain, in whatever form it is. */
const memo = new WeakMap<object, Judged>();

/** What the rules say of all of a chain. */
export const verdictsOn = (
  whole: Hindsight,
  { kept, chain, confirmed }: DeviceShelf,
): ReadonlyMap<ContentId, ContentRule> =>
  judgeChain(
    whole,
    [...kept.values()].map(({ id, content }) => ({
      id,
      content,
      isConfirmed: confirmed.has(id),
      isForked: isForked(chain, content.seq),
    })),
    chain.here,
  );

export function shownNow(whole: Hindsight, shelf: DeviceShelf): readonly ContentId[] {
  const [first] = shelf.kept.values();
  if (first === undefined) return [];
  const { channel, device } = first.content;
  const { root } = shelf.kept;
  const removed = removedBy(whole, device);
  const before = memo.get(root);
  const isGood = before !== undefined && before.era === whole.era && before.opCount <= whole.opCount &&
    before.removals === removed.length && shelf.kept.continues(before.kept);
  const [{ era, opCount }, { kept }] = [whole, shelf];
  const known = isGood ? before : { back: new Set<ContentId>(), open: new Set<ContentId>(), opCount, kept: null };
  const found = { kept, era, opCount, removals: removed.length, back: known.back, open: known.open };
  memo.set(root, found);
  const fresh = [...kept.after(known.kept?.size ?? 0)];
  const again = known.opCount < opCount ? [...known.open].map((id) => kept.get(id)!) : [];
  const top = Math.max(0, ...listsOf(whole, channel, device).map(({ seq }) => seq));
  const isPlain = whole.rulings.facts.introductions(device).length <= 1 &&
    [...fresh, ...again].every(({ content: { seq } }) => seq > top);
  const judgement = new Judgement(whole, shelf, found);
  return isPlain ? judgement.goOn(fresh, again) : judgement.all();
}

class Judgement {
  private readonly shown: ContentId[] = [];

  constructor(
    private readonly whole: Hindsight,
    private readonly shelf: DeviceShelf,
    private readonly found: Pick<Judged, "back" | "open">,
  ) {}

  /** Removals list something of these: what is new may tell of what comes before it. */
  all(): readonly ContentId[] {
    for (const [id, rule] of verdictsOn(this.whole, this.shelf)) this.note(id, rule);
    return this.shown;
  }

  goOn(fresh: readonly Kept[], again: readonly Kept[]): readonly ContentId[] {
    const { held: { ranges } } = this.shelf;
    const isNew = new Set(fresh.map(({ content: { seq } }) => seq));
    const numbers = new Set([...isNew, ...again.map(({ content: { seq } }) => seq)]);
    const due = [...numbers].sort((a, b) => b - a);
    for (let seq = due.pop(); seq !== undefined; seq = due.pop()) {
      if (!this.judgeNumber(seq) && !isNew.has(seq) && !this.isPassedOver(seq)) continue;
      const next = above(ranges, seq);
      if (next !== null && due.at(-1) !== next) due.push(next);
    }
    return this.shown;
  }

  /** Whether it counts otherwise for what comes after. */
  private judgeNumber(seq: number): boolean {
    const { whole, shelf: { chain, confirmed }, found: { back } } = this;
    const floor = this.floorOf(seq);
    let isMoved = false;
    for (const { id, content } of this.at(seq)) {
      const wasBack = back.has(id);
      const isConfirmed = confirmed.has(id);
      if (isConfirmed) this.mark(id, isFloor(whole, content, floor));
      else {
        const known = { floor, line: [], isReached: () => null, isConfirmed, isForked: isForked(chain, seq) };
        this.note(id, judge(whole, content, known));
      }
      if (wasBack !== back.has(id)) isMoved = true;
    }
    return isMoved;
  }

  private note(id: ContentId, rule: ContentRule): void {
    const { shelf: { confirmed }, found: { open } } = this;
    this.mark(id, rule !== "heads-go-back" && rule !== "unknown-heads");
    if (rule === "unknown-heads" || rule === "revoked-since") open.add(id);
    else open.delete(id);
    if (CONTENT_RULES[rule].standing === "shown" && !confirmed.has(id)) this.shown.push(id);
  }

  private mark(id: ContentId, counts: boolean): void {
    if (counts) this.found.back.delete(id);
    else this.found.back.add(id);
  }

  /** [CNT7] */
  private floorOf(seq: number): readonly OpId[] {
    const { held: { ranges } } = this.shelf;
    for (let number = below(ranges, seq); number !== null; number = below(ranges, number)) {
      const heads = this.at(number).flatMap(({ id, content }) => this.found.back.has(id) ? [] : content.heads);
      if (heads.length > 0) return heads;
    }
    return [];
  }

  /** Nothing there counts for what comes after. */
  private isPassedOver(seq: number): boolean {
    return this.at(seq).every(({ id }) => this.found.back.has(id));
  }

  private at(seq: number): readonly Kept[] {
    const { chain: { ids }, kept } = this.shelf;
    // A link may lie about the number of what it names.
    return (ids.get(seq) ?? []).flatMap((id) => kept.get(id) ?? []).filter(({ content }) => content.seq === seq);
  }
}
