import { useEffect, useId } from "preact/hooks";
import { Icon } from "../components/icon.tsx";
import { Meter } from "../components/meter.tsx";
import { ProblemNote } from "../components/problem.tsx";
import { useUi } from "../context.ts";
import type { AudioDevice } from "../port.ts";
import { t } from "../laterStrings.ts";

/** Devices, a microphone test, and whether this browser can call at all. */
export function VoiceTab() {
  const { voice } = useUi().app;
  const { inputs, outputs, inputId, outputId } = voice.devices.value;
  const problem = voice.problem.value;
  return (
    <>
      <Support />
      <Choice
        label={t("microphone")}
        devices={inputs}
        chosen={inputId}
        choose={(id) => voice.chooseInput(id)}
      />
      {outputs.length > 0
        ? <Choice label={t("speaker")} devices={outputs} chosen={outputId} choose={(id) => voice.chooseOutput(id)} />
        : <p class="hint">{t("speakerFixed")}</p>}
      <MicrophoneTest />
      {problem && <ProblemNote problem={problem} />}
    </>
  );
}

function Support() {
  const support = useUi().app.voice.support.value;
  return (
    <section>
      <h3>{t("supportCheck")}</h3>
      {support.state === "missing" && <ProblemNote problem={support.problem} />}
      {support.state === "ready" && (
        <p class="good">
          <Icon name="check" /> {t("supportReady")}
        </p>
      )}
      {support.state === "checking" && <p class="hint">{t("supportChecking")}</p>}
    </section>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly devices: readonly AudioDevice[];
  readonly chosen: string | null;
  readonly choose: (id: string | null) => void;
}

function Choice({ label, devices, chosen, choose }: ChoiceProps) {
  const field = useId();
  return (
    <div class="field">
      <label for={field}>{label}</label>
      <select id={field} value={chosen ?? ""} onChange={(event) => choose(event.currentTarget.value || null)}>
        <option value="">{t("systemDefault")}</option>
        {devices.map((device, i) => (
          <option key={device.id} value={device.id}>{device.label || t("unnamedDevice", { number: i + 1 })}</option>
        ))}
      </select>
    </div>
  );
}

function MicrophoneTest() {
  const { voice } = useUi().app;
  const running = voice.testing.value;
  // Leaving the tab must not leave the microphone open.
  useEffect(() => () => {
    if (voice.testing.peek()) voice.stopMicrophoneTest();
  }, []);
  return (
    <section>
      <button
        type="button"
        class="button"
        onClick={() => running ? voice.stopMicrophoneTest() : voice.startMicrophoneTest()}
      >
        <Icon name="microphone" /> {running ? t("testStop") : t("testStart")}
      </button>
      {running && (
        <>
          <Meter label={t("microphoneLevel")} level={voice.level} />
          <p class="hint">{t("testHint")}</p>
        </>
      )}
    </section>
  );
}
