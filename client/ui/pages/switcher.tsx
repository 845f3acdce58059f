/** Type a few letters, press Enter, be there. */
import { useState } from "preact/hooks";
import { Avatar } from "../components/avatar.tsx";
import { Dialog } from "../components/dialog.tsx";
import { useUi } from "../context.ts";
import { t } from "../laterStrings.ts";

const LIST = "switcher-list";
const optionId = (contact: string) => `switcher-${contact}`;

export function Switcher({ onClose }: { readonly onClose: () => void }) {
  const ui = useUi();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const wanted = typed.trim().toLocaleLowerCase();
  const found = ui.app.view.value.contacts.filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
  const marked = found[Math.min(at, found.length - 1)];
  const go = (contact = marked) => {
    if (contact === undefined) return;
    onClose();
    ui.select(contact.id);
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter") go();
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={t("switcher")} onClose={onClose}>
      <input
        class="switcher-field"
        type="text"
        role="combobox"
        autofocus
        autocomplete="off"
        aria-label={t("switcherField")}
        placeholder={t("switcherField")}
        aria-expanded={found.length > 0}
        aria-controls={LIST}
        aria-activedescendant={marked && optionId(marked.id)}
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={keyDown}
      />
      <ul id={LIST} class="switcher-list" role="listbox" aria-label={t("conversations")}>
        {found.map((contact) => (
          <li
            key={contact.id}
            id={optionId(contact.id)}
            role="option"
            aria-selected={contact === marked}
            onClick={() => go(contact)}
          >
            <Avatar id={contact.id} name={contact.name} size="small" /> {contact.name}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="hint" aria-live="polite">{t("switcherNone")}</p>}
    </Dialog>
  );
}
