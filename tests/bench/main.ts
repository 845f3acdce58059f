/** `deno task bench`: every benchmark, one after another, each in a process of its own; names as arguments choose some. */

const ENDING = ".bench.ts";
const BENCHMARKS = [...Deno.readDirSync(import.meta.dirname!)]
  .filter(({ name }) => name.endsWith(ENDING))
  .map(({ name }) => name.slice(0, -ENDING.length))
  .sort();

const unknown = Deno.args.filter((name) => !BENCHMARKS.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}, but there are ${BENCHMARKS.join(", ")}`);
  Deno.exit(2);
}

let hasFailed = false;
for (const name of Deno.args.length > 0 ? Deno.args : BENCHMARKS) {
  console.log(`\n== ${name}`);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", `tests/bench/${name}${ENDING}`],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) {
    console.error(`${name} could not measure`);
    hasFailed = true;
  }
}
Deno.exit(hasFailed ? 1 : 0);
