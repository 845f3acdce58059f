/** The list of keys. */
import { Dialog } from "../components/dialog.tsx";
import { SHORTCUTS } from "../shortcuts.ts";
import { t } from "../laterStrings.ts";

/** What stands for Ctrl on this machine's keyboard. */
const COMMAND = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title={t("shortcuts")} onClose={onClose}>
      <dl class="shortcuts">
        {SHORTCUTS.map(({ keys, label }) => (
          <div key={label} class="fact">
            <dt>{t(label)}</dt>
            <dd>{keys.map((key) => <kbd key={key}>{key === "Ctrl" ? COMMAND : key}</kbd>)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
