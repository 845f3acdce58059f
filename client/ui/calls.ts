/** Beginning and answering calls: what is missing is said before the call, not during it. */
import type { UserId } from "../../core/ids.ts";
import { act, type Ui } from "./store.ts";

export async function startCall(ui: Ui, contact: UserId): Promise<void> {
  if (canTalk(ui)) await act(ui, { type: "StartCall", contact });
}

export async function answerCall(ui: Ui): Promise<void> {
  const contact = ui.app.view.peek().call?.contact;
  if (!canTalk(ui) || contact === undefined) return;
  if (await act(ui, { type: "AnswerCall" })) ui.select(contact);
}

function canTalk(ui: Ui): boolean {
  const support = ui.app.voice.support.peek();
  if (support.state !== "missing") return true;
  ui.notice.value = support.problem;
  return false;
}
