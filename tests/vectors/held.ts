/** README.md says how many published answers we are held to. Each test that ran them holds the README to that. */
import assert from "node:assert/strict";

export interface Row {
  readonly what: string;
  readonly source: string;
  readonly cases: string;
  readonly passed: string;
  readonly test: string;
}

/** The rows of the table in README.md. */
export function rows(): readonly Row[] {
  const lines = Deno.readTextFileSync(new URL("README.md", import.meta.url)).split("\n");
  const cells = lines.filter((line) => line.startsWith("|")).map((line) => line.split("|").slice(1, -1));
  return cells.slice(2).map((row) => {
    const [what, source, cases, passed, test] = row.map((cell) => cell.trim());
    return { what: what!, source: source!, cases: cases!, passed: passed!, test: test!.replaceAll("`", "") };
  });
}

/** To be called at the end of a test, when `cases` published answers have been compared and all were ours. */
export function held(what: string, cases: number): void {
  const row = rows().find((each) => each.what === what);
  assert.ok(row !== undefined, `README.md has no row "${what}"`);
  assert.deepEqual([row.cases, row.passed], [String(cases), String(cases)], `README.md, row "${what}"`);
}
