/** Shown by every tab but the one that holds the keys. */
import { Mark } from "../components/icon.tsx";
import { useUi } from "../context.ts";
import { t } from "../strings.ts";

export function OtherTab() {
  const { app } = useUi();
  const taking = app.tab.state.value === "taking-over";
  return (
    <main class="welcome">
      <div class="welcome-card">
        <p class="brand">
          <Mark /> {t("productName")}
        </p>
        <h1>{t("otherTabHeading")}</h1>
        <p class="lead" aria-live="polite">{taking ? t("otherTabTaking") : t("otherTabText")}</p>
        {!taking && (
          <button type="button" class="button primary large" onClick={() => app.tab.takeOver()}>
            {t("otherTabTake")}
          </button>
        )}
      </div>
    </main>
  );
}
