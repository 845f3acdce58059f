/** What the server can be told, by flags and by the environment. */
import { Buffer } from "node:buffer";
import { isIP } from "node:net";
import { MAILBOX } from "../core/limits.ts";
import { COTURN } from "../turn/limits.ts";
import {
  type Environment,
  type Parsed as ParsedSettings,
  parseSettings,
  type Setting,
  settingLines,
  switchOf,
  wrong,
} from "./operations/settings.ts";

export interface Flags {
  readonly host: string;
  readonly port: number;
  readonly domain: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly publicAddress: string | null;
  /** `host:port` of a STUN server that tells under which address others see this machine. */
  readonly stunServer: string | null;
  readonly turn: boolean;
  readonly turnPort: number;
  /** For TURN under TLS, where there is a certificate. */
  readonly turnTlsPort: number;
  readonly relayPorts: PortRange;
  /** For the TURN server's configuration. */
  readonly turnFolder: string;
  readonly mail: boolean;
  /** Where mail and what belongs to it is kept. */
  readonly dataFolder: string;
  /** Asked of whoever makes a space; null where anybody may. */
  readonly joinCode: string | null;
  readonly joinCodeFile: string | null;
  readonly metricsHost: string;
  /** Null for no metrics. */
  readonly metricsPort: number | null;
  readonly log: LogForm;
  readonly files: string;
}

export type LogForm = "text" | "json";

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export type Parsed = ParsedSettings<Flags>;

export const DEFAULTS: Flags = {
  host: "127.0.0.1",
  port: 8787,
  domain: null,
  certFile: null,
  keyFile: null,
  publicAddress: null,
  stunServer: null,
  turn: true,
  turnPort: COTURN.defaultPort,
  turnTlsPort: COTURN.defaultTlsPort,
  relayPorts: COTURN.relayPorts,
  // Beside the client's files, not in them.
  turnFolder: "dist/turn",
  mail: true,
  dataFolder: "data",
  joinCode: null,
  joinCodeFile: null,
  metricsHost: "127.0.0.1",
  metricsPort: null,
  log: "text",
  files: "dist/client",
};

const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const HOST_AND_PORT = /^(?:\[([0-9a-f:.]+)\]|([^:\s]+)):(\d{1,5})$/i;

type Take = Setting<Flags>["take"];

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) <= 65_535;

const port = (name: "port" | "turnPort" | "turnTlsPort" | "metricsPort"): Take => (value) =>
  isPort(value) ? { [name]: Number(value) } : "is no port: give a number from 0 to 65535";

const address = (name: "host" | "publicAddress" | "metricsHost"): Take => (value) =>
  isIP(value) === 0 ? "is no IP address" : { [name]: value };

function domain(value: string): Partial<Flags> | string {
  const name = value.toLowerCase();
  return DOMAIN.test(name) && isIP(name) === 0 ? { domain: name } : "is no domain name";
}

function stunServer(value: string): Partial<Flags> | string {
  const [, ipv6 = "", host = "", portText = ""] = HOST_AND_PORT.exec(value) ?? [];
  const isHost = isIP(ipv6) === 6 || isIP(host) === 4 || DOMAIN.test(host.toLowerCase());
  return isHost && isPort(portText) ? { stunServer: value } : "is no HOST:PORT";
}

function relayPorts(value: string): Partial<Flags> | string {
  const [, first = "", last = ""] = /^(\d+)-(\d+)$/.exec(value) ?? [];
  const isRange = isPort(first) && isPort(last) && Number(first) >= 1_024 && Number(first) <= Number(last);
  return isRange
    ? { relayPorts: { first: Number(first), last: Number(last) } }
    : "is no range of ports: give FIRST-LAST, above 1023";
}

function joinCode(value: string): Partial<Flags> | string {
  return Buffer.byteLength(value) <= MAILBOX.maxJoinCodeBytes
    ? { joinCode: value }
    : `is longer than ${MAILBOX.maxJoinCodeBytes} bytes`;
}

const setting = (name: string, value: string, fallback: string | null, about: string, take: Take): Setting<Flags> => ({
  name,
  value,
  fallback,
  about,
  take,
});

const onOff = (name: string, about: string, give: (isOn: boolean) => Partial<Flags>): Setting<Flags> => ({
  name,
  value: null,
  fallback: null,
  about,
  take: switchOf(give),
});

