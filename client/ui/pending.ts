/**
 * What stands in the composer while some of it is being made durable. A text leaves the composer only when it is kept,
 * yet a person goes on typing behind it, or writes something else instead; this says which part is whose.
 */
export interface Pending {
  /** Texts handed over and not yet confirmed, oldest first. */
  readonly texts: readonly string[];
  /** How many of them, from the newest back, still stand at the beginning of the composer. */
  readonly standing: number;
}

export const nothingPending: Pending = { texts: [], standing: 0 };

const standingText = ({ texts, standing }: Pending) => texts.slice(texts.length - standing).join("");

/** The person changed the composer to `value`. If it no longer begins with what was handed over, it is all new. */
export function typed(pending: Pending, value: string): Pending {
  return value.startsWith(standingText(pending)) ? pending : { ...pending, standing: 0 };
}

/** The part of `value` that was not handed over yet. */
export const freshPart = (pending: Pending, value: string): string => value.slice(standingText(pending).length);

/** The fresh part is on its way. */
export function handOver({ texts, standing }: Pending, fresh: string): Pending {
  return { texts: [...texts, fresh], standing: standing + 1 };
}

/** The oldest text is durable: it leaves the composer, if it still stands there. */
export function confirm(
  { texts, standing }: Pending,
  value: string,
): { readonly pending: Pending; readonly value: string } {
  const [first = "", ...rest] = texts;
  return standing === texts.length
    ? { pending: { texts: rest, standing: rest.length }, value: value.slice(first.length) }
    : { pending: { texts: rest, standing }, value };
}

/** Nothing more was kept: what no longer stands in the composer comes back before what does. */
export function giveBack({ texts, standing }: Pending, value: string): string {
  const gone = texts.slice(0, texts.length - standing);
  return [...gone, ...(value === "" ? [] : [value])].join("\n");
}
