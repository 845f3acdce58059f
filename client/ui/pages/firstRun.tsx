/** The page of somebody who is here for the first time, without an invite. */
import { useState } from "preact/hooks";
import { Card } from "../components/card.tsx";
import { Icon, type IconName } from "../components/icon.tsx";
import { NameField } from "../components/nameField.tsx";
import { ProblemNote } from "../components/problem.tsx";
import { useUi } from "../context.ts";
import type { Problem } from "../port.ts";
import { t } from "../strings.ts";

export function FirstRun() {
  const { app } = useUi();
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const create = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const done = await app.dispatch({ type: "CreateIdentity", name: name.trim() });
    setBusy(false);
    setProblem(done.ok ? null : done.problem);
  };
  return (
    <Card>
      <h1>{t("welcomeTitle")}</h1>
      <p class="lead">{t("welcomeText")}</p>
      <form onSubmit={create} noValidate>
        <NameField value={name} onInput={setName} invalid={problem === "node.bad-name"} />
        {problem && <ProblemNote problem={problem} />}
        <button type="submit" class="button primary large" aria-disabled={busy}>
          {busy ? t("creatingIdentity") : t("createIdentity")}
        </button>
      </form>
      <ul class="promises">
        <Assurance icon="key" text={t("welcomeKey")} />
        <Assurance icon="lock" text={t("welcomeSealed")} />
        <Assurance icon="server" text={t("welcomeServer")} />
      </ul>
    </Card>
  );
}

function Assurance({ icon, text }: { readonly icon: IconName; readonly text: string }) {
  return (
    <li>
      <Icon name={icon} />
      <span>{text}</span>
    </li>
  );
}
