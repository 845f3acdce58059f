/** A problem in two sentences: what happened, what to do. */
import type { Problem } from "../port.ts";
import { t } from "../strings.ts";
import { problemText } from "../strings/problems.ts";
import { Icon } from "./icon.tsx";

export interface ProblemNoteProps {
  readonly problem: Problem;
  readonly onDismiss?: () => void;
}

export function ProblemNote({ problem, onDismiss }: ProblemNoteProps) {
  const { what, todo } = problemText(problem);
  return (
    <div class="problem" role="alert">
      <Icon name="warning" />
      <p>
        <strong>{what}</strong> {todo}
      </p>
      {onDismiss && (
        <button type="button" class="icon-button" aria-label={t("dismiss")} onClick={onDismiss}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}
