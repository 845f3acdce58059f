/** The one thing asked of a newcomer. */
import { useId } from "preact/hooks";
import { t } from "../strings.ts";

export interface NameFieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly invalid: boolean;
}

export function NameField({ value, onInput, invalid }: NameFieldProps) {
  const field = useId();
  const hint = useId();
  return (
    <div class="field">
      <label for={field}>{t("yourName")}</label>
      <input
        id={field}
        type="text"
        autocomplete="nickname"
        autofocus
        required
        spellcheck={false}
        aria-describedby={hint}
        aria-invalid={invalid}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <p id={hint} class="hint">{t("yourNameHint")}</p>
    </div>
  );
}
