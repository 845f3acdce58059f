/** Everybody one can write to, latest activity first. */
import { useId } from "preact/hooks";
import type { ContactView } from "../../../core/node/view.ts";
import { Avatar } from "../components/avatar.tsx";
import { Icon } from "../components/icon.tsx";
import { useUi } from "../context.ts";
import { t } from "../strings.ts";
import { formatRecent } from "../time.ts";

export function ConversationList() {
  const ui = useUi();
  const { contacts } = ui.app.view.value;
  return (
    <nav class="list" aria-label={t("conversations")}>
      <header class="list-header">
        <h2>{t("directMessages")}</h2>
        {contacts.length > 0 && <InviteButton />}
      </header>
      {contacts.length === 0 ? <NobodyYet /> : (
        <ul class="list-items">
          {contacts.map((contact) => <Item key={contact.id} contact={contact} />)}
        </ul>
      )}
    </nav>
  );
}

/** Not beside the large one of the welcome, which is there while the list is empty: two of one name would confuse. */
function InviteButton() {
  const ui = useUi();
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={t("invitePeople")}
      title={t("invitePeople")}
      onClick={() => ui.dialog.value = { kind: "invite" }}
    >
      <Icon name="invite" />
    </button>
  );
}

function NobodyYet() {
  return (
    <div class="list-empty">
      <h3>{t("noContactsTitle")}</h3>
      <p>{t("noContactsText")}</p>
    </div>
  );
}

function Item({ contact }: { readonly contact: ContactView }) {
  const ui = useUi();
  const id = useId();
  const { call } = ui.app.view.value;
  const speaking = call?.contact === contact.id && call.state === "active" && ui.app.voice.speaking.value.them;
  const reachable = contact.connection === "direct" || contact.connection === "relayed";
  const unread = contact.unreadCount > 0;
  return (
    <li>
      <button
        type="button"
        class={unread ? "list-item unread" : "list-item"}
        aria-current={ui.selected.value === contact.id ? "true" : undefined}
        aria-labelledby={unread ? `${id}-name ${id}-unread` : `${id}-name`}
        aria-describedby={`${id}-last`}
        onClick={() => ui.select(contact.id)}
      >
        <span class={reachable ? "presence here" : "presence"}>
          <Avatar id={contact.id} name={contact.name} speaking={speaking} />
        </span>
        <span class="list-text">
          <span class="list-line">
            <span id={`${id}-name`} class="list-name">{contact.name}</span>
            {contact.lastAtMs > 0 && <span class="list-time">{formatRecent(contact.lastAtMs, Date.now())}</span>}
          </span>
          <span class="list-line">
            <span id={`${id}-last`} class="list-last">{lastLine(contact)}</span>
            {unread && (
              <span class="badge">
                <span id={`${id}-unread`} class="visually-hidden">{t("unread", { count: contact.unreadCount })}</span>
                <span aria-hidden="true">{contact.unreadCount > 99 ? "99+" : contact.unreadCount}</span>
              </span>
            )}
          </span>
        </span>
      </button>
    </li>
  );
}

function lastLine(contact: ContactView): string {
  if (contact.standing === "invited") return t("invitedTitle", { name: contact.name });
  return contact.lastText ?? "";
}
