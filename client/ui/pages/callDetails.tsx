/** How the call runs, and the code by which two people make sure that nobody sits between them. */
import type { CallView } from "../../../core/node/view.ts";
import { useUi } from "../context.ts";
import type { VoiceQuality } from "../port.ts";
import { t } from "../laterStrings.ts";

const ROUTE = { direct: "routeDirect", relayed: "routeRelayed" } as const;

/** On a small screen the conversation needs the room, so there the details open on demand. */
const OPEN_AT_FIRST = matchMedia("(min-width: 700px)").matches;

export function CallDetails({ call }: { readonly call: CallView }) {
  const quality = useUi().app.voice.quality.value;
  return (
    <details class="call-details" open={OPEN_AT_FIRST}>
      <summary>{t("showDetails")}</summary>
      <dl class="facts">
        <Fact name={t("roundTrip")} value={roundTrip(quality)} />
        {call.route && <Fact name={t("route")} value={t(ROUTE[call.route])} />}
        <Fact name={t("keys")} value={t("keyCoverage", call.keyCoverage)} />
        {quality && <Fact name={t("loss")} value={t("percent", { count: Math.round(quality.lossRatio * 100) })} />}
        {quality && <Fact name={t("buffer")} value={t("milliseconds", { count: Math.round(quality.bufferMs) })} />}
      </dl>
      <div class="code">
        <h3>{t("code")}</h3>
        <p class={call.code ? "code-digits" : "hint"}>{call.code ?? t("codeWait")}</p>
        <p class="hint">{t("codeHint")}</p>
      </div>
    </details>
  );
}

export function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function roundTrip(quality: VoiceQuality | null): string {
  const ms = quality?.roundTripMs ?? null;
  return ms === null ? t("roundTripUnknown") : t("milliseconds", { count: Math.round(ms) });
}
