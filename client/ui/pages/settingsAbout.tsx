import { useUi } from "../context.ts";
import type { Build } from "../port.ts";
import { t } from "../laterStrings.ts";

/** Which build this is, under which licence. */
export function AboutTab() {
  const ui = useUi();
  const { version, build } = ui.app.facts.value;
  return (
    <>
      <section>
        <h3>{t("version")}</h3>
        <p>{t("productName")} {version}</p>
      </section>
      <section>
        <h3>{t("build")}</h3>
        <BuildHash build={build} />
      </section>
      <section>
        <h3>{t("licence")}</h3>
        <p>{t("licenceText")}</p>
        <p>
          <a href="/licences.txt" target="_blank" rel="noreferrer">{t("licencesOfOthers")}</a>
        </p>
      </section>
      <button type="button" class="button" onClick={() => ui.dialog.value = { kind: "shortcuts" }}>
        {t("showShortcuts")}
      </button>
    </>
  );
}

function BuildHash({ build }: { readonly build: Build }) {
  if (!("hash" in build)) {
    return build.state === "checking"
      ? <p class="hint">{t("buildChecking")}</p>
      : <p class="note">{t("buildBroken")}</p>;
  }
  return (
    <>
      <p class="fingerprint">{build.hash}</p>
      {build.state === "other" ? <p class="note">{t("buildOther")}</p> : <p class="hint">{t("buildHint")}</p>}
    </>
  );
}
