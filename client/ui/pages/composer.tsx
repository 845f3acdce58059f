/** Where one writes. Enter sends, Shift+Enter begins a line. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { MESSAGE } from "../../../core/limits.ts";
import type { ContactView } from "../../../core/node/view.ts";
import { Icon } from "../components/icon.tsx";
import { ProblemNote } from "../components/problem.tsx";
import { useUi } from "../context.ts";
import { t } from "../strings.ts";

const utf8 = new TextEncoder();
/** From this share of the limit on, the composer says how much room is left. */
const COUNT_FROM = 0.9;

export function Composer({ contact }: { readonly contact: ContactView }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const composing = useUi().composing.of(contact.id);
  const text = composing.text.value;
  const problem = composing.problem.value;
  const keyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    composing.send();
  };

  useLayoutEffect(() => fitHeight(field.current), [text]);
  useEffect(() => {
    // On a touch screen the focus would throw the keyboard over the messages.
    if (matchMedia("(hover: hover)").matches) field.current?.focus();
  }, []);

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        composing.send();
      }}
    >
      {problem && <ProblemNote problem={problem} onDismiss={composing.dismissProblem} />}
      <div class="composer-box">
        <textarea
          ref={field}
          rows={1}
          aria-label={t("message")}
          placeholder={t("messageTo", { name: contact.name })}
          value={text}
          onInput={(event) => composing.type(event.currentTarget.value)}
          onKeyDown={keyDown}
        />
        <button type="submit" class="icon-button send" aria-label={t("send")} title={t("send")}>
          <Icon name="send" />
        </button>
      </div>
      <Room text={text} />
    </form>
  );
}

function Room({ text }: { readonly text: string }) {
  // No UTF-16 unit takes more than three bytes, so short texts need no encoding to be known as short.
  if (text.length * 3 < MESSAGE.maxTextBytes * COUNT_FROM) return null;
  const left = MESSAGE.maxTextBytes - utf8.encode(text.trim()).length;
  if (left > MESSAGE.maxTextBytes * (1 - COUNT_FROM)) return null;
  return (
    <p class={left < 0 ? "hint over" : "hint"} aria-live="polite">
      {left < 0 ? t("bytesOver", { count: -left }) : t("bytesLeft", { count: left })}
    </p>
  );
}

function fitHeight(field: HTMLTextAreaElement | null): void {
  if (field === null) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
