/** Before there is anything to show: reading the store, or why it cannot be read. */
import { Card } from "../components/card.tsx";
import { ProblemNote } from "../components/problem.tsx";
import type { StartState } from "../port.ts";
import { t } from "../strings.ts";

export function Start({ start }: { readonly start: StartState }) {
  if (start.state !== "failed") {
    return (
      <Card late>
        <p class="lead" aria-live="polite">{t("starting")}</p>
      </Card>
    );
  }
  return (
    <Card>
      <h1>{t("startFailedHeading")}</h1>
      <ProblemNote problem={start.problem} />
      <button type="button" class="button primary large" onClick={() => location.reload()}>
        {t("reload")}
      </button>
    </Card>
  );
}
