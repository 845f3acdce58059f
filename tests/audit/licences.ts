/** Which licences may be shipped, and what stands against a package. */
import type { ShippedPackage } from "../../client/build/packages.ts";

/** Permissive ones, which ask for a notice at most. SPDX identifiers. */
export const ALLOWED: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "ISC",
  "MIT",
]);

/** Whether an SPDX expression leaves a choice that we may take. Parentheses inside of it are not understood, so refused. */
export function isAllowed(expression: string): boolean {
  const plain = expression.replace(/^\((.*)\)$/, "$1");
  return plain.split(" OR ").some((choice) => choice.split(" AND ").every((licence) => ALLOWED.has(licence.trim())));
}

/** A sentence for each package that must not be shipped as it is. */
export function objections(packages: readonly ShippedPackage[]): readonly string[] {
  return packages.flatMap(({ name, version, licence }) => {
    if (licence === null) return [`${name} ${version} names no licence.`];
    return isAllowed(licence) ? [] : [`${name} ${version} is under ${licence}, which is not among those allowed.`];
  });
}
