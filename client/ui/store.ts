/** What the screen itself remembers: which conversation is open, which dialog, what is to be said. */
import { effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { UserId } from "../../core/ids.ts";
import { type ComposingStore, createComposing } from "./composing.ts";
import type { AppPort, Problem } from "./port.ts";
import { createTheme, type ThemeStore } from "./theme.ts";

export type OpenDialog =
  | { readonly kind: "invite" | "settings" | "switcher" | "shortcuts" }
  | { readonly kind: "remove" | "verify"; readonly contact: UserId };

export interface Ui {
  readonly app: AppPort;
  readonly selected: ReadonlySignal<UserId | null>;
  /** Opens a conversation, or the list where there is room for one pane only. The browser's Back undoes it. */
  select(contact: UserId | null): void;
  readonly dialog: Signal<OpenDialog | null>;
  /** What the last thing the person did outside of a form ran into. */
  readonly notice: Signal<Problem | null>;
  /** Said once by screen readers, shown for some seconds. */
  readonly announcement: ReadonlySignal<string>;
  announce(text: string): void;
  readonly theme: ThemeStore;
  readonly composing: ComposingStore;
}

const ANNOUNCEMENT_MS = 4_000;

export function createUi(app: AppPort): Ui {
  const announcement = signal("");
  let timer: ReturnType<typeof setTimeout> | undefined;
  const composing = createComposing(app);
  const dialog = signal<OpenDialog | null>(null);
  effect(() => {
    // An invite link takes the whole screen: what was open under it must not come back behind it.
    if (app.invite.token.value !== null) dialog.value = null;
  });
  effect(() => {
    if (app.tab.state.value !== "leading") composing.forget();
  });
  return {
    app,
    ...createSelection(),
    dialog,
    notice: signal<Problem | null>(null),
    announcement,
    announce(text) {
      clearTimeout(timer);
      announcement.value = text;
      timer = setTimeout(() => announcement.value = "", ANNOUNCEMENT_MS);
    },
    theme: createTheme(),
    composing,
  };
}

/** The open conversation lives in the history entry, not in the address: it survives a reload and leaks nowhere. */
function createSelection(): Pick<Ui, "selected" | "select"> {
  const selected = signal<UserId | null>(contactOf(history.state));
  addEventListener("popstate", (event) => selected.value = contactOf(event.state));
  return {
    selected,
    select(contact) {
      if (contact === selected.value) return;
      history.pushState({ contact }, "");
      selected.value = contact;
    },
  };
}

function contactOf(state: unknown): UserId | null {
  if (typeof state !== "object" || state === null || !("contact" in state)) return null;
  return typeof state.contact === "string" ? state.contact as UserId : null;
}

/** Runs what a button stands for, and shows what it ran into. */
export async function act(ui: Ui, event: Parameters<AppPort["dispatch"]>[0]): Promise<boolean> {
  const done = await ui.app.dispatch(event);
  ui.notice.value = done.ok ? null : done.problem;
  return done.ok;
}
