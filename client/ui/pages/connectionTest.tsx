/** "Test my connection": what was tried, what works, and what to do about the rest. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../components/icon.tsx";
import { useUi } from "../context.ts";
import { t } from "../laterStrings.ts";
import type { ConnectionCheck, ConnectionOutcome } from "../port.ts";

const CHECKS = [
  ["server", "checkServer"],
  ["stun", "checkStun"],
  ["turn-udp", "checkTurnUdp"],
  ["turn-tcp", "checkTurnTcp"],
  ["microphone", "checkMicrophone"],
] as const;

type Outcomes = Partial<Readonly<Record<ConnectionCheck, ConnectionOutcome>>>;
type State = "before" | "running" | "stopped" | "done";

export function ConnectionTest() {
  const { app } = useUi();
  const [outcomes, setOutcomes] = useState<Outcomes>({});
  const [state, setState] = useState<State>("before");
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const start = async () => {
    const control = new AbortController();
    running.current = control;
    setOutcomes({});
    setState("running");
    await app.testConnection(
      (check, outcome) => setOutcomes((known) => ({ ...known, [check]: outcome })),
      control.signal,
    );
    if (!control.signal.aborted) setState("done");
  };
  const stop = () => {
    running.current?.abort();
    setState("stopped");
  };
  const next = CHECKS.find(([check]) => outcomes[check] === undefined);
  return (
    <section>
      <h3>{t("connectionTest")}</h3>
      <p class="hint">{t("connectionTestHint")}</p>
      <button type="button" class="button" onClick={state === "running" ? stop : start}>
        {t(state === "running" ? "connectionTestStop" : "connectionTestStart")}
      </button>
      {state === "running" && (
        <progress
          aria-label={t("connectionTestProgress")}
          max={CHECKS.length}
          value={Object.keys(outcomes).length}
        />
      )}
      <p role="status">
        {state === "running" && next && t("connectionTestRunning", { check: t(next[1]) })}
        {state === "stopped" && t("connectionTestStopped")}
        {state === "done" && t(summary(outcomes))}
      </p>
      {state !== "before" && (
        <dl class="facts">
          {CHECKS.map(([check, name]) => (
            <div key={check}>
              <dt>{t(name)}</dt>
              <dd class={outcomes[check] === "good" ? "good" : ""}>
                {outcomes[check] === "good" && <Icon name="check" />}{" "}
                {said(check, outcomes[check], check === next?.[0] && state)}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function said(check: ConnectionCheck, outcome: ConnectionOutcome | undefined, isNext: State | false) {
  if (outcome === undefined) return t(isNext === "running" ? "outcomeRunning" : "outcomeWaiting");
  switch (outcome) {
    case "good":
      return t("outcomeGood");
    case "no-turn":
      return t("turnNone");
    case "blocked":
      return t("turnBlocked");
    case "missing":
      return t("microphoneMissing");
    case "not-secure":
      return t("microphoneNotSecure");
    case "refused":
      return t(check === "microphone" ? "microphoneRefused" : "turnRefused");
    case "no-answer":
      return t(check === "server" ? "serverNoAnswer" : check === "stun" ? "stunNoAnswer" : "turnNoAnswer");
  }
}

/** One way through the relay is enough for a call. */
function summary(outcomes: Outcomes): "connectionTestGood" | "connectionTestFair" | "connectionTestBad" {
  if (CHECKS.every(([check]) => outcomes[check] === "good")) return "connectionTestGood";
  const relays = outcomes["turn-udp"] === "good" || outcomes["turn-tcp"] === "good";
  const isEnough = relays && outcomes.server === "good" && outcomes.microphone === "good";
  return isEnough ? "connectionTestFair" : "connectionTestBad";
}
