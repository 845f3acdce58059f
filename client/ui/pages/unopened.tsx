/** A quiet word about messages that could not be opened; they are being sent again without anybody's doing. */
import type { ContactView } from "../../../core/node/view.ts";
import { useUi } from "../context.ts";
import { t } from "../strings.ts";

export function Unopened({ contact: { id, name } }: { readonly contact: ContactView }) {
  const { app } = useUi();
  const { unopened: count } = app.conversation(id).value;
  return (
    <p class="unopened" role="status">
      {count === 1 && t("unopenedOne", { name })}
      {count > 1 && t("unopenedMany", { name, count })}
    </p>
  );
}
