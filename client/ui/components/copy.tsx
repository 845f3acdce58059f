/** A button that puts a text on the clipboard and says so. */
import { useEffect, useRef } from "preact/hooks";
import { useUi } from "../context.ts";
import { t } from "../laterStrings.ts";

export interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
  readonly primary?: boolean;
  /** Take the focus when it appears. */
  readonly focused?: boolean;
}

export function CopyButton({ text, label, primary = false, focused = false }: CopyButtonProps) {
  const ui = useUi();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (focused) button.current?.focus();
  }, []);
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
    <button ref={button} type="button" class={primary ? "button primary" : "button"} onClick={copy}>
      {label}
    </button>
  );
}
