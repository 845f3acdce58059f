/**
 * What is being written to each person. It outlives the pane it is written in, so that a text which is still being made
 * durable is neither lost nor sent twice when somebody switches conversations meanwhile.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { UserId } from "../../core/ids.ts";
import { confirm, freshPart, giveBack, handOver, nothingPending, type Pending, typed } from "./pending.ts";
import type { AppPort, Problem } from "./port.ts";

export interface Composing {
  readonly text: ReadonlySignal<string>;
  /** Why the last text was not sent. */
  readonly problem: ReadonlySignal<Problem | null>;
  type(text: string): void;
  /** Sends what was not handed over yet; the text goes when it is kept, and comes back if that fails. */
  send(): void;
  dismissProblem(): void;
}

export interface ComposingStore {
  /** The same object for the same contact. */
  of(contact: UserId): Composing;
  /** From here on the drafts say again what was written: another tab may have changed them. */
  forget(): void;
}

export function createComposing(app: Pick<AppPort, "dispatch" | "drafts">): ComposingStore {
  const known = new Map<UserId, Composing>();
  return {
    of(contact) {
      const composing = known.get(contact) ?? compose(app, contact);
      known.set(contact, composing);
      return composing;
    },
    forget: () => known.clear(),
  };
}

function compose({ dispatch, drafts }: Pick<AppPort, "dispatch" | "drafts">, contact: UserId): Composing {
  const text = signal(drafts.read(contact));
  const problem = signal<Problem | null>(null);
  let pending: Pending = nothingPending;

  const show = (value: string) => {
    text.value = value;
    drafts.write(contact, value);
  };
  const sendPending = async () => {
    for (let next = pending.texts[0]; next !== undefined; next = pending.texts[0]) {
      const done = await dispatch({ type: "SendText", contact, text: next.trim() });
      problem.value = done.ok ? null : done.problem;
      if (!done.ok) {
        const returned = giveBack(pending, text.peek());
        pending = nothingPending;
        return show(returned);
      }
      const kept = confirm(pending, text.peek());
      pending = kept.pending;
      show(kept.value);
    }
  };
  return {
    text,
    problem,
    type(value) {
      pending = typed(pending, value);
      show(value);
    },
    send() {
      const fresh = freshPart(pending, text.peek());
      if (fresh.trim() === "") return;
      const running = pending.texts.length > 0;
      pending = handOver(pending, fresh);
      // One at a time, in order: a loop that already runs takes this one too.
      if (!running) sendPending();
    },
    dismissProblem: () => problem.value = null,
  };
}
