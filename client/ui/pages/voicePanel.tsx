/** The call one is in: who talks, how well it runs, and the controls. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { CallView } from "../../../core/node/view.ts";
import { Avatar } from "../components/avatar.tsx";
import { Icon } from "../components/icon.tsx";
import { Meter } from "../components/meter.tsx";
import { ProblemNote } from "../components/problem.tsx";
import { useUi } from "../context.ts";
import { act } from "../store.ts";
import { t } from "../laterStrings.ts";
import { formatDuration } from "../time.ts";
import { CallDetails } from "./callDetails.tsx";

export function VoicePanel({ call }: { readonly call: CallView }) {
  if (call.state === "incoming") return null;
  return call.state === "ended" ? <Ended call={call} /> : <Running call={call} />;
}

const ENDED = {
  left: "endedLeft",
  declined: "endedDeclined",
  unanswered: "endedUnanswered",
  busy: "endedBusy",
  unreachable: "endedUnreachable",
  failed: "endedFailed",
} as const;

const GOODBYE_MS = 6_000;

function Ended({ call }: { readonly call: CallView }) {
  const { dispatch } = useUi().app;
  const dismiss = () => void dispatch({ type: "DismissCall" });
  const key = ENDED[call.outcome ?? "left"];
  // That somebody hung up needs no answer; anything else stays until it was read.
  useEffect(() => {
    if (key !== "endedLeft") return;
    const timer = setTimeout(dismiss, GOODBYE_MS);
    return () => clearTimeout(timer);
  }, [key]);
  return (
    <div class="call-ended">
      <p role={key === "endedLeft" ? "status" : "alert"}>
        {key === "endedLeft" || key === "endedFailed" ? t(key) : t(key, { name: call.name })}
      </p>
      <button type="button" class="icon-button" aria-label={t("dismiss")} onClick={dismiss}>
        <Icon name="close" />
      </button>
    </div>
  );
}

function Running({ call }: { readonly call: CallView }) {
  const ui = useUi();
  const { voice, view } = ui.app;
  const { me, them } = voice.speaking.value;
  const active = call.state === "active";
  const problem = voice.problem.value;
  return (
    <section class="voice" aria-label={t("voice")}>
      <header class="voice-header">
        <Avatar id={call.contact} name={call.name} size="small" speaking={active && them} />
        <Avatar id={view.value.me?.id ?? ""} name={view.value.me?.name ?? ""} size="small" speaking={active && me} />
        <div class="voice-title">
          <span class="voice-with">{title(call)}</span>
          {active && <Summary call={call} />}
        </div>
      </header>
      {problem && <ProblemNote problem={problem} />}
      {active && <Meter label={t("microphoneLevel")} level={voice.level} />}
      <div class="voice-controls">
        <Toggle icon="microphone" label={t("mute")} on={voice.muted.value} set={(on) => voice.setMuted(on)} />
        <Toggle icon="headphones" label={t("deafen")} on={voice.deafened.value} set={(on) => voice.setDeafened(on)} />
        <button
          type="button"
          class="voice-button leave"
          aria-label={t("leaveCall")}
          title={t("leaveCall")}
          onClick={() => act(ui, { type: "LeaveCall" })}
        >
          <Icon name="hangUp" />
        </button>
      </div>
      {active && <CallDetails call={call} />}
    </section>
  );
}

function title(call: CallView): string {
  if (call.state === "calling") return t("calling", { name: call.name });
  return call.state === "connecting" ? t("callConnecting") : t("inCall", { name: call.name });
}

function Summary({ call }: { readonly call: CallView }) {
  const ui = useUi();
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => now.value = Date.now(), 1_000);
    return () => clearInterval(timer);
  }, []);
  const roundTripMs = ui.app.voice.quality.value?.roundTripMs ?? null;
  return (
    <span class="voice-time">
      {formatDuration(now.value - call.startedAtMs)}
      {roundTripMs !== null && ` · ${t("milliseconds", { count: Math.round(roundTripMs) })}`}
    </span>
  );
}

interface ToggleProps {
  readonly icon: "microphone" | "headphones";
  readonly label: string;
  readonly on: boolean;
  readonly set: (on: boolean) => void;
}

function Toggle({ icon, label, on, set }: ToggleProps) {
  return (
    <button
      type="button"
      class="voice-button"
      aria-label={label}
      aria-pressed={on}
      title={label}
      onClick={() => set(!on)}
    >
      <Icon name={icon} />
    </button>
  );
}
