/** The messages of a conversation, kept where the person reads while others arrive above and below. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ContactView, MessageView } from "../../../core/node/view.ts";
import { Icon } from "../components/icon.tsx";
import { useUi } from "../context.ts";
import { firstUnreadOf, rowsOf } from "../rows.ts";
import { useScrollKeeper } from "../scroll.ts";
import { t } from "../strings.ts";
import { formatDay } from "../time.ts";
import { ConversationStart } from "./conversationStart.tsx";
import { Message } from "./message.tsx";

/** Closer to the top than this, earlier messages are fetched. */
const FETCH_WITHIN_PX = 400;

export function MessageLog({ contact }: { readonly contact: ContactView }) {
  const { app } = useUi();
  const { messages, hasEarlier } = app.conversation(contact.id).value;
  const log = useRef<HTMLDivElement>(null);
  const scroll = useScrollKeeper(log, messages);
  const firstUnread = useFirstUnread(contact, messages);
  const loadEarlier = useEarlier(contact, messages, hasEarlier);
  useReading(contact, scroll.atEnd);

  const myId = app.view.value.me?.id ?? "";
  const { id, name } = contact;
  // The view changes at every event, the messages seldom: their elements are made again only when they do.
  const rows = useMemo(() => rowElements(messages, firstUnread, { id, name }, myId), [messages, name, myId]);
  return (
    <div class="log-frame">
      <div
        ref={log}
        class="log"
        role="log"
        aria-label={t("messages")}
        // How far a message came changes often: it is there to be read, not to be called out.
        aria-relevant="additions"
        tabIndex={0}
        onScroll={() => {
          scroll.moved();
          if ((log.current?.scrollTop ?? Infinity) < FETCH_WITHIN_PX) loadEarlier();
        }}
      >
        <div class="log-inner">
          {hasEarlier
            ? <button type="button" class="button earlier" onClick={loadEarlier}>{t("earlierMessages")}</button>
            : <ConversationStart contact={contact} isEmpty={messages.length === 0} />}
          {rows}
          {isKept(contact, messages) && <p class="kept">{t("keptForThem", { name })}</p>}
        </div>
      </div>
      {!scroll.atEnd && (
        <button type="button" class="jump" onClick={scroll.toEnd}>
          <Icon name="down" /> {scroll.unseen ? t("newMessages") : t("latestMessages")}
        </button>
      )}
    </div>
  );
}

function rowElements(
  messages: readonly MessageView[],
  firstUnread: string | null,
  contact: { readonly id: string; readonly name: string },
  myId: string,
) {
  const lastOwn = messages.findLast(({ own }) => own)?.id;
  return rowsOf(messages, firstUnread).map((row) => {
    if (row.kind === "day") return <Line key={row.key} kind="day" text={formatDay(row.atMs, Date.now())} />;
    if (row.kind === "unread") return <Line key={row.key} kind="unread" text={t("newMessages")} />;
    return (
      <Message
        key={row.key}
        message={row.message}
        authorId={row.message.own ? myId : contact.id}
        contactName={contact.name}
        opensGroup={row.opensGroup}
        isLastOwn={row.message.id === lastOwn}
      />
    );
  });
}

function Line({ kind, text }: { readonly kind: "day" | "unread"; readonly text: string }) {
  return (
    <div class={`line ${kind}`} role="separator" aria-label={text}>
      <span>{text}</span>
    </div>
  );
}

/** Sent to somebody who is not here: their server has it. */
const isKept = ({ connection }: ContactView, messages: readonly MessageView[]): boolean =>
  (connection === "offline" || connection === "connecting") &&
  messages.findLast(({ own }) => own)?.delivery === "sent";

/** The unread line stays where it was when the conversation was opened, until one leaves it. */
function useFirstUnread(contact: ContactView, messages: readonly MessageView[]): string | null {
  const [first] = useState(() => firstUnreadOf(messages, contact.unreadCount));
  return first;
}

/** Asks for earlier messages, once for each time that the oldest known one changes. */
function useEarlier(contact: ContactView, messages: readonly MessageView[], hasEarlier: boolean): () => void {
  const { app } = useUi();
  const asked = useRef<string | null>(null);
  const oldest = messages[0]?.id ?? "";
  return async () => {
    if (!hasEarlier || asked.current === oldest) return;
    asked.current = oldest;
    const done = await app.dispatch({ type: "ReadEarlier", contact: contact.id });
    if (!done.ok) asked.current = null;
  };
}

/** What is in sight, in a window that is looked at, counts as read. */
function useReading(contact: ContactView, atEnd: boolean): void {
  const { app } = useUi();
  const [looking, setLooking] = useState(isLooking);
  useEffect(() => {
    const change = () => setLooking(isLooking());
    const events = ["focus", "blur", "visibilitychange"];
    for (const event of events) addEventListener(event, change);
    return () => events.forEach((event) => removeEventListener(event, change));
  }, []);
  useLayoutEffect(() => {
    if (looking && atEnd && contact.unreadCount > 0) app.dispatch({ type: "MarkRead", contact: contact.id });
  }, [looking, atEnd, contact.unreadCount]);
}

const isLooking = () => document.visibilityState === "visible" && document.hasFocus();
