/** Everybody one can write to, latest activity first. */
import { useId } from "preact/hooks";
import type { ContactView } from "../../../core/node/view.ts";
import { Avatar } from "../components/avatar.tsx";
import { Icon } from "../components/icon.tsx";
import { JoinCode } from "../components/joinCode.tsx";
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
      <JoinCode />
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
    <li class={unread ? "list-item unread" : "list-item"}>
      <span class={reachable ? "presence here" : "presence"}>
        <Avatar id={contact.id} name={contact.name} speaking={speaking} />
      </span>
      <div class="list-text">
        <div class="list-line">
          <button
            type="button"
            class="list-name"
            aria-current={ui.selected.value === contact.id ? "true" : undefined}
            aria-describedby={id}
            onClick={() => ui.select(contact.id)}
          >
            {contact.name}
          </button>
          {contact.lastAtMs > 0 && <span class="list-time">{formatRecent(contact.lastAtMs, Date.now())}</span>}
        </div>
        <div class="list-line" id={id}>
          <span class="list-last">{lastLine(contact)}</span>
          {unread && (
            <span class="badge">
              <span class="visually-hidden">{t("unread", { count: contact.unreadCount })}</span>
              <span aria-hidden="true">{contact.unreadCount > 99 ? "99+" : contact.unreadCount}</span>
            </span>
          )}
        </div>
      </div>
    </li>
  );
}

function lastLine(contact: ContactView): string {
  if (contact.standing === "invited") return t("invitedTitle", { name: contact.name });
  return contact.lastText ?? "";
}
