/** A button that puts a text on the clipboard and says so. */
import { useUi } from "../context.ts";
import { t } from "../strings.ts";

export interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
  readonly primary?: boolean;
}

export function CopyButton({ text, label, primary = false }: CopyButtonProps) {
  const ui = useUi();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      ui.announce(t("copied"));
    } catch {
      // Without a secure context there is no clipboard, and a person can refuse it.
      ui.announce(t("copyById"));
    }
  };
  return (
    <button type="button" class={primary ? "button primary" : "button"} onClick={copy}>
      {label}
    </button>
  );
}
