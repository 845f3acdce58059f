/** The frame of the pages that come before the panes: one card with the product's name on it. */
import type { ComponentChildren } from "preact";
import { useUi } from "../context.ts";
import { t } from "../strings.ts";
import { Banners } from "./banners.tsx";
import { Mark } from "./icon.tsx";

export function Card({ children }: { readonly children: ComponentChildren }) {
  const { app } = useUi();
  return (
    <main class="welcome">
      <div class="welcome-card">
        <p class="brand">
          <Mark /> {t("productName")}
        </p>
        {app.start.value.state === "ready" && <Banners />}
        {children}
      </div>
    </main>
  );
}
