/** Settings by topic. Arrow keys move between the tabs, as in any tab list. */
import { useRef, useState } from "preact/hooks";
import { Dialog } from "../components/dialog.tsx";
import { t } from "../laterStrings.ts";
import { AboutTab } from "./settingsAbout.tsx";
import { AppearanceTab } from "./settingsAppearance.tsx";
import { ConnectionTab } from "./settingsConnection.tsx";
import { ProfileTab } from "./settingsProfile.tsx";
import { VoiceTab } from "./settingsVoice.tsx";

const TABS = [
  { id: "profile", label: "tabProfile", Content: ProfileTab },
  { id: "appearance", label: "tabAppearance", Content: AppearanceTab },
  { id: "voice", label: "tabVoice", Content: VoiceTab },
  { id: "connection", label: "tabConnection", Content: ConnectionTab },
  { id: "about", label: "tabAbout", Content: AboutTab },
] as const;

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export function Settings({ onClose }: { readonly onClose: () => void }) {
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const { id, Content } = TABS[at] ?? TABS[0];
  const keyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (at + step + TABS.length) % TABS.length;
    setAt(next);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  return (
    <Dialog title={t("settings")} onClose={onClose} size="wide">
      <div class="settings">
        <div ref={list} class="tabs" role="tablist" aria-label={t("settings")} onKeyDown={keyDown}>
          {TABS.map((tab, i) => (
            <button
              key={tab.id}
              type="button"
              role="tab"
              id={`tab-${tab.id}`}
              aria-selected={i === at}
              aria-controls="settings-panel"
              tabIndex={i === at ? 0 : -1}
              autofocus={i === 0}
              onClick={() => setAt(i)}
            >
              {t(tab.label)}
            </button>
          ))}
        </div>
        <div id="settings-panel" class="tab-panel" role="tabpanel" aria-labelledby={`tab-${id}`} tabIndex={0}>
          <Content />
        </div>
      </div>
    </Dialog>
  );
}
