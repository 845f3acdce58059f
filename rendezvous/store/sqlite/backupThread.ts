/** Makes one copy, and says whether it could. */
import { backUp } from "./backup.ts";

interface Scope {
  onmessage: ((event: MessageEvent<readonly [string, string]>) => void) | null;
  postMessage(hasSucceeded: boolean): void;
}

const scope = globalThis as unknown as Scope;

scope.onmessage = ({ data: [source, target] }) => {
  try {
    backUp(source, target);
    scope.postMessage(true);
  } catch {
    scope.postMessage(false);
  }
};
