/** The parts of the screen that the first picture does without, and whether they are here yet. */
import { type Signal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Ui } from "./store.ts";

type Parts = typeof import("./pages/later.ts");

const parts: Signal<Parts | null> = signal(null);

/** Resolves when the parts are here; the same promise to all who ask meanwhile. */
export async function loadLater(): Promise<void> {
  parts.value ??= await import("./pages/later.ts");
}

/** The parts, or `null` until they are here. `isNeeded` fetches them at once, and says so where that fails. */
export function useLater(ui: Ui, isNeeded: boolean): Parts | null {
  const isMissing = parts.value === null && isNeeded;
  useEffect(() => {
    if (isMissing) loadLater().catch(() => ui.notice.value = "program.incomplete");
  }, [isMissing]);
  return parts.value;
}
