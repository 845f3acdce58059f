/** Compares the safety number with a contact's: by eye, by a pasted text, or by the camera. */
import { useEffect, useId, useState } from "preact/hooks";
import type { UserId } from "../../../core/ids.ts";
import type { ContactView, SafetyComparison, SafetyNumberView } from "../../../core/node/view.ts";
import { CopyButton } from "../components/copy.tsx";
import { Dialog } from "../components/dialog.tsx";
import { ProblemNote } from "../components/problem.tsx";
import { QrCode } from "../components/qr.tsx";
import { canScan, Scanner } from "../components/scanner.tsx";
import { useUi } from "../context.ts";
import type { Problem } from "../port.ts";
import { t } from "../laterStrings.ts";
import { formatMoment } from "../time.ts";

export function VerifyDialog({ contact: id, onClose }: { readonly contact: UserId; readonly onClose: () => void }) {
  const { app } = useUi();
  const contact = app.view.value.contacts.find((one) => one.id === id);
  const [number, setNumber] = useState<SafetyNumberView | "computing" | null>("computing");
  useEffect(() => {
    let isOpen = true;
    app.safety.numberOf(id).then((computed) => isOpen && setNumber(computed));
    return () => {
      isOpen = false;
    };
  }, [id]);
  if (contact === undefined) return null;
  const { name } = contact;
  return (
    <Dialog title={t("safetyNumber")} onClose={onClose}>
      <p>{t("safetyText", { name })}</p>
      {number === "computing" && <p class="hint" aria-live="polite">{t("safetyComputing")}</p>}
      {number !== null && number !== "computing" && (
        <>
          <Shown number={number} />
          <Compare number={number} name={name} />
        </>
      )}
      <Mark contact={contact} />
    </Dialog>
  );
}

const groupsOf = (digits: string): readonly string[] => digits.match(/\d{5}/g) ?? [];

function Shown({ number }: { readonly number: SafetyNumberView }) {
  const groups = groupsOf(number.digits);
  return (
    <>
      <ul class="safety-digits" aria-label={t("safetyDigits")}>
        {groups.map((group, index) => <li key={index}>{group}</li>)}
      </ul>
      <QrCode text={number.code} label={t("safetyQr")} />
      <CopyButton text={groups.join(" ")} label={t("copyNumber")} />
    </>
  );
}

const FOUND = {
  "match": "comparedMatch",
  "mismatch": "comparedMismatch",
  "other-person": "comparedOtherPerson",
  "other-version": "comparedOtherVersion",
} as const satisfies Readonly<Record<SafetyComparison, string>>;

function Compare({ number, name }: { readonly number: SafetyNumberView; readonly name: string }) {
  const { app } = useUi();
  const [text, setText] = useState("");
  const [scanning, setScanning] = useState(false);
  const field = useId();
  const hint = useId();
  const isGiven = text.trim() !== "";
  const found = isGiven ? app.safety.compare(number, text) : null;
  return (
    <section class="safety-compare">
      <div class="field">
        <label for={field}>{t("theirNumber", { name })}</label>
        <input
          id={field}
          type="text"
          autocomplete="off"
          spellcheck={false}
          aria-describedby={hint}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <p id={hint} class="hint">{t("theirNumberHint")}</p>
      </div>
      {canScan() && (
        <button type="button" class="button" onClick={() => setScanning(!scanning)}>
          {scanning ? t("stopScanning") : t("scanCode", { name })}
        </button>
      )}
      {scanning && (
        <Scanner
          onCode={(code) => {
            setText(code);
            setScanning(false);
          }}
        />
      )}
      <p role="status" class={`safety-found ${found ?? "nothing"}`}>
        {isGiven && (found === null ? t("comparedNothing") : t(FOUND[found], { name }))}
      </p>
    </section>
  );
}

function Mark({ contact: { id, name, verified } }: { readonly contact: ContactView }) {
  const ui = useUi();
  const [problem, setProblem] = useState<Problem | null>(null);
  const mark = async (isVerified: boolean) => {
    const done = await ui.app.dispatch({ type: "MarkVerified", contact: id, verified: isVerified });
    setProblem(done.ok ? null : done.problem);
  };
  return (
    <div class="safety-mark">
      {problem && <ProblemNote problem={problem} />}
      {verified && <p>{t("verifiedSince", { name, date: formatMoment(verified.atMs) })}</p>}
      <div class="button-row">
        {verified
          ? <button type="button" class="button" onClick={() => mark(false)}>{t("clearVerification")}</button>
          : <button type="button" class="button primary" onClick={() => mark(true)}>{t("markVerified")}</button>}
      </div>
    </div>
  );
}
