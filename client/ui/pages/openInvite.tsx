/** The page behind an invite link: who invites, and what a person can answer. A newcomer gives a name in the same go. */
import { useState } from "preact/hooks";
import { Card } from "../components/card.tsx";
import { Avatar } from "../components/avatar.tsx";
import { NameField } from "../components/nameField.tsx";
import { ProblemNote } from "../components/problem.tsx";
import { useUi } from "../context.ts";
import type { Dispatched, Problem, ReadInvite } from "../port.ts";
import type { Ui } from "../store.ts";
import { t } from "../strings.ts";
import { formatMoment } from "../time.ts";

const REFUSED = { broken: "invite.broken", expired: "invite.expired", own: "invite.own" } as const;

export function OpenInvite({ token }: { readonly token: string }) {
  const { app } = useUi();
  const invite = app.invite.read(token);
  return (
    <Card>
      {invite.state === "good"
        ? <GoodInvite token={token} invite={invite} />
        : <BadInvite problem={REFUSED[invite.state]} />}
    </Card>
  );
}

function BadInvite({ problem }: { readonly problem: Problem }) {
  const { app } = useUi();
  return (
    <>
      <h1>{t("inviteBadHeading")}</h1>
      <ProblemNote problem={problem} />
      <button type="button" class="button primary large" onClick={() => app.invite.forget()}>
        {t("inviteContinue")}
      </button>
    </>
  );
}

type Good = Extract<ReadInvite, { readonly state: "good" }>;

function GoodInvite({ token, invite }: { readonly token: string; readonly invite: Good }) {
  const ui = useUi();
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const newcomer = ui.app.view.value.me === null;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const done = await accept(ui, token, name.trim());
    if (done.ok) {
      ui.select(invite.inviter);
      ui.app.invite.forget();
      return;
    }
    setBusy(false);
    setProblem(done.problem);
  };
  return (
    <>
      <Avatar id={invite.inviter} name={invite.name} size="large" />
      <h1>{t("inviteHeading", { name: invite.name })}</h1>
      <p class="lead">{t("inviteText")}</p>
      <form onSubmit={submit} noValidate>
        {newcomer && <NameField value={name} onInput={setName} invalid={problem === "node.bad-name"} />}
        {problem && <ProblemNote problem={problem} />}
        <div class="button-row">
          <button type="submit" class="button primary large" aria-disabled={busy}>
            {busy ? t("acceptingInvite") : t("acceptInvite")}
          </button>
          <button type="button" class="button large" onClick={() => ui.app.invite.forget()}>
            {t("declineInvite")}
          </button>
        </div>
      </form>
      <p class="hint">{t("inviteAddress", { name: invite.name })}</p>
      <p class="hint">{t("inviteExpires", { date: formatMoment(invite.expiresAtMs) })}</p>
    </>
  );
}

async function accept({ app }: Ui, token: string, name: string): Promise<Dispatched> {
  if (app.view.peek().me === null) {
    const created = await app.dispatch({ type: "CreateIdentity", name });
    if (!created.ok) return created;
  }
  return app.dispatch({ type: "AcceptInvite", token });
}
