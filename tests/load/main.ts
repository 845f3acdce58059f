/** `deno task load`: what a server holds, step by step up to full load. Names choose scenarios; `--quick` is for a look. */
import { deaf } from "./deaf.ts";
import { durable } from "./durable.ts";
import { held } from "./held.ts";
import { routed } from "./routed.ts";
import type { Scenario } from "./scenario.ts";
import { storm } from "./storm.ts";

const SCENARIOS: readonly Scenario[] = [held, storm, durable, routed, deaf];

const isQuick = Deno.args.includes("--quick");
const names = Deno.args.filter((arg) => arg !== "--quick");
const unknown = names.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(", ")}, but there are ${SCENARIOS.map(({ name }) => name).join(", ")}`);
  Deno.exit(2);
}
console.log("The generator shares the machine with the server. Clients are lean ones of tests/load, not js-libp2p.");
if (isQuick) console.log("Quick: a look at whether all of it works. These figures say nothing.");
for (const scenario of SCENARIOS) {
  if (names.length > 0 && !names.includes(scenario.name)) continue;
  console.log(`\n== ${scenario.name}`);
  await scenario.run({ isQuick });
}
Deno.exit(0);
