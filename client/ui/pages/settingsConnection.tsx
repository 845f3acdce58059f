import { JoinCode } from "../components/joinCode.tsx";
import { useUi } from "../context.ts";
import { t } from "../laterStrings.ts";
import { ConnectionTest } from "./connectionTest.tsx";
import { Fact } from "./callDetails.tsx";

const SERVER = { online: "serverOnline", connecting: "serverConnecting", offline: "serverOffline" } as const;
const MAIL = {
  none: "mailNone",
  connecting: "serverConnecting",
  ready: "mailReady",
  "needs-code": "mailNeedsCode",
  refused: "mailRefused",
} as const;
const CONNECTION = {
  direct: "connectedDirectly",
  relayed: "connectedThroughRelay",
  connecting: "serverConnecting",
  offline: "serverOffline",
} as const;

/** The server, the page, and how each person is reached. */
export function ConnectionTab() {
  const { view, facts, privacy } = useUi().app;
  const { rendezvous, mailbox, contacts } = view.value;
  const { serverAddress, secureContext, friendsHaveMicrophone, hasTurn } = facts.value;
  return (
    <>
      <section>
        <h3>{t("server")}</h3>
        <dl class="facts">
          <Fact name={t("serverAddress")} value={serverAddress} />
          <Fact name={t("serverState")} value={t(SERVER[rendezvous])} />
          <Fact name={t("secureContext")} value={t(secureContext ? "secureYes" : "secureNo")} />
          <Fact name={t("friends")} value={t(friendsKey(friendsHaveMicrophone))} />
          <Fact name={t("mail")} value={t(MAIL[mailbox])} />
        </dl>
        <JoinCode />
      </section>
      <ConnectionTest />
      <section>
        <h3>{t("people")}</h3>
        {contacts.length === 0 ? <p class="hint">{t("peopleNone")}</p> : (
          <dl class="facts">
            {contacts.map(({ id, name, connection }) => (
              <Fact
                key={id}
                name={name}
                value={t(CONNECTION[connection])}
              />
            ))}
          </dl>
        )}
      </section>
      <section>
        <h3>{t("privacy")}</h3>
        <label class="choice">
          <input
            type="checkbox"
            checked={privacy.relayOnly.value}
            onChange={({ currentTarget }) => privacy.setRelayOnly(currentTarget.checked)}
          />
          {t("relayOnly")}
        </label>
        <p class="hint">{t(hasTurn === false ? "relayOnlyWithoutTurn" : "relayOnlyHint")}</p>
      </section>
      <p class="hint">{t("connectionHint")}</p>
    </>
  );
}

function friendsKey(have: boolean | null): "friendsYes" | "friendsNo" | "friendsUnknown" {
  if (have === null) return "friendsUnknown";
  return have ? "friendsYes" : "friendsNo";
}
