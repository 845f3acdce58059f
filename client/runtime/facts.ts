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
    build: { state: "checking" },
    version: VERSION,
    serverAddress: serverUrl,
  });
  void readBuildInfo(scriptUrl).then((build) => facts.value = { ...facts.value, build });
  void readServer(serverUrl).then((secure) => facts.value = { ...facts.value, friendsHaveMicrophone: secure });
  return facts;
}

/** Whether pages from this server are a secure context on other machines too; `null` when it does not say. */
async function readServer(serverUrl: string): Promise<boolean | null> {
  try {
    const answer: unknown = await (await fetch(new URL("/node.json", serverUrl), { cache: "no-store" })).json();
    const secure = (answer as { readonly secure?: unknown } | null)?.secure;
    return typeof secure === "boolean" ? secure : null;
  } catch {
    return null;
  }
}
