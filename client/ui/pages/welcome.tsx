/** The main pane while no conversation is open. */
import { Icon } from "../components/icon.tsx";
import { useUi } from "../context.ts";
import { t } from "../strings.ts";

export function Welcome() {
  const ui = useUi();
  const { me, contacts } = ui.app.view.value;
  return (
    <div class="empty">
      <span class="empty-sign">
        <Icon name="chats" />
      </span>
      <h1>{t("pickTitle", { name: me?.name ?? "" })}</h1>
      <p>{contacts.length === 0 ? t("pickTextFirst") : t("pickText")}</p>
      {contacts.length === 0 && (
        <button
          type="button"
          class="button primary large"
          onClick={() => ui.dialog.value = { kind: "invite" }}
        >
          <Icon name="invite" /> {t("invitePeople")}
        </button>
      )}
    </div>
  );
}
