/** Problems that hold for the whole program, and the last one that an action ran into. */
import { signal } from "@preact/signals";
import { useUi } from "../context.ts";
import type { Problem } from "../port.ts";
import { ProblemNote } from "./problem.tsx";

/** Closed by the person; each comes back after a reload, if it still holds. */
const dismissed = signal<ReadonlySet<Problem>>(new Set());

/** No cause for alarm: true of most browsers at first, and told in the settings. */
const QUIET: ReadonlySet<Problem> = new Set(["storage.not-persisted"]);

export function Banners() {
  const ui = useUi();
  const standing = ui.app.problems.value.filter((problem) => !QUIET.has(problem) && !dismissed.value.has(problem));
  const notice = ui.notice.value;
  if (standing.length === 0 && notice === null) return null;
  return (
    <div class="banners">
      {notice && <ProblemNote problem={notice} onDismiss={() => ui.notice.value = null} />}
      {standing.map((problem) => (
        <ProblemNote
          key={problem}
          problem={problem}
          onDismiss={() => dismissed.value = new Set([...dismissed.value, problem])}
        />
      ))}
    </div>
  );
}
