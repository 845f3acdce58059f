/** Says in one sentence that Deno is too old, before anything fails in a way that nobody understands. */

export const OLDEST_DENO = "2.9.0";

function parts(version: string): readonly number[] {
  return version.split(/[.-]/).slice(0, 3).map(Number);
}

export function isOlder(version: string, than: string): boolean {
  const [a, b] = [parts(version), parts(than)];
  const at = [0, 1, 2].find((index) => a[index] !== b[index]);
  return at !== undefined && a[at]! < b[at]!;
}

/** `null` where the version will do. */
export function versionProblem(version: string): string | null {
  if (!isOlder(version, OLDEST_DENO)) return null;
  return `SecureComm needs Deno ${OLDEST_DENO} or newer, and this is Deno ${version}. ` +
    "Run `deno upgrade`, or start it with `npx --yes deno@2.9.6 task start`.";
}

if (import.meta.main) {
  const problem = versionProblem(Deno.version.deno);
  if (problem !== null) {
    console.error(problem);
    Deno.exit(1);
  }
}
