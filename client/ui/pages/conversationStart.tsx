/** What stands above the first message of a conversation, or in its place. */
import type { ContactView } from "../../../core/node/view.ts";
import { Avatar } from "../components/avatar.tsx";
import { useUi } from "../context.ts";
import { t } from "../strings.ts";

export interface ConversationStartProps {
  readonly contact: ContactView;
  readonly isEmpty: boolean;
}

export function ConversationStart({ contact, isEmpty }: ConversationStartProps) {
  const { name } = contact;
  const { mailbox } = useUi().app.view.value;
  const waiting = contact.standing === "invited";
  if (!isEmpty && !waiting) {
    return (
      <p class="beginning">
        {t("beginning", { name })} {t("beginningSealed")}
      </p>
    );
  }
  if (contact.standing === "refused") return null;
  return (
    <div class="conversation-start">
      <Avatar id={contact.id} name={name} size="large" />
      <p class="start-title">{waiting ? t("invitedTitle", { name }) : t("emptyTitle", { name })}</p>
      <p>{waiting ? t("invitedText", { name }) : t("emptyText")}</p>
      {waiting && mailbox === "ready" && <p>{t("invitedLeave", { name })}</p>}
    </div>
  );
}
