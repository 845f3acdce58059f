/** The frame of the pages that come before the panes: one card with the product's name on it. */
import type { ComponentChildren } from "preact";
import { useUi } from "../context.ts";
import { t } from "../strings.ts";
import { Banners } from "./banners.tsx";
import { Mark } from "./icon.tsx";

export interface CardProps {
  /** Shown a moment later: most starts have gone on to something else by then. */
  readonly late?: boolean;
  readonly children: ComponentChildren;
}

export function Card({ late = false, children }: CardProps) {
  const { app } = useUi();
  return (
    <main class={late ? "welcome late" : "welcome"}>
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
