/** Makes an invite link at each opening, because a link is for one person; lists those that are still open. */
import { useEffect, useId, useState } from "preact/hooks";
import type { InviteView } from "../../../core/node/view.ts";
import { CopyButton } from "../components/copy.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Icon } from "../components/icon.tsx";
import { ProblemNote } from "../components/problem.tsx";
import { QrCode } from "../components/qr.tsx";
import { useUi } from "../context.ts";
import type { Problem } from "../port.ts";
import { t } from "../laterStrings.ts";
import { formatMoment } from "../time.ts";

type Making =
  | { readonly state: "busy"; readonly known: ReadonlySet<string> }
  | { readonly state: "made"; readonly id: string }
  | { readonly state: "failed"; readonly problem: Problem };

export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const { app } = useUi();
  const { invites } = app.view.value;
  const [making, setMaking] = useState<Making>(() => ({ state: "busy", known: idsOf(invites) }));
  const make = async () => {
    const known = idsOf(app.view.peek().invites);
    setMaking({ state: "busy", known });
    const done = await app.dispatch({ type: "CreateInvite" });
    if (!done.ok) return setMaking({ state: "failed", problem: done.problem });
    const fresh = app.view.peek().invites.find(({ id }) => !known.has(id));
    setMaking(fresh ? { state: "made", id: fresh.id } : { state: "failed", problem: "program.failed" });
  };
  useEffect(() => {
    make();
  }, []);
  const current = making.state === "made" ? invites.find(({ id }) => id === making.id) : undefined;
  const others = invites.filter(({ id, state }) => state === "open" && id !== current?.id);
  return (
    <Dialog title={t("invitePeople")} onClose={onClose}>
      <p>{t("inviteDialogText")}</p>
      {app.facts.value.friendsHaveMicrophone === false && (
        <p class="note">
          <Icon name="warning" />
          <span>{t("inviteNoMicrophone")}</span>
        </p>
      )}
      {making.state === "busy" && <p class="hint" aria-live="polite">{t("inviteMaking")}</p>}
      {making.state === "failed" && <ProblemNote problem={making.problem} />}
      {making.state === "made" && (
        current?.state === "open" ? <Link invite={current} /> : <Spent used={current?.state === "used"} onNew={make} />
      )}
      {others.length > 0 && <OpenInvites invites={others} />}
    </Dialog>
  );
}

const idsOf = (invites: readonly InviteView[]) => new Set<string>(invites.map(({ id }) => id));

function Link({ invite }: { readonly invite: InviteView }) {
  const { app } = useUi();
  const field = useId();
  const link = app.invite.link(invite.token);
  return (
    <div class="invite-link">
      <div class="field">
        <label for={field}>{t("inviteLink")}</label>
        <input id={field} type="text" readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
        <p class="hint">{t("inviteGoodUntil", { date: formatMoment(invite.expiresAtMs) })}</p>
      </div>
      <CopyButton text={link} label={t("copyLink")} primary focused />
      <QrCode text={link} label={t("inviteQr")} />
    </div>
  );
}

function Spent({ used, onNew }: { readonly used: boolean; readonly onNew: () => void }) {
  return (
    <div class="invite-spent">
      <p aria-live="polite">{used ? t("inviteUsed") : t("inviteNoLonger")}</p>
      <button type="button" class="button primary" onClick={onNew}>{t("newLink")}</button>
    </div>
  );
}

function OpenInvites({ invites }: { readonly invites: readonly InviteView[] }) {
  const { app } = useUi();
  const [problem, setProblem] = useState<Problem | null>(null);
  const revoke = async (invite: InviteView) => {
    const done = await app.dispatch({ type: "RevokeInvite", invite: invite.id });
    setProblem(done.ok ? null : done.problem);
  };
  return (
    <section class="open-invites">
      <h3>{t("openInvites")}</h3>
      {problem && <ProblemNote problem={problem} />}
      <ul>
        {invites.map((invite) => {
          const date = formatMoment(invite.expiresAtMs);
          return (
            <li key={invite.id}>
              <span>{t("openInviteUntil", { date })}</span>
              <button
                type="button"
                class="button small"
                aria-label={t("revokeLabel", { date })}
                onClick={() => revoke(invite)}
              >
                {t("revoke")}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
