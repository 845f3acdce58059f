/** The client as it ships, built once for a test file, and served by the real rendezvous. */
import { build } from "../../../client/build/build.ts";
import { CLIENT } from "../../../client/build/entries.ts";

export interface BuiltClient {
  readonly folder: string;
  remove(): Promise<void>;
}

export async function buildClient(): Promise<BuiltClient> {
  const folder = await Deno.makeTempDir({ prefix: "securecomm-client-" });
  await build({ outDir: folder, entries: CLIENT });
  return { folder, remove: () => Deno.remove(folder, { recursive: true }) };
}
