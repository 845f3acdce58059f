/**
 * The one file of a release: server, store's thread, backup, restore and doctor. How it is started says which of them it
 * is; `client/build/release.ts` lets the store start its thread from this same file.
 */

const isThread = "WorkerGlobalScope" in globalThis;
const command = Deno.args[0];

if (isThread) await import("../store/sqlite/thread.ts");
else if (command === "backup" || command === "restore") await import("../store/main.ts");
else if (command === "doctor") await import("../doctor/main.ts");
else {
  // In a release the client lies beside this file, wherever it was started from.
  if (Deno.env.get("SECURECOMM_FILES") === undefined) {
    Deno.env.set("SECURECOMM_FILES", `${import.meta.dirname}/client`);
  }
  await import("../main.ts");
}
