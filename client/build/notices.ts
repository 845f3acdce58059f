/** The notices file: whose work is shipped, under which licence, with the texts that those licences ask to pass on. */
import type { ShippedPackage } from "./packages.ts";
import { MIT, OPUS } from "./licenceTexts.ts";

/** Beside the page; the settings link to it. */
export const NOTICES_FILE = "licences.txt";

const RULE = "=".repeat(80);

const HEAD = `SecureComm is licensed under the Apache License 2.0, whose text ends this file.
It holds the work of others, listed here with the terms under which they give it away.`;

const UNDER_APACHE = "Used under the Apache License 2.0, whose text ends this file.";

/** `apache` is the text of our own licence. Packages with the same terms stand above one copy of them. */
export function notices(packages: readonly ShippedPackage[], apache: string): string {
  const byText = new Map<string, string[]>();
  for (const one of packages) {
    for (const text of terms(one)) byText.set(text, [...byText.get(text) ?? [], `${one.name} ${one.version}`]);
  }
  const list = packages.map(({ name, version, licence }) => `${name} ${version}: ${licence ?? "no licence named"}`);
  const parts = [...byText].map(([text, names]) => `${RULE}\n${names.join("\n")}\n\n${text}`);
  return [HEAD, list.join("\n"), ...parts, `${RULE}\n\n${apache.trim()}`].join("\n\n") + "\n";
}

/** Most packages bring their text; of the others the standard one holds. */
function terms({ name, licence, author, texts }: ShippedPackage): readonly string[] {
  // Its WebAssembly is libopus, which has terms of its own.
  const inside = name === "opus-decoder" ? [OPUS] : [];
  if (texts.length > 0) return [...texts, ...inside];
  if (licence?.split(/ OR /).includes("Apache-2.0")) return [UNDER_APACHE, ...inside];
  if (licence === "MIT") return [MIT(author ?? `the authors of ${name}`), ...inside];
  return [`Licence: ${licence ?? "none named"}`, ...inside];
}
