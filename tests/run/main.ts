/** `deno task test`: prepares the machine, runs every suite within its budget, and ends with one line that counts. */
import { prepare } from "./prepare.ts";
import { type Suite, SUITES } from "./suites.ts";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
}

interface Outcome extends Counts {
  readonly suite: Suite;
  readonly seconds: number;
}

const SUMMARY = /(\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \(\d+ steps?\))?(?: \| (\d+) ignored)?/g;
// deno-lint-ignore no-control-regex
const COLOUR = /\x1b\[[0-9;]*m/g;

async function runSuite(suite: Suite): Promise<Outcome> {
  const startMs = performance.now();
  console.log(`\n== ${suite.name} (at most ${suite.budgetS} s)`);
  const runs = await Promise.all(suite.runs.map((args) => runOne(suite, args)));
  const total = (key: keyof Counts) => runs.reduce((sum, one) => sum + one[key], 0);
  const seconds = (performance.now() - startMs) / 1000;
  return { suite, passed: total("passed"), failed: total("failed"), ignored: total("ignored"), seconds };
}

async function runOne(suite: Suite, args: readonly string[]): Promise<Counts> {
  const child = new Deno.Command(Deno.execPath(), { args: [...args], stdout: "piped", stderr: "piped" }).spawn();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGTERM");
  }, suite.budgetS * 1000);
  const [output, , status] = await Promise.all([echo(child.stdout), echo(child.stderr), child.status]);
  clearTimeout(timer);
  if (isLate) console.log(`${suite.name} did not end within ${suite.budgetS} s`);
  return count(suite, output, status.success && !isLate);
}

/** Passes the output on as it comes, and gives it back whole. */
async function echo(stream: ReadableStream<Uint8Array>): Promise<string> {
  let whole = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    await Deno.stdout.write(chunk);
    whole += decoder.decode(chunk, { stream: true });
  }
  return whole;
}

function count({ counts }: Suite, output: string, hasSucceeded: boolean): Counts {
  const found = [...output.replaceAll(COLOUR, "").matchAll(SUMMARY)].at(-1);
  if (counts === "status" || found === undefined) {
    return { passed: hasSucceeded ? 1 : 0, failed: hasSucceeded ? 0 : 1, ignored: 0 };
  }
  const [passed, failed, ignored] = [1, 2, 3].map((group) => Number(found[group] ?? 0)) as [number, number, number];
  // A run can fail without a failed test: a leak, an error outside of tests, a budget that ran out.
  return { passed, failed: failed === 0 && !hasSucceeded ? 1 : failed, ignored };
}

const sentence = await prepare();
if (sentence !== null) {
  console.error(sentence);
  Deno.exit(1);
}
const only = new Set(Deno.args);
const outcomes: Outcome[] = [];
for (const suite of SUITES) {
  if (only.size === 0 || only.has(suite.name)) outcomes.push(await runSuite(suite));
}
const total = (key: "passed" | "failed" | "ignored" | "seconds") => outcomes.reduce((sum, one) => sum + one[key], 0);
console.log();
for (const { suite, passed, failed, ignored, seconds } of outcomes) {
  const skipped = ignored > 0 ? `, ${ignored} skipped` : "";
  console.log(
    `${suite.name}: ${passed} passed, ${failed} failed${skipped}, ${seconds.toFixed(0)} of ${suite.budgetS} s`,
  );
}
console.log(`all: ${total("seconds").toFixed(0)} s`);
const skipped = total("ignored") > 0 ? `, ${total("ignored")} skipped` : "";
console.log(`${total("passed")} passed, ${total("failed")} failed${skipped}`);
Deno.exit(total("failed") === 0 && outcomes.length > 0 ? 0 : 1);
