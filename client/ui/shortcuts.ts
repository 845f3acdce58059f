/** The list of keys as the dialog shows it. What they do is in `keys.ts`. */
import type { StringKey } from "./laterStrings.ts";

interface Shortcut {
  readonly keys: readonly string[];
  readonly label: StringKey;
}

/** For people, in the order in which they are shown. */
export const SHORTCUTS = [
  { keys: ["Ctrl", "K"], label: "keySwitcher" },
  { keys: ["Alt", "↑"], label: "keyPrevious" },
  { keys: ["Alt", "↓"], label: "keyNext" },
  { keys: ["Alt", "Shift", "↑ ↓"], label: "keyNextUnread" },
  { keys: ["Enter"], label: "keySend" },
  { keys: ["Shift", "Enter"], label: "keyBreak" },
  { keys: ["Esc"], label: "keyEscape" },
  { keys: ["Ctrl", "Enter"], label: "keyAnswer" },
  { keys: ["Ctrl", "Shift", "M"], label: "keyMute" },
  { keys: ["Ctrl", "Shift", "D"], label: "keyDeafen" },
  { keys: ["Ctrl", "/"], label: "keyList" },
] as const satisfies readonly Shortcut[];
