/** The dialog that is open, if any. */
import { useUi } from "../context.ts";
import { InviteDialog } from "./inviteDialog.tsx";
import { RemoveDialog } from "./removeDialog.tsx";
import { Settings } from "./settings.tsx";
import { ShortcutsDialog } from "./shortcutsDialog.tsx";
import { Switcher } from "./switcher.tsx";
import { VerifyDialog } from "./verifyDialog.tsx";

export function Dialogs() {
  const ui = useUi();
  const open = ui.dialog.value;
  const close = () => ui.dialog.value = null;
  switch (open?.kind) {
    case undefined:
      return null;
    case "invite":
      return <InviteDialog onClose={close} />;
    case "settings":
      return <Settings onClose={close} />;
    case "switcher":
      return <Switcher onClose={close} />;
    case "shortcuts":
      return <ShortcutsDialog onClose={close} />;
    case "remove":
      return <RemoveDialog contact={open.contact} onClose={close} />;
    case "verify":
      return <VerifyDialog contact={open.contact} onClose={close} />;
  }
}
