/** Asks before a contact and the conversation with them are deleted. */
import type { UserId } from "../../../core/ids.ts";
import { Dialog } from "../components/dialog.tsx";
import { useUi } from "../context.ts";
import { act } from "../store.ts";
import { t } from "../laterStrings.ts";

export function RemoveDialog({ contact, onClose }: { readonly contact: UserId; readonly onClose: () => void }) {
  const ui = useUi();
  const name = ui.app.view.value.contacts.find(({ id }) => id === contact)?.name;
  if (name === undefined) return null;
  const remove = async () => {
    onClose();
    if (!await act(ui, { type: "RemoveContact", contact })) return;
    ui.composing.forget();
    ui.select(null);
  };
  return (
    <Dialog title={t("removeTitle", { name })} onClose={onClose}>
      <p>{t("removeText", { name })}</p>
      <div class="button-row">
        <button type="button" class="button danger" onClick={remove}>{t("removeContact")}</button>
        <button type="button" class="button" autofocus onClick={onClose}>{t("keepContact")}</button>
      </div>
    </Dialog>
  );
}
