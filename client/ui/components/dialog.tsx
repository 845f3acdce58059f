/** A modal dialog: the browser traps the focus in it, closes it by Esc, and gives the focus back afterwards. */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../strings.ts";
import { Icon } from "./icon.tsx";

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly size?: "narrow" | "wide";
  readonly children: ComponentChildren;
}

export function Dialog({ title, onClose, size = "narrow", children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const mounted = useRef(true);
  const titleId = useId();
  useLayoutEffect(() => {
    const dialog = element.current;
    mounted.current = true;
    dialog?.showModal();
    return () => {
      mounted.current = false;
      dialog?.close();
    };
  }, []);
  const closed = () => {
    if (mounted.current) onClose();
  };
  const closeFromBackdrop = (event: MouseEvent) => {
    if (event.target === element.current) onClose();
  };
  return (
    <dialog
      ref={element}
      class={`dialog dialog-${size}`}
      aria-labelledby={titleId}
      onClose={closed}
      onMouseDown={closeFromBackdrop}
    >
      <div class="dialog-body">
        <header class="dialog-header">
          <h2 id={titleId}>{title}</h2>
          <button type="button" class="icon-button" aria-label={t("close")} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
