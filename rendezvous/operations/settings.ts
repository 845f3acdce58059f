/** Settings from the command line and from the environment, by one table: what can be said, and a sentence otherwise. */

/** One thing that can be set, as `--name` and as `SECURECOMM_NAME`. */
export interface Setting<F> {
  readonly name: string;
  /** What stands for its value in the help; null for a switch. */
  readonly value: string | null;
  readonly about: string;
  /** The default as the help shows it; null where there is none. */
  readonly fallback: string | null;
  /** Only in the environment, because every process can see a command line. */
  readonly isSecret?: boolean;
  /** Either the fields that a value gives, or what is wrong with it. */
  readonly take: (value: string) => Partial<F> | string;
}

export type Parsed<F> =
  | { readonly t: "run"; readonly flags: F }
  | { readonly t: "help" }
  | { readonly t: "wrong"; readonly sentence: string };

export type Environment = Readonly<Record<string, string>>;

const PREFIX = "SECURECOMM_";

/** `--turn-port` is `SECURECOMM_TURN_PORT`. */
export const variableOf = ({ name }: Pick<Setting<object>, "name">): string =>
  PREFIX + name.replace(/^--/, "").replaceAll("-", "_").toUpperCase();

/** A flag wins over its variable; of a flag given twice the last counts. */
export function parseSettings<F extends object>(
  table: readonly Setting<F>[],
  defaults: F,
  args: readonly string[],
  environment: Environment,
): Parsed<F> {
  const words = pairs(table, args);
  if (words === "help") return { t: "help" };
  if (typeof words === "string") return wrong(words);
  let flags = defaults;
  for (const [label, setting, value] of [...variables(table, environment), ...words]) {
    if (setting === undefined) return wrong(`${label} is no setting.`);
    if (value === "") return wrong(`${label} needs a value.`);
    const taken = setting.take(value);
    if (typeof taken === "string") return wrong(`${label}${setting.isSecret ? "" : `: "${value}"`} ${taken}.`);
    flags = { ...flags, ...taken };
  }
  return { t: "run", flags };
}

type Said<F> = readonly [label: string, setting: Setting<F> | undefined, value: string];

/** An empty variable is none: that is how a compose file passes on what its reader has not set. */
function variables<F>(table: readonly Setting<F>[], environment: Environment): readonly Said<F>[] {
  return Object.entries(environment).filter(([name, value]) => name.startsWith(PREFIX) && value !== "")
    .map(([name, value]) => [name, table.find((setting) => variableOf(setting) === name), value]);
}

/** `--name value` and `--name=value`; a switch may stand alone. */
function pairs<F>(table: readonly Setting<F>[], args: readonly string[]): readonly Said<F>[] | string {
  const said: Said<F>[] = [];
  for (let at = 0; at < args.length; at++) {
    const [name = "", inline] = splitOnce(args[at]!);
    if (name === "--help" || name === "-h") return "help";
    const setting = table.find((one) => one.name === name && !one.isSecret);
    if (setting === undefined) return `Unknown flag ${name}.`;
    const value = inline ?? (setting.value === null ? "yes" : args[++at]);
    if (value === undefined) return `${name} needs a value.`;
    said.push([name, setting, value]);
  }
  return said;
}

export const wrong = (sentence: string): { readonly t: "wrong"; readonly sentence: string } => ({
  t: "wrong",
  sentence: `${sentence} --help lists what can be given.`,
});

function splitOnce(argument: string): readonly [string, string?] {
  const at = argument.indexOf("=");
  return at === -1 ? [argument] : [argument.slice(0, at), argument.slice(at + 1)];
}

/** Takes the words for yes and no, and sets one field to the one or the other. */
export const switchOf = <F>(give: (isOn: boolean) => Partial<F>): Setting<F>["take"] => (value) => {
  if (/^(?:yes|true|1)$/i.test(value)) return give(true);
  return /^(?:no|false|0)$/i.test(value) ? give(false) : "is neither yes nor no";
};

const NAME_WIDTH = 29;

/** One line for each setting, with its default. */
export function settingLines(table: readonly Setting<object>[]): string {
  return table.map((setting) => {
    const flag = setting.value === null ? setting.name : `${setting.name} ${setting.value}`;
    const name = setting.isSecret ? variableOf(setting) : flag;
    const fallback = setting.fallback === null ? "" : ` (${setting.fallback})`;
    return `  ${name.padEnd(NAME_WIDTH)} ${setting.about}${fallback}\n`;
  }).join("");
}
