/** Ops as they reach somebody. */
import { extend, openResolver, type Resolver } from "../../core/guild/resolver.ts";
import type { OpId } from "../../core/ids.ts";
import type { LoggedOp } from "../../core/log/log.ts";
import { linksOf } from "../../core/log/signedOp.ts";

/** Any order in which each op comes after those that it follows. */
export function arrival(ops: readonly LoggedOp[], roll: (n: number) => number): readonly LoggedOp[] {
  const [left, known, order] = [[...ops], new Set<OpId>(), [] as LoggedOp[]];
  while (left.length > 0) {
    const ready = left.filter(({ op }) => linksOf(op).every((id) => known.has(id)));
    const next = ready[roll(ready.length)]!;
    left.splice(left.indexOf(next), 1);
    known.add(next.id);
    order.push(next);
  }
  return order;
}

/** The resolver after all of them came, a few at a time. */
export function grown(ops: readonly LoggedOp[], roll: (n: number) => number): Resolver {
  const order = arrival(ops, roll);
  let known = 1 + roll(order.length);
  let resolver = openResolver(order.slice(0, known));
  while (known < order.length) {
    const count = 1 + roll(6);
    resolver = extend(resolver, order.slice(known, known + count));
    known += count;
  }
  return resolver;
}
