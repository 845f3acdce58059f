/** The keys that work everywhere. `shortcuts.ts` lists them for people. */
import type { Ui } from "./store.ts";
import { act } from "./store.ts";
import { answerCall } from "./calls.ts";

/** Listens until the returned function is called. */
export function listenToKeys(ui: Ui): () => void {
  const keyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.defaultPrevented || ui.app.view.peek().me === null) return;
    if (handle(ui, event)) event.preventDefault();
  };
  addEventListener("keydown", keyDown);
  return () => removeEventListener("keydown", keyDown);
}

/** Whether the key was one of ours. */
function handle(ui: Ui, event: KeyboardEvent): boolean {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.shiftKey) return handleVoice(ui, event.code);
  if (command && event.key === "k") return toggle(ui, "switcher");
  if (command && event.key === "/") return toggle(ui, "shortcuts");
  if (command && event.key === "Enter") return answer(ui);
  if (event.altKey && event.key === "ArrowUp") return step(ui, -1, event.shiftKey);
  if (event.altKey && event.key === "ArrowDown") return step(ui, 1, event.shiftKey);
  return event.key === "Escape" && markRead(ui);
}

function handleVoice({ app }: Ui, code: string): boolean {
  const call = app.view.peek().call;
  if (call === null || call.state === "ended") return false;
  if (code === "KeyM") app.voice.setMuted(!app.voice.muted.peek());
  else if (code === "KeyD") app.voice.setDeafened(!app.voice.deafened.peek());
  else return false;
  return true;
}

function toggle(ui: Ui, kind: "switcher" | "shortcuts"): boolean {
  ui.dialog.value = ui.dialog.peek()?.kind === kind ? null : { kind };
  return true;
}

function answer(ui: Ui): boolean {
  if (ui.app.view.peek().call?.state !== "incoming") return false;
  answerCall(ui);
  return true;
}

/** Goes to the nearest conversation in a direction, of those that have unread messages where `unreadOnly`. */
function step(ui: Ui, direction: 1 | -1, unreadOnly: boolean): boolean {
  const { contacts } = ui.app.view.peek();
  const at = contacts.findIndex(({ id }) => id === ui.selected.peek());
  const from = at === -1 && direction === -1 ? contacts.length : at;
  for (let i = from + direction; i >= 0 && i < contacts.length; i += direction) {
    const contact = contacts[i];
    if (contact === undefined || (unreadOnly && contact.unreadCount === 0)) continue;
    ui.select(contact.id);
    break;
  }
  return true;
}

function markRead(ui: Ui): boolean {
  const contact = ui.selected.peek();
  if (ui.dialog.peek() !== null || contact === null) return false;
  act(ui, { type: "MarkRead", contact });
  return true;
}
