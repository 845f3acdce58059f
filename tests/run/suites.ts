/** The suites of `deno task test`, in the order in which a failure is cheapest to learn of. */

export interface Suite {
  readonly name: string;
  /** Of the runs of Deno that it consists of: they go side by side. */
  readonly runs: readonly (readonly string[])[];
  /** A suite that takes longer has failed. All together stay below half an hour on two cores. */
  readonly budgetS: number;
  /** Counted by the test runner's own summary, or each run as one test that passes with a zero status. */
  readonly counts: "tests" | "status";
}

const tests = (name: string, paths: readonly string[], budgetS: number, flags: readonly string[] = []): Suite => ({
  name,
  runs: [["test", "--quiet", "--no-check", "--allow-all", ...flags, ...paths]],
  budgetS,
  counts: "tests",
});

/** Twenty members each, of whom some lie. */
const guilds = (from: number, count: number): readonly (readonly string[])[] => [
  ["run", "--no-check", "--allow-read", "tests/sim/guild/main.ts", "--seeds", `${count}`, "--from", `${from}`],
];

export const SUITES: readonly Suite[] = [
  { name: "gate", runs: [["task", "--quiet", "ok"]], budgetS: 180, counts: "status" },
  tests(
    "unit",
    ["tests/arch", "tests/unit", "tests/vectors", "tests/property", "tests/interop", "tests/contract"],
    240,
    ["--parallel"],
  ),
  tests("simulation", ["tests/sim"], 90),
  {
    name: "simulated histories",
    runs: [
      ["run", "--no-check", "tests/sim/main.ts", "--seeds", "200", "--from", "1000"],
      ...guilds(1, 500),
      ...guilds(501, 500),
    ],
    budgetS: 1_200,
    counts: "status",
  },
  tests("fuzz", ["tests/fuzz"], 120),
  tests("audit", ["tests/audit"], 90),
  tests("rendezvous", ["tests/rendezvous"], 240),
  tests("durability", ["tests/durability"], 120),
  tests("browsers", ["tests/e2e"], 720),
  tests("mutations", ["tests/mutations"], 360),
];
