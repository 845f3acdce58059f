/** The one entry to the screen. */
import { effect } from "@preact/signals";
import { render } from "preact";
import { UiContext } from "./context.ts";
import { listenToKeys } from "./keys.ts";
import { FirstRun } from "./pages/firstRun.tsx";
import { OpenInvite } from "./pages/openInvite.tsx";
import { OtherTab } from "./pages/otherTab.tsx";
import { Shell } from "./pages/shell.tsx";
import { Start } from "./pages/start.tsx";
import type { AppPort } from "./port.ts";
import { createUi, type Ui } from "./store.ts";
import { t } from "./strings.ts";

/** Draws the program into `root` and keeps it up to date for as long as the page lives. */
export function mount(root: HTMLElement, app: AppPort): void {
  const ui = createUi(app);
  listenToKeys(ui);
  effect(() => showTitle(ui));
  render(<Root ui={ui} />, root);
}

function Root({ ui }: { readonly ui: Ui }) {
  return (
    <UiContext.Provider value={ui}>
      <Page ui={ui} />
      <div class={ui.announcement.value ? "announcement shown" : "announcement"} aria-live="polite">
        {ui.announcement.value}
      </div>
    </UiContext.Provider>
  );
}

function Page({ ui }: { readonly ui: Ui }) {
  const { app } = ui;
  if (app.tab.state.value !== "leading") return <OtherTab />;
  if (app.start.value.state !== "ready") return <Start start={app.start.value} />;
  const token = app.invite.token.value;
  if (token !== null) return <OpenInvite key={token} token={token} />;
  return app.view.value.me === null ? <FirstRun /> : <Shell />;
}

/** The tab's title says what waits: a call, or a number of messages. */
function showTitle({ app }: Ui): void {
  const { call, contacts } = app.view.value;
  const unread = contacts.reduce((sum, { unreadCount }) => sum + unreadCount, 0);
  const name = t("productName");
  if (call?.state === "incoming") document.title = `${t("isCalling", { name: call.name })} · ${name}`;
  else document.title = unread > 0 ? `(${unread}) ${name}` : name;
}
