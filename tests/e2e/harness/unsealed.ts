/** A client that deliberately does not seal, built from a changed copy: what a search must find there, it can find. */
import { join } from "node:path";
import { ROOT } from "../../../client/build/build.ts";
import type { BuiltClient } from "./client.ts";

const COPIED = ["core", "client", "rendezvous", "turn", "tests", "deno.json", "deno.lock", "LICENSE"];

interface Change {
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

const CHANGES: readonly Change[] = [
  {
    file: "core/crypto/aead.ts",
    find: "return output.slice(BLOCK_BYTES);",
    put: "return new Uint8Array([...plaintext, ...new Uint8Array(16)]);",
  },
  {
    file: "core/crypto/aead.ts",
    find: 'return equalSecret(tag, ciphertext.subarray(-16)) ? ok(text.slice()) : refuse("crypto.not-authentic");',
    put: "return ok(sealed.slice());",
  },
  {
    file: "client/net/node.ts",
    find: 'import { noise } from "@libp2p/noise";',
    put: 'import { plaintext } from "@libp2p/plaintext";',
  },
  { file: "client/net/node.ts", find: "connectionEncrypters: [noise()]", put: "connectionEncrypters: [plaintext()]" },
  {
    file: "client/net/mailConnection.ts",
    find: 'import { noise } from "@libp2p/noise";',
    put: 'import { plaintext } from "@libp2p/plaintext";',
  },
  {
    file: "client/net/mailConnection.ts",
    find: "connectionEncrypters: [noise()]",
    put: "connectionEncrypters: [plaintext()]",
  },
];

export async function buildUnsealedClient(): Promise<BuiltClient> {
  const copy = await Deno.makeTempDir({ prefix: "securecomm-unsealed-" });
  const args = ["-r", ...COPIED.map((name) => join(ROOT, name)), copy];
  if (!(await new Deno.Command("cp", { args }).output()).success) throw new Error("the project could not be copied");
  for (const { file, find, put } of CHANGES) {
    const path = join(copy, file);
    const text = await Deno.readTextFile(path);
    if (text.split(find).length !== 2) throw new Error(`the place to change in ${file} is not there exactly once`);
    await Deno.writeTextFile(path, text.replace(find, () => put));
  }
  const built = await new Deno.Command(Deno.execPath(), { args: ["task", "--quiet", "build"], cwd: copy }).output();
  if (!built.success) throw new Error(new TextDecoder().decode(built.stderr));
  return { folder: join(copy, "dist/client"), remove: () => Deno.remove(copy, { recursive: true }) };
}
