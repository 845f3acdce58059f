/** What is known of the place the program runs in: its server, its build, its context. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Facts } from "../ui/port.ts";
import { readBuildInfo } from "./buildInfo.ts";
import { VERSION } from "./version.ts";

/** `scriptUrl` is the address of the running main script. */
export function createFacts(serverUrl: string, scriptUrl: string): ReadonlySignal<Facts> {
  const facts = signal<Facts>({
    secureContext: globalThis.isSecureContext,
    friendsHaveMicrophone: null,
    hasTurn: null,
    build: { state: "checking" },
    version: VERSION,
    serverAddress: serverUrl,
  });
  void readBuildInfo(scriptUrl).then((build) => facts.value = { ...facts.value, build });
  void readServer(serverUrl).then((server) => facts.value = { ...facts.value, ...server });
  return facts;
}

/** What the server says of itself; `null` where it says nothing. */
async function readServer(serverUrl: string): Promise<Pick<Facts, "friendsHaveMicrophone" | "hasTurn">> {
  const known = (value: unknown): boolean | null => typeof value === "boolean" ? value : null;
  try {
    const answer: unknown = await (await fetch(new URL("/node.json", serverUrl), { cache: "no-store" })).json();
    const { secure, turn } = (answer ?? {}) as { readonly secure?: unknown; readonly turn?: unknown };
    return { friendsHaveMicrophone: known(secure), hasTurn: known(turn) };
  } catch {
    return { friendsHaveMicrophone: null, hasTurn: null };
  }
}
