/** The command line: what can be said, and a sentence for everything else. */
import { isIP } from "node:net";
import { COTURN } from "../turn/limits.ts";

export interface Flags {
  readonly host: string;
  readonly port: number;
  readonly domain: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly publicAddress: string | null;
  readonly turn: boolean;
  readonly turnPort: number;
  readonly files: string;
}

export type Parsed =
  | { readonly t: "run"; readonly flags: Flags }
  | { readonly t: "help" }
  | { readonly t: "wrong"; readonly sentence: string };

export const HELP = `SecureComm rendezvous: serves the client and helps its users find each other.

  --host ADDRESS            IP address to listen on (127.0.0.1; 0.0.0.0 for the whole network)
  --port NUMBER             port for HTTP and WebSocket (8787)
  --domain NAME             public name; without --cert and --key a proxy ends TLS for it on port 443
  --cert FILE, --key FILE   PEM files, for HTTPS without a proxy
  --public-address ADDRESS  IP address under which others reach this machine, if it is not one of its own
  --turn-port NUMBER        port of the TURN server (${COTURN.defaultPort})
  --no-turn                 do not start a TURN server
  --files FOLDER            the client's files (dist/client)
  --help                    this text
`;

const DEFAULTS: Flags = {
  host: "127.0.0.1",
  port: 8787,
  domain: null,
  certFile: null,
  keyFile: null,
  publicAddress: null,
  turn: true,
  turnPort: COTURN.defaultPort,
  files: "dist/client",
};

const WRONG_PORT = "is no port: give a number from 0 to 65535";
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Either the flags that a value gives, or what is wrong with it. */
type Take = (value: string) => Partial<Flags> | string;

const port = (name: "port" | "turnPort"): Take => (value) => {
  const number = Number(value);
  return /^\d{1,5}$/.test(value) && number <= 65_535 ? { [name]: number } : WRONG_PORT;
};

const TAKES: Readonly<Record<string, Take>> = {
  "--host": (host) => isIP(host) === 0 ? "is no IP address" : { host },
  "--port": port("port"),
  "--domain": (name) => {
    const domain = name.toLowerCase();
    return DOMAIN.test(domain) && isIP(domain) === 0 ? { domain } : "is no domain name";
  },
  "--cert": (certFile) => ({ certFile }),
  "--key": (keyFile) => ({ keyFile }),
  "--public-address": (publicAddress) => isIP(publicAddress) === 0 ? "is no IP address" : { publicAddress },
  "--turn-port": port("turnPort"),
  "--files": (files) => ({ files }),
};

/** `--name value` and `--name=value`; of a flag given twice the last counts. */
export function parseFlags(args: readonly string[]): Parsed {
  let flags = DEFAULTS;
  for (let at = 0; at < args.length; at++) {
    const [name = "", inline] = splitOnce(args[at]!);
    if (name === "--help" || name === "-h") return { t: "help" };
    if (name === "--no-turn" && inline === undefined) {
      flags = { ...flags, turn: false };
      continue;
    }
    const take = Object.hasOwn(TAKES, name) ? TAKES[name] : undefined;
    if (take === undefined) return wrong(`Unknown flag ${name}.`);
    const value = inline ?? args[++at];
    if (value === undefined || value === "") return wrong(`${name} needs a value.`);
    const taken = take(value);
    if (typeof taken === "string") return wrong(`${name}: "${value}" ${taken}.`);
    flags = { ...flags, ...taken };
  }
  if ((flags.certFile === null) !== (flags.keyFile === null)) {
    return wrong("--cert and --key belong together: give both, or neither.");
  }
  return { t: "run", flags };
}

const wrong = (sentence: string): Parsed => ({ t: "wrong", sentence: `${sentence} --help lists what can be given.` });

function splitOnce(argument: string): readonly [string, string?] {
  const at = argument.indexOf("=");
  return at === -1 ? [argument] : [argument.slice(0, at), argument.slice(at + 1)];
}
