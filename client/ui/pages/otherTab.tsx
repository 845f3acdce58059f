/** Shown by every tab but the one that holds the keys. */
import { Card } from "../components/card.tsx";
import { useUi } from "../context.ts";
import { t } from "../strings.ts";

export function OtherTab() {
  const { app } = useUi();
  const taking = app.tab.state.value === "taking-over";
  return (
    <Card late>
      <h1>{t("otherTabHeading")}</h1>
      <p class="lead" aria-live="polite">{taking ? t("otherTabTaking") : t("otherTabText")}</p>
      {!taking && (
        <button type="button" class="button primary large" onClick={() => app.tab.takeOver()}>
          {t("otherTabTake")}
        </button>
      )}
    </Card>
  );
}
