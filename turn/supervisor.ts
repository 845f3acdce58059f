/** Runs coturn beside us: writes its configuration, shares secrets with it, and makes credentials for clients. */
import { randomBytes } from "node:crypto";
import type { TurnAddress } from "./address.ts";
import { type ConfigInit, turnConfig } from "./config.ts";
import { makeCredentials, type TurnCredentials } from "./credentials.ts";
import { CONSOLE_HOST, endLeftover, FOLDER_PREFIX, isLeftRunning, leftFolders, lockFolder } from "./leftovers.ts";
import { COTURN } from "./limits.ts";
import { freePort } from "./probe.ts";
import { QUIET, Supervisor } from "./process.ts";
import { Secrets } from "./secrets.ts";

const PROGRAM = "turnserver";

export interface TurnInit {
  readonly address: TurnAddress;
  /** Taken if it is free, or else another one is. */
  readonly port: number;
  readonly relayPorts: ConfigInit["relayPorts"];
  /** For TURN under TLS too; `host` is a name that the certificate is for. */
  readonly tls: TurnTls | null;
  /** A folder of ours, made if it is missing; a fresh one inside it holds the configuration. */
  readonly folder: string;
  readonly logFile: string | null;
  readonly nowMs: number;
  /** The program; a test passes another one. */
  readonly program?: string;
  /** It ended and will be started again. */
  readonly restarted: () => void;
}

export interface TurnTls {
  readonly host: string;
  readonly port: number;
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface TurnServer {
  readonly address: TurnAddress;
  readonly port: number;
  /** Null without TLS. */
  readonly tlsPort: number | null;
  /** Whether a process runs that has answered. */
  isRunning(): boolean;
  /** Whether it waits for a coturn of an earlier run to leave. */
  isWaiting(): boolean;
  /** The id of the process that runs now, for tests that end it. */
  processId(): number | null;
  /** TURN URLs and credentials for one client. */
  credentials(lifetimeMs: number, nowMs: number): TurnCredentials & { readonly urls: readonly string[] };
  /** To be called now and then: replaces the secret when it is time, without a restart. */
  rotate(nowMs: number): void;
  /** Another certificate (PEM), in place of the one it was started with; relayed calls go on. */
  renewTls(tls: Pick<TurnTls, "cert" | "key">): Promise<void>;
  stop(): Promise<void>;
  /** At once, for a process that ends now. */
  kill(): void;
}

/**
 * Null where coturn is not installed. Resolves when it answers, or has been given up on for now, or has to wait until
 * the coturn of an earlier run has left.
 */
export async function startTurn(init: TurnInit): Promise<TurnServer | null> {
  const program = init.program ?? PROGRAM;
  if (!await isInstalled(program)) return null;
  await Deno.mkdir(init.folder, { recursive: true, mode: 0o700 });
  const leftovers = await leftFolders(init.folder);
  const mustWait = (await Promise.all(leftovers.map(isLeftRunning))).includes(true);
  const folder = await Deno.makeTempDir({ dir: init.folder, prefix: FOLDER_PREFIX });
  const lock = await lockFolder(folder);
  const secrets = new Secrets(`${folder}/turndb`, init.nowMs);
  const ports = { plain: init.port, tls: init.tls?.port ?? null };
  let isWaiting = mustWait;
  const supervisor = new Supervisor({
    program,
    configFile: `${folder}/turnserver.conf`,
    address: init.address,
    restarted: init.restarted,
    async prepare(signal) {
      await Promise.all(leftovers.map((left) => endLeftover(left, signal)));
      isWaiting = false;
      ports.plain = await freePort(init.address.listenIp, init.port);
      if (ports.tls !== null) ports.tls = await freePort(init.address.listenIp, ports.tls);
      await writeFiles(init, folder, ports);
      return ports.plain;
    },
  });
  const started = supervisor.start();
  if (!mustWait) await started;
  return {
    address: init.address,
    get port() {
      return ports.plain;
    },
    get tlsPort() {
      return ports.tls;
    },
    isRunning: () => supervisor.isRunning,
    isWaiting: () => isWaiting,
    processId: () => supervisor.processId,
    credentials: (lifetimeMs, nowMs) => ({
      ...makeCredentials({ secret: secrets.current, lifetimeMs, nowMs }),
      urls: urls(init, ports),
    }),
    rotate: (nowMs) => secrets.rotate(nowMs),
    async renewTls(tls) {
      if (init.tls === null) return;
      await writeCertificate(folder, tls);
      supervisor.reload();
    },
    kill: () => supervisor.kill(),
    async stop() {
      await supervisor.stop();
      secrets.close();
      lock?.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

interface Ports {
  readonly plain: number;
  readonly tls: number | null;
}

async function writeFiles(init: TurnInit, folder: string, ports: Ports): Promise<void> {
  const password = randomBytes(COTURN.secretBytes).toString("hex");
  const config = turnConfig({
    ...init,
    port: ports.plain,
    tls: ports.tls === null ? null : { ...certificateFiles(folder), port: ports.tls },
    console: { port: await freePort(CONSOLE_HOST, 0), password },
    folder,
  });
  await writeSecret(`${folder}/turnserver.conf`, config);
  if (init.tls !== null) await writeCertificate(folder, init.tls);
}

const certificateFiles = (folder: string) => ({ certFile: `${folder}/cert.pem`, keyFile: `${folder}/key.pem` });

async function writeCertificate(folder: string, { cert, key }: Pick<TurnTls, "cert" | "key">): Promise<void> {
  const { certFile, keyFile } = certificateFiles(folder);
  await writeSecret(certFile, cert);
  await writeSecret(keyFile, key);
}

const writeSecret = (file: string, text: string): Promise<void> => Deno.writeTextFile(file, text, { mode: 0o600 });

function urls({ address, tls }: TurnInit, ports: Ports): readonly string[] {
  const host = bracketed(address.advertisedHost);
  return [
    `stun:${host}:${ports.plain}`,
    `turn:${host}:${ports.plain}?transport=udp`,
    `turn:${host}:${ports.plain}?transport=tcp`,
    ...(tls === null ? [] : [`turns:${tls.host}:${ports.tls}?transport=tcp`]),
  ];
}

const bracketed = (host: string): string => host.includes(":") ? `[${host}]` : host;

export async function isInstalled(program = PROGRAM): Promise<boolean> {
  try {
    await new Deno.Command(program, { args: ["--version"], ...QUIET }).output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}
