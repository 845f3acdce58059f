/** Where one writes. A text leaves it only when it is durably kept; a failure puts the text back. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { MESSAGE } from "../../../core/limits.ts";
import type { ContactView } from "../../../core/node/view.ts";
import { Icon } from "../components/icon.tsx";
import { ProblemNote } from "../components/problem.tsx";
import { useUi } from "../context.ts";
import { confirm, giveBack, handOver, nothingPending, type Pending, unsentPart } from "../pending.ts";
import type { Problem } from "../port.ts";
import { t } from "../strings.ts";

const utf8 = new TextEncoder();
/** From this share of the limit on, the composer says how much room is left. */
const COUNT_FROM = 0.9;

export function Composer({ contact }: { readonly contact: ContactView }) {
  const { app } = useUi();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => app.drafts.read(contact.id));
  const [problem, setProblem] = useState<Problem | null>(null);
  const latest = useRef({ text, pending: nothingPending as Pending });

  const show = (value: string) => {
    latest.current.text = value;
    setText(value);
    app.drafts.write(contact.id, value);
  };
  const send = async () => {
    const fresh = unsentPart(latest.current.pending, latest.current.text);
    if (fresh.trim() === "") return;
    const queued = latest.current.pending.texts.length > 0;
    latest.current.pending = handOver(latest.current.pending, fresh);
    // One at a time, in order: the loop below that is already running takes this one too.
    if (!queued) await sendPending();
  };
  const sendPending = async () => {
    for (let next = latest.current.pending.texts[0]; next !== undefined; next = latest.current.pending.texts[0]) {
      const done = await app.dispatch({ type: "SendText", contact: contact.id, text: next.trim() });
      const { pending, text: value } = latest.current;
      setProblem(done.ok ? null : done.problem);
      if (!done.ok) {
        latest.current.pending = nothingPending;
        show(giveBack(pending, value));
        return;
      }
      const kept = confirm(pending, value);
      latest.current.pending = kept.pending;
      show(kept.value);
    }
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.ctrlKey) return;
    event.preventDefault();
    send();
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
        send();
      }}
    >
      {problem && <ProblemNote problem={problem} onDismiss={() => setProblem(null)} />}
      <div class="composer-box">
        <textarea
          ref={field}
          rows={1}
          aria-label={t("message")}
          placeholder={t("messageTo", { name: contact.name })}
          value={text}
          onInput={(event) => show(event.currentTarget.value)}
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
