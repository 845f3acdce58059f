/** What stands in the files that flags name. What cannot work ends the process, with a sentence. */
import { Buffer } from "node:buffer";
import { MAILBOX } from "../core/limits.ts";
import type { Flags } from "./flags.ts";
import type { Tls } from "./operations/certificate.ts";

export async function readTls({ certFile, keyFile }: Flags): Promise<Tls | null> {
  if (certFile === null || keyFile === null) return null;
  return { cert: await readText(certFile), key: await readText(keyFile) };
}

export async function readJoinCode({ joinCode, joinCodeFile }: Flags): Promise<string | null> {
  if (joinCodeFile === null) return joinCode;
  const code = (await readText(joinCodeFile)).trim();
  if (code !== "" && Buffer.byteLength(code) <= MAILBOX.maxJoinCodeBytes) return code;
  fail(`${joinCodeFile} holds no join code: write one line of at most ${MAILBOX.maxJoinCodeBytes} bytes into it.`);
}

async function readText(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch {
    fail(`${file} cannot be read. As a task of deno.json the server may read such files in the folder "certs" only.`);
  }
}

export async function checkFiles(folder: string): Promise<void> {
  try {
    await Deno.lstat(`${folder}/index.html`);
  } catch {
    fail(`${folder} holds no client. Build it first: deno task build`);
  }
}

export function fail(sentence: string, exitCode = 1): never {
  console.error(sentence);
  Deno.exit(exitCode);
}
