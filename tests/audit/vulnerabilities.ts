/** Known vulnerabilities of all that deno.lock names, as the package registry tells them to `deno audit`. */
import { ROOT } from "../../client/build/build.ts";

export type Verdict =
  | { readonly t: "none" }
  /** What `deno audit` says of each. */
  | { readonly t: "found"; readonly report: string }
  /** Nothing is known, for a reason. */
  | { readonly t: "unknown"; readonly reason: string };

export interface AuditOptions {
  /** The registry to ask; the configured one unless a test says otherwise. */
  readonly registry?: string;
}

export async function knownVulnerabilities(options: AuditOptions = {}): Promise<Verdict> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["audit"],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...(options.registry === undefined ? {} : { NPM_CONFIG_REGISTRY: options.registry }) },
  }).output();
  const said = new TextDecoder().decode(stdout).trim();
  if (code === 0 && said.startsWith("No known vulnerabilities")) return { t: "none" };
  if (/^Found \d+ vulnerabilit/m.test(said)) return { t: "found", report: said };
  const [reason = "it gave no answer"] = new TextDecoder().decode(stderr).replace(/^error: /, "").trim().split("\n");
  return { t: "unknown", reason };
}
