/**
 * `deno task bundle`: a folder that runs with Deno alone, without sources, packages or network: the server in one file, the
 * client's files beside it, and whose work they hold. The same sources give the same bytes on every machine.
 */
import { build, type BuildReport, describeBuild, ownLicence, ROOT } from "./build.ts";
import { BuildError, bundle } from "./bundle.ts";
import { notices, NOTICES_FILE } from "./notices.ts";
import { packagesOf, type ShippedPackage } from "./packages.ts";

export const RELEASE_DIR = `${ROOT}/dist/server`;
export const SERVER_FILE = "securecomm.js";

const ENTRY = "rendezvous/deploy/entry.ts";

/** The store's thread is the same file again: there `entry.ts` sees that it is a worker. */
const THREAD = /new URL\("\.\/thread\.ts",\s*import\.meta\.url\)/g;

/** CommonJS packages ask for Node's modules by `require`, which a module has only if it makes one. */
const REQUIRE = 'import{createRequire as makeRequire}from"node:module";const require=makeRequire(import.meta.url);\n';

export interface ServerBundle {
  readonly text: string;
  readonly packages: readonly ShippedPackage[];
}

export async function bundleServer(): Promise<ServerBundle> {
  const { files: [file], modules } = await bundle(`${ROOT}/${ENTRY}`, { split: false, minify: true, platform: "deno" });
  const threads = [...file!.text.matchAll(THREAD)].length;
  if (threads !== 1) throw new BuildError(`the server starts ${threads} threads, and not the store's alone`);
  return { text: REQUIRE + file!.text.replace(THREAD, "import.meta.url"), packages: await packagesOf(modules) };
}

export async function bundleRelease(outDir: string): Promise<BuildReport> {
  const server = await bundleServer();
  await Deno.mkdir(outDir, { recursive: true });
  await Deno.writeTextFile(`${outDir}/${SERVER_FILE}`, server.text);
  await Deno.writeTextFile(`${outDir}/${NOTICES_FILE}`, notices(server.packages, await ownLicence()));
  await Deno.copyFile(`${ROOT}/LICENSE`, `${outDir}/LICENSE`);
  return await build({ outDir: `${outDir}/client` });
}

if (import.meta.main) {
  try {
    console.log(describeBuild(await bundleRelease(RELEASE_DIR)));
    console.log(`the release is in dist/server: ${SERVER_FILE}, and the client beside it`);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
