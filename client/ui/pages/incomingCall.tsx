/**
 * Somebody calls. Not modal, unless something modal is open: a person in the middle of a sentence keeps the keyboard,
 * and cannot answer by accident.
 */
import { useEffect, useRef } from "preact/hooks";
import type { CallView } from "../../../core/node/view.ts";
import { answerCall } from "../calls.ts";
import { Avatar } from "../components/avatar.tsx";
import { Icon } from "../components/icon.tsx";
import { ProblemNote } from "../components/problem.tsx";
import { useUi } from "../context.ts";
import { ring } from "../ring.ts";
import { act } from "../store.ts";
import { t } from "../laterStrings.ts";

export function IncomingCall({ call }: { readonly call: CallView }) {
  const ui = useUi();
  const dialog = useRef<HTMLDialogElement>(null);
  const support = ui.app.voice.support.value;
  const decline = () => act(ui, { type: "DeclineCall" });
  useEffect(ring, []);
  // After the layout effects, by which a dialog opens that is drawn together with this one.
  useEffect(() => open(dialog.current), []);
  return (
    <dialog
      ref={dialog}
      class="incoming"
      aria-labelledby="incoming-title"
      aria-describedby="incoming-who"
      tabIndex={-1}
      onCancel={(event) => event.preventDefault()}
    >
      <Avatar id={call.contact} name={call.name} size="large" />
      <h2 id="incoming-title">{t("incomingCall")}</h2>
      <p id="incoming-who" aria-live="assertive">{t("isCalling", { name: call.name })}</p>
      {support.state === "missing" && <ProblemNote problem={support.problem} />}
      <div class="button-row">
        <button type="button" class="button danger large" onClick={decline}>
          <Icon name="hangUp" /> {t("declineCall")}
        </button>
        {support.state !== "missing" && (
          <button type="button" class="button go large" onClick={() => answerCall(ui)}>
            <Icon name="call" /> {t("answer")}
          </button>
        )}
      </div>
    </dialog>
  );
}

function open(dialog: HTMLDialogElement | null): void | (() => void) {
  if (dialog === null) return;
  if (document.querySelector("dialog:modal") !== null) {
    dialog.showModal();
    dialog.focus();
    return () => dialog.close();
  }
  // `show()` would take the focus away from the composer.
  const before = document.activeElement;
  dialog.setAttribute("open", "");
  if (before === null || before === document.body) dialog.focus();
}
