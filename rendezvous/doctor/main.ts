/** `deno task doctor`: will voice work, for whom, and what to do? Its status is 0 where it will for people outside. */
import { DEFAULTS, type Flags, SETTINGS } from "../flags.ts";
import { ownAddresses } from "../machine.ts";
import { type Environment, parseSettings, type Setting, settingLines, switchOf } from "../operations/settings.ts";
import { examine } from "./examine.ts";
import { jsonReport, textReport } from "./report.ts";
import { judge } from "./verdict.ts";

interface DoctorFlags extends Flags {
  readonly url: string | null;
  readonly json: boolean;
  readonly trustFile: string | null;
}

const OWN: readonly Setting<DoctorFlags>[] = [
  {
    name: "--url",
    value: "URL",
    about: "the server to try, from wherever this runs; without it the one that the flags describe",
    fallback: null,
    take: (url) => isPage(url) ? { url } : "is no address of a page: give https://NAME/",
  },
  { name: "--json", value: null, about: "for machines", fallback: null, take: switchOf((json) => ({ json })) },
  {
    name: "--trust",
    value: "FILE",
    about: "certificates (PEM) to trust in place of those that browsers do",
    fallback: null,
    take: (trustFile) => ({ trustFile }),
  },
];

const isPage = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

const HELP = `Checks whether voice will work, for whom, and says what to do where it will not.

${settingLines(OWN)}
Besides, the flags and variables of the server, so that both know the same: see npx --yes deno task serve --help
Its status is 0 where voice will work for people outside, 1 where not, 2 where it was called wrongly.
`;

const EXIT_NOT_OUTSIDE = 1;
const EXIT_WRONG_USE = 2;

async function main(args: readonly string[], environment: Environment): Promise<number> {
  const defaults: DoctorFlags = { ...DEFAULTS, url: null, json: false, trustFile: null };
  const parsed = parseSettings<DoctorFlags>([...OWN, ...SETTINGS], defaults, args, environment);
  if (parsed.t === "help") {
    console.log(HELP);
    return 0;
  }
  if (parsed.t === "wrong") {
    console.error(parsed.sentence);
    return EXIT_WRONG_USE;
  }
  const { flags } = parsed;
  const findings = await examine({
    flags,
    url: flags.url,
    interfaces: ownAddresses(),
    nowMs: Date.now(),
    trusted: flags.trustFile === null ? null : await Deno.readTextFile(flags.trustFile),
  });
  const verdict = judge(findings);
  console.log(flags.json ? jsonReport(findings, verdict) : textReport(findings, verdict));
  return verdict.works.internet ? 0 : EXIT_NOT_OUTSIDE;
}

// In a release its name comes first, because the server and it are one file.
const args = Deno.args[0] === "doctor" ? Deno.args.slice(1) : Deno.args;
Deno.exit(await main(args, Deno.env.toObject()));
