import { useUi } from "../context.ts";
import { t } from "../laterStrings.ts";

const THEMES = [
  { theme: "system", label: "themeSystem" },
  { theme: "light", label: "themeLight" },
  { theme: "dark", label: "themeDark" },
] as const;

/** Light, dark, or as the system says. */
export function AppearanceTab() {
  const { chosen } = useUi().theme;
  return (
    <fieldset class="choices">
      <legend>{t("theme")}</legend>
      {THEMES.map(({ theme, label }) => (
        <label key={theme} class="choice">
          <input
            type="radio"
            name="theme"
            checked={chosen.value === theme}
            onChange={() => chosen.value = theme}
          />
          {t(label)}
        </label>
      ))}
    </fieldset>
  );
}