/** Their order is that of the help. */
export const SETTINGS: readonly Setting<Flags>[] = [
  setting(
    "--host",
    "ADDRESS",
    DEFAULTS.host,
    "IP address to listen on; 0.0.0.0 for the whole network",
    address("host"),
  ),
  setting("--port", "NUMBER", `${DEFAULTS.port}`, "port for HTTP and WebSocket", port("port")),
  setting(
    "--domain",
    "NAME",
    null,
    "public name; without --cert and --key a proxy ends TLS for it on port 443",
    domain,
  ),
  setting("--cert", "FILE", null, "certificate chain (PEM), for HTTPS without a proxy", (certFile) => ({ certFile })),
  setting("--key", "FILE", null, "its private key (PEM)", (keyFile) => ({ keyFile })),
  setting(
    "--public-address",
    "ADDRESS",
    null,
    "IP address under which others reach this machine, if it is not one of its own",
    address("publicAddress"),
  ),
  setting(
    "--stun-server",
    "HOST:PORT",
    null,
    "a STUN server that is asked at the start what that address is; none is asked by itself",
    stunServer,
  ),
  onOff("--no-turn", "do not start a TURN server", (no) => ({ turn: !no })),
  setting("--turn-port", "NUMBER", `${DEFAULTS.turnPort}`, "port of the TURN server, UDP and TCP", port("turnPort")),
  setting(
    "--turn-tls-port",
    "NUMBER",
    `${DEFAULTS.turnTlsPort}`,
    "port of the TURN server under TLS, with --cert, --key and --domain",
    port("turnTlsPort"),
  ),
  setting(
    "--relay-ports",
    "FIRST-LAST",
    `${DEFAULTS.relayPorts.first}-${DEFAULTS.relayPorts.last}`,
    "UDP ports through which calls are relayed, one for each end",
    relayPorts,
  ),
  setting(
    "--turn-folder",
    "FOLDER",
    DEFAULTS.turnFolder,
    "where the TURN server's configuration is written, with its secrets",
    (turnFolder) => ({ turnFolder }),
  ),
  onOff("--no-mail", "keep no mail for those who are away", (no) => ({ mail: !no })),
  setting("--data", "FOLDER", DEFAULTS.dataFolder, "where mail is kept, sealed", (dataFolder) => ({ dataFolder })),
  setting(
    "--join-code-file",
    "FILE",
    null,
    "a file with the code that people need to have mail kept here",
    (joinCodeFile) => ({ joinCodeFile }),
  ),
  {
    ...setting("--join-code", "CODE", null, "the same code; never on the command line, which others can see", joinCode),
    isSecret: true,
  },
  setting("--metrics-port", "NUMBER", "none", "port for Prometheus, on --metrics-host", port("metricsPort")),
  setting(
    "--metrics-host",
    "ADDRESS",
    DEFAULTS.metricsHost,
    "IP address for it; whoever reaches it reads it",
    address("metricsHost"),
  ),
  setting(
    "--log",
    "FORM",
    DEFAULTS.log,
    "text for people, json for machines: one object a line",
    (log) => log === "text" || log === "json" ? { log } : "is neither text nor json",
  ),
  setting("--files", "FOLDER", DEFAULTS.files, "the client's files", (files) => ({ files })),
];

export const HELP = `SecureComm rendezvous: serves the client and helps its users find each other.

${settingLines(SETTINGS)}  --help                        this text

Each can be given in the environment as well: SECURECOMM_PORT=9000 is --port 9000, SECURECOMM_NO_TURN=yes is --no-turn.
A flag wins over its variable.
`;

/** Reads flags and variables together, and checks what must stand or fall together. */
export function parseFlags(args: readonly string[], environment: Environment = {}): Parsed {
  const parsed = parseSettings(SETTINGS, DEFAULTS, args, environment);
  if (parsed.t !== "run") return parsed;
  const { certFile, keyFile, joinCode, joinCodeFile } = parsed.flags;
  if ((certFile === null) !== (keyFile === null)) {
    return wrong("--cert and --key belong together: give both, or neither.");
  }
  if (joinCode !== null && joinCodeFile !== null) {
    return wrong("SECURECOMM_JOIN_CODE and --join-code-file say the same thing: give one of them.");
  }
  return parsed;
}
