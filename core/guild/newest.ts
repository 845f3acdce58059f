/** [GLD11] Which of several ops on one subject holds. SPEC section 19. */
import type { OpType } from "../wire/opBody.ts";
import type { Fact } from "./facts.ts";
import type { Rulings, View } from "./rulings.ts";
import { unsurpassed } from "./standing.ts";

/** Of valid ones that the view has seen. */
export type Newest = <T extends OpType>(facts: readonly Fact<T>[]) => Fact<T> | null;

export const newestOf = ({ levels }: Rulings, view: View): Newest => (facts) =>
  unsurpassed(facts, view).toSorted((a, b) =>
    levels[a.place]! - levels[b.place]! || deletesFirst(a) - deletesFirst(b) || (a.logged.id < b.logged.id ? -1 : 1)
  )[0] ?? null;

const deletesFirst = ({ body }: { readonly body: { readonly t: OpType } }) => body.t === "channel.delete" ? 0 : 1;
