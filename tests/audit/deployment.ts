/** The files by which others run the server, read as far as the tests look into them. */
import { parse } from "yaml";
import { ROOT } from "../../client/build/build.ts";

export const DEPLOY = `${ROOT}/rendezvous/deploy`;

const read = (path: string): string => Deno.readTextFileSync(path);

export interface Service {
  readonly image: string;
  readonly network_mode: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt: readonly string[];
  readonly restart: string;
  readonly volumes: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck: { readonly test: readonly string[] };
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Readonly<Record<string, unknown>>[] }>>;
}

export const dockerfile = (): string => read(`${DEPLOY}/Dockerfile`);
export const compose = (): Compose => parse(read(`${DEPLOY}/compose.yaml`));
export const workflow = (): Workflow => parse(read(`${DEPLOY}/release.yaml`));

/** The arguments of `deno` by which each starts the server. */
export function commands() {
  const unit = /^ExecStart=\S+ (.*)$/m.exec(read(`${DEPLOY}/securecomm.service`))![1]!;
  const entrypoint: readonly string[] = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile())![1]!);
  const task: string = JSON.parse(read(`${ROOT}/deno.json`)).tasks.serve;
  return {
    unit: unit.split(" "),
    image: entrypoint.slice(1),
    task: task.replaceAll("'", "").split(" ").slice(1),
  };
}

/** What a command lets the server do, without the paths, which differ. */
export function permissions(args: readonly string[]): readonly string[] {
  const flags = args.slice(0, args.findIndex((arg) => /\.(js|ts)$/.test(arg)));
  return flags.flatMap((flag) => {
    if (!/^--(allow|ignore|deny|unstable)/.test(flag)) return [];
    return [/^--allow-(read|write)=/.test(flag) ? flag.slice(0, flag.indexOf("=")) : flag];
  }).sort();
}
