/** Where the server keeps messages only for those who have its code: what it asks, and where the code goes. */
import { signal } from "@preact/signals";
import { useId, useState } from "preact/hooks";
import { MAILBOX } from "../../../core/limits.ts";
import { useUi } from "../context.ts";
import { act } from "../store.ts";
import { t } from "../strings.ts";

/** A code was given in this run: when the server asks again, that was not it. */
const wasGiven = signal(false);

export function JoinCode() {
  const ui = useUi();
  const field = useId();
  const about = useId();
  const [code, setCode] = useState("");
  if (ui.app.view.value.mailbox !== "needs-code") return null;
  return (
    <form
      class="join-code"
      onSubmit={async (event) => {
        event.preventDefault();
        wasGiven.value = await act(ui, { type: "SetJoinCode", code: code.trim() });
      }}
    >
      <p id={about}>{t("joinCodeAsk")}</p>
      <div class="field">
        <label for={field}>{t("joinCode")}</label>
        <input
          id={field}
          type="text"
          autocomplete="off"
          required
          spellcheck={false}
          maxLength={MAILBOX.maxJoinCodeBytes}
          aria-describedby={about}
          aria-invalid={wasGiven.value}
          value={code}
          onInput={(event) => setCode(event.currentTarget.value)}
        />
        {wasGiven.value && <p class="hint over" role="alert">{t("joinCodeWrong")}</p>}
      </div>
      <button type="submit" class="button small">{t("joinCodeUse")}</button>
    </form>
  );
}
