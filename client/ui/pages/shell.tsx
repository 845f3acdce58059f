/** The panes: rail, list, conversation, and the person's own corner with the voice panel. */
import { Banners } from "../components/banners.tsx";
import { Icon } from "../components/icon.tsx";
import { useUi } from "../context.ts";
import { useLater } from "../later.ts";
import { t } from "../strings.ts";
import { Conversation } from "./conversation.tsx";
import { ConversationList } from "./conversationList.tsx";
import { Me } from "./me.tsx";
import { Welcome } from "./welcome.tsx";

export function Shell() {
  const ui = useUi();
  const view = ui.app.view.value;
  const contact = view.contacts.find(({ id }) => id === ui.selected.value);
  const call = view.call;
  const later = useLater(ui, call !== null || ui.dialog.value !== null);
  return (
    <div class={contact ? "shell reading" : "shell"}>
      {later && call?.state === "incoming" && <later.IncomingCall key={call.id} call={call} />}
      <nav class="rail" aria-label={t("guilds")}>
        <button type="button" class="rail-item" aria-current="page" onClick={() => ui.select(null)}>
          <Icon name="chats" />
          <span class="visually-hidden">{t("directMessages")}</span>
        </button>
      </nav>
      <div class="sidebar">
        <ConversationList />
      </div>
      <div class="corner">
        {later && call && <later.VoicePanel call={call} />}
        <Me />
      </div>
      <main class="stage">
        <Banners />
        {contact ? <Conversation key={contact.id} contact={contact} /> : <Welcome />}
      </main>
      {later && <later.Dialogs />}
    </div>
  );
}
