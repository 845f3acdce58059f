/**
 * What stands in the composer while some of it is being made durable. A text leaves the composer only when it is kept,
 * yet a person goes on typing behind it; this says which part is whose.
 */
export interface Pending {
  /** Texts handed over and not yet confirmed, oldest first. */
  readonly texts: readonly string[];
}

export const nothingPending: Pending = { texts: [] };

/** The part of `value` that was not handed over yet. A value that no longer begins with the rest was written anew. */
export function unsentPart(pending: Pending, value: string): string {
  const before = pending.texts.join("");
  return value.startsWith(before) ? value.slice(before.length) : value;
}

export const handOver = (pending: Pending, text: string): Pending => ({ texts: [...pending.texts, text] });

/** The oldest text is durable: it leaves the composer, if it still stands there. */
export function confirm(pending: Pending, value: string): { readonly pending: Pending; readonly value: string } {
  const [first = "", ...rest] = pending.texts;
  return { pending: { texts: rest }, value: value.startsWith(first) ? value.slice(first.length) : value };
}

/** Sending failed: everything not confirmed stands in the composer again, before what was typed since. */
export function giveBack(pending: Pending, value: string): string {
  const unsent = pending.texts.join("\n");
  const typed = unsentPart(pending, value);
  return typed === "" || unsent === "" ? unsent + typed : `${unsent}\n${typed}`;
}
