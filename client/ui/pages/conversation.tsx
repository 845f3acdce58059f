/** A conversation with one person: header, messages, composer. */
import { useEffect } from "preact/hooks";
import type { ContactView } from "../../../core/node/view.ts";
import { Avatar } from "../components/avatar.tsx";
import { Icon } from "../components/icon.tsx";
import { ProblemNote } from "../components/problem.tsx";
import { startCall } from "../calls.ts";
import { useUi } from "../context.ts";
import { t } from "../strings.ts";
import { Composer } from "./composer.tsx";
import { MessageLog } from "./messageLog.tsx";
import { Unopened } from "./unopened.tsx";

const CONNECTION = {
  direct: "connectedDirectly",
  relayed: "connectedThroughRelay",
  connecting: "offline",
  offline: "offline",
} as const;

export function Conversation({ contact }: { readonly contact: ContactView }) {
  const ui = useUi();
  // A message shown by the last action in another conversation has nothing to say here.
  useEffect(() => {
    ui.notice.value = null;
  }, []);
  return (
    <section class="conversation">
      <Header contact={contact} />
      <MessageLog contact={contact} />
      <Unopened contact={contact} />
      {contact.standing === "refused"
        ? (
          <div class="composer-note">
            <ProblemNote problem={contact.refusal ?? "invite.broken"} />
          </div>
        )
        : <Composer contact={contact} />}
    </section>
  );
}

function Header({ contact }: { readonly contact: ContactView }) {
  const ui = useUi();
  const busy = ui.app.view.value.call !== null && ui.app.view.value.call.state !== "ended";
  return (
    <header class="conversation-header">
      <button type="button" class="icon-button back" aria-label={t("back")} onClick={() => ui.select(null)}>
        <Icon name="back" />
      </button>
      <Avatar id={contact.id} name={contact.name} />
      <div class="conversation-title">
        <div class="conversation-name">
          <h1>{contact.name}</h1>
          {contact.verified && (
            <span class="verified">
              <Icon name="shield" /> {t("verified")}
            </span>
          )}
        </div>
        <p role="status" aria-label={t("connection")} class={`connection ${contact.connection}`}>
          {t(CONNECTION[contact.connection])}
        </p>
      </div>
      {contact.standing !== "refused" && (
        <button
          type="button"
          class="icon-button"
          aria-label={t("verify", { name: contact.name })}
          title={t("verify", { name: contact.name })}
          onClick={() => ui.dialog.value = { kind: "verify", contact: contact.id }}
        >
          <Icon name="shield" />
        </button>
      )}
      {contact.standing === "established" && !busy && (
        <button
          type="button"
          class="icon-button"
          aria-label={t("startCall")}
          title={t("startCall")}
          onClick={() => startCall(ui, contact.id)}
        >
          <Icon name="call" />
        </button>
      )}
      <button
        type="button"
        class="icon-button"
        aria-label={t("removeContact")}
        title={t("removeContact")}
        onClick={() => ui.dialog.value = { kind: "remove", contact: contact.id }}
      >
        <Icon name="remove" />
      </button>
    </header>
  );
}
