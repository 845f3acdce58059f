/** The packages that a release holds code of, as its bundles tell. */
import { assemble } from "../../client/build/assemble.ts";
import { ROOT } from "../../client/build/build.ts";
import { CLIENT } from "../../client/build/entries.ts";
import type { ShippedPackage } from "../../client/build/packages.ts";
import { bundleServer } from "../../client/build/release.ts";

export interface Shipped {
  readonly client: readonly ShippedPackage[];
  readonly server: readonly ShippedPackage[];
}

export async function shipped(): Promise<Shipped> {
  const [client, server] = await Promise.all([
    assemble({ root: ROOT, entries: CLIENT, minify: false, licence: "" }),
    bundleServer(),
  ]);
  return { client: client.packages, server: server.packages };
}

/** Each package once, however many parts hold it. */
export function union({ client, server }: Shipped): readonly ShippedPackage[] {
  const all = new Map([...client, ...server].map((one) => [`${one.name}@${one.version}`, one]));
  return [...all.keys()].sort().map((key) => all.get(key)!);
}
