import { Avatar } from "../components/avatar.tsx";
import { CopyButton } from "../components/copy.tsx";
import { ProblemNote } from "../components/problem.tsx";
import { useUi } from "../context.ts";
import { t } from "../laterStrings.ts";

/** Who one is here: the name, and the key that stands behind it. */
export function ProfileTab() {
  const { view, problems } = useUi().app;
  const { me } = view.value;
  if (me === null) return null;
  return (
    <>
      <div class="profile">
        <Avatar id={me.id} name={me.name} size="large" />
        <div>
          <h3>{t("profileName")}</h3>
          <p class="profile-name">{me.name}</p>
        </div>
      </div>
      <section>
        <h3>{t("profileId")}</h3>
        <p class="fingerprint">{me.id.match(/.{4}/g)?.join(" ")}</p>
        <p class="hint">{t("profileIdHint")}</p>
        <CopyButton text={me.id} label={t("copyFingerprint")} />
      </section>
      <p class="hint">{t("profileStays")}</p>
      {problems.value.includes("storage.not-persisted") && <ProblemNote problem="storage.not-persisted" />}
    </>
  );
}
