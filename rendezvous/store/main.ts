/** `deno task backup` and `deno task restore`. */
import { backUp, restore } from "./sqlite/backup.ts";

const HELP =
  `Copies of what a rendezvous keeps for people who are away. All of it is sealed, but a copy is as good as the
original to whoever wants to learn who gets how much mail: keep it as safe.

  deno task backup [FILE] [--data FOLDER]     writes a copy while the server runs (FOLDER/backups/TIME.sqlite)
  deno task restore FILE [--data FOLDER]      puts a copy in its place; stop the server first

  --data FOLDER     where mail is kept (data)
`;

const EXIT_WRONG_USE = 2;

interface Asked {
  readonly what: "backup" | "restore";
  readonly file: string | null;
  readonly folder: string;
}

function parse(args: readonly string[]): Asked | null {
  const [what, ...rest] = args;
  let [folder, file]: [string, string | null] = ["data", null];
  for (let at = 0; at < rest.length; at++) {
    const value = rest[at]!;
    if (value === "--data" && rest[at + 1] !== undefined) folder = rest[++at]!;
    else if (value.startsWith("--data=")) folder = value.slice("--data=".length);
    else if (value.startsWith("-") || file !== null) return null;
    else file = value;
  }
  if (what === "backup" || (what === "restore" && file !== null)) return { what, file, folder };
  return null;
}

/** Where a backup goes that was given no name. */
function newName(folder: string): string {
  Deno.mkdirSync(`${folder}/backups`, { recursive: true, mode: 0o700 });
  return `${folder}/backups/${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.sqlite`;
}

const asked = parse(Deno.args);
if (asked === null) {
  console.error(HELP);
  Deno.exit(EXIT_WRONG_USE);
}
const { what, folder } = asked;
const file = asked.file ?? newName(folder);
const problem = what === "backup" ? backUp(folder, file) : await restore(folder, file);
console.log(problem ?? (what === "backup" ? `Backed up to ${file}` : `Restored from ${file}: start the rendezvous.`));
Deno.exit(problem === null ? 0 : 1);
