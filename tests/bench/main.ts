/** `deno task bench`: every benchmark, one after another, each in a process of its own; names as arguments choose some. */

const BENCHMARKS = ["jitterBuffer", "session", "app", "voice"] as const;

let hasFailed = false;
for (const name of BENCHMARKS) {
  if (Deno.args.length > 0 && !Deno.args.includes(name)) continue;
  console.log(`\n== ${name}`);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", `tests/bench/${name}.bench.ts`],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) {
    console.error(`${name} could not measure`);
    hasFailed = true;
  }
}
Deno.exit(hasFailed ? 1 : 0);
