/** One's own name, state and settings, bottom left. */
import { Avatar } from "../components/avatar.tsx";
import { Icon } from "../components/icon.tsx";
import { useUi } from "../context.ts";
import { t } from "../strings.ts";

const SERVER = { online: "serverOnline", connecting: "serverConnecting", offline: "serverOffline" } as const;

export function Me() {
  const ui = useUi();
  const { me, rendezvous, call } = ui.app.view.value;
  if (me === null) return null;
  const speaking = call?.state === "active" && ui.app.voice.speaking.value.me;
  return (
    <section class="me" aria-label={t("you")}>
      <Avatar id={me.id} name={me.name} speaking={speaking} />
      <div class="me-text">
        <span class="me-name">{me.name}</span>
        <span class={`me-state ${rendezvous}`}>{t(SERVER[rendezvous])}</span>
      </div>
      <button
        type="button"
        class="icon-button"
        aria-label={t("settings")}
        title={t("settings")}
        onClick={() => ui.dialog.value = { kind: "settings" }}
      >
        <Icon name="gear" />
      </button>
    </section>
  );
}
