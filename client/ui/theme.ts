/** Light, dark, or as the system says; remembered on this device. */
import { effect, type Signal, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

export interface ThemeStore {
  readonly chosen: Signal<Theme>;
}

const KEY = "theme";

export function createTheme(): ThemeStore {
  const chosen = signal<Theme>(remembered());
  effect(() => {
    const theme = chosen.value;
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // Storage is blocked: the choice holds until the page closes.
    }
  });
  return { chosen };
}

function remembered(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}
