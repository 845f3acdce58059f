/** Two real browsers compare their safety numbers, and what was found outlives a reload. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { startPerson } from "./harness/chromium.ts";
import { buildClient } from "./harness/client.ts";
import { accept, createIdentity, invite, openConversation, waitForConnection } from "./harness/people.ts";
import { startServer } from "./harness/rendezvous.ts";

async function openNumber(page: Page, name: string) {
  await page.getByRole("button", { name: `Verify ${name}` }).click();
  const dialog = page.getByRole("dialog", { name: "Safety number" });
  await dialog.getByRole("img", { name: "Safety number QR code" }).waitFor();
  return dialog;
}

const digitsOf = (dialog: ReturnType<Page["getByRole"]>) =>
  dialog.getByRole("list", { name: /60 digits/ }).getByRole("listitem").allInnerTexts();

Deno.test("two people see one safety number, and who is marked as verified is so after a reload", async () => {
  const client = await buildClient();
  const server = await startServer({ files: client.folder });
  const [alice, bob] = await Promise.all([startPerson(), startPerson()]);
  try {
    await createIdentity(alice.page, server.url, "Alice");
    await accept(bob.page, await invite(alice.page), "Bob");
    await openConversation(alice.page, "Bob");
    await waitForConnection(alice.page, "Connected");
    const hers = await openNumber(alice.page, "Bob");
    const his = await openNumber(bob.page, "Alice");
    const digits = await digitsOf(hers);
    assert.equal(digits.length, 12);
    assert.deepEqual(await digitsOf(his), digits);
    await hers.getByRole("textbox", { name: /^The number or code/ }).fill((await digitsOf(his)).join(" "));
    await hers.getByText("It matches").waitFor();
    await hers.getByRole("button", { name: "Mark as verified" }).click();
    await hers.getByText("You marked Bob as verified").waitFor();
    await alice.page.reload();
    await openConversation(alice.page, "Bob");
    await alice.page.getByText("Verified", { exact: true }).waitFor();
  } finally {
    await Promise.all([alice.close(), bob.close()]);
    await server.stop();
    await client.remove();
  }
});
