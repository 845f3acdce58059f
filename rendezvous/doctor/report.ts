/** The verdict as a person reads it, and as a program does. */
import type { Findings } from "./findings.ts";
import type { Check } from "./check.ts";
import type { Verdict } from "./verdict.ts";

const MARKS = { good: "ok   ", fair: "note ", bad: "FAIL " } as const;

export function textReport(findings: Findings, verdict: Verdict): string {
  return [
    ...verdict.checks.flatMap(checkLines),
    "",
    ...forWhom(findings, verdict),
    "",
    `For people outside these must be open in the firewall, and passed on by a router: ${verdict.open.join(", ")}.`,
    ...elsewhere(findings),
  ].join("\n");
}

const checkLines = ({ state, text, advice }: Check): readonly string[] => [
  MARKS[state] + text,
  ...(advice === null || advice === "" ? [] : [`     ${advice}`]),
];

function forWhom({ isHere }: Findings, { works }: Verdict): readonly string[] {
  const word = (does: boolean) => does ? "yes" : "no";
  if (!isHere) {
    return [
      `Will voice work from where this machine is: ${word(works.thisMachine && works.thisNetwork)}.`,
      `Will voice work for people anywhere: ${word(works.internet)}${
        works.internet ? ", as far as this machine can tell" : ""
      }.`,
    ];
  }
  return [
    `Will voice work on this machine: ${word(works.thisMachine)}.`,
    `Will voice work in this network: ${word(works.thisNetwork)}.`,
    `Will voice work for people outside: ${word(works.internet)}${
      works.internet ? ", as far as can be told from inside" : ""
    }.`,
  ];
}

/** From inside, a firewall in front cannot be seen. */
const elsewhere = ({ isHere, url }: Findings): readonly string[] =>
  isHere && new URL(url).protocol === "https:"
    ? [`To be sure, run this on a machine elsewhere: npx --yes deno task doctor --url ${url}`]
    : [];

export const jsonReport = ({ url, isHere }: Findings, { checks, works, open }: Verdict): string =>
  JSON.stringify({ url, isHere, works, checks, open });
