/**
 * A stream library under simple-peer asks for Node's "events" when it is loaded. The bundler leaves that to the place
 * it runs in, so it is lent here for as long as the loading takes. Imported before simple-peer.
 */
import events from "events-in-browsers";

const scope = globalThis as { require?: (name: string) => unknown };
const lend = scope.require === undefined;

if (lend) {
  scope.require = (name) => {
    if (name === "node:events" || name === "events") return events;
    throw new Error(`there is no module "${name}" in a browser`);
  };
}

export function withdrawNodeEvents(): void {
  if (lend) delete scope.require;
}
