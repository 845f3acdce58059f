import { useUi } from "../context.ts";
import { t } from "../strings.ts";

/** Which build this is, under which licence. */
export function AboutTab() {
  const ui = useUi();
  const { version, buildHash } = ui.app.facts.value;
  return (
    <>
      <section>
        <h3>{t("version")}</h3>
        <p>{t("productName")} {version}</p>
      </section>
      <section>
        <h3>{t("build")}</h3>
        <p class="fingerprint">{buildHash}</p>
        <p class="hint">{t("buildHint")}</p>
      </section>
      <section>
        <h3>{t("licence")}</h3>
        <p>{t("licenceText")}</p>
      </section>
      <button type="button" class="button" onClick={() => ui.dialog.value = { kind: "shortcuts" }}>
        {t("showShortcuts")}
      </button>
    </>
  );
}
