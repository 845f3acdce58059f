import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { alert, button, runCases, typesOf, type UiCase } from "./harness/ui.ts";
import { until } from "./harness/wait.ts";
import type { Fake } from "./pages/fakePort.ts";

declare const fake: Fake;

const SOON_MS = 2_000;

const IDENTITY: readonly UiCase[] = [
  ["a newcomer gives a name and is in", "firstRun", async (shown) => {
    const { page } = shown;
    await page.getByRole("textbox", { name: "Your name" }).fill("  Grace  ");
    await button(page, "Create my identity").click();
    await page.getByRole("heading", { name: "Good to see you, Grace" }).waitFor();
    assert.deepEqual(await shown.events(), [{ type: "CreateIdentity", name: "Grace" }]);
    assert.equal(await button(page, "Invite people").count(), 1);
  }],
  ["a name that is refused stays in its field, and the reason is said", "firstRun", async ({ page }) => {
    await page.evaluate(() => fake.control.problem = "node.bad-name");
    await page.getByRole("textbox", { name: "Your name" }).fill("\u0007");
    await page.keyboard.press("Enter");
    assert.match(await alert(page).innerText(), /That name cannot be used\. Choose one/);
    assert.equal(await page.getByRole("textbox", { name: "Your name" }).inputValue(), "\u0007");
  }],
  ["a newcomer with an invite gives a name and accepts in one go", "inviteNewcomer", async (shown) => {
    const { page } = shown;
    await page.getByRole("heading", { name: "Dora Nakamura invites you to a private conversation" }).waitFor();
    await page.getByRole("textbox", { name: "Your name" }).fill("Grace");
    await button(page, "Accept invitation").click();
    await page.getByRole("navigation", { name: "Conversations" }).waitFor();
    assert.deepEqual(await typesOf(shown), ["CreateIdentity", "AcceptInvite"]);
  }],
  ["an invite can be declined", "invite", async (shown) => {
    assert.equal(await shown.page.getByRole("textbox", { name: "Your name" }).count(), 0);
    await button(shown.page, "Decline").click();
    await shown.page.getByRole("navigation", { name: "Conversations" }).waitFor();
    assert.deepEqual(await shown.events(), []);
  }],
  ["an invite that is refused at acceptance says why and can be tried again", "invite", async ({ page }) => {
    await page.evaluate(() => fake.control.problem = "storage.full");
    await button(page, "Accept invitation").click();
    assert.match(await alert(page).innerText(), /no room left/);
    await page.evaluate(() => fake.control.problem = null);
    await button(page, "Accept invitation").click();
    await page.getByRole("navigation", { name: "Conversations" }).waitFor();
  }],
  ["a broken link says so", "inviteBroken", async ({ page }) => {
    assert.match(await alert(page).innerText(), /is damaged\. Copy the whole link again/);
  }],
  ["an expired link says so, and leads on", "inviteExpired", async ({ page }) => {
    assert.match(await alert(page).innerText(), /has expired\. Ask the person who sent it/);
    await button(page, "Continue").click();
    await button(page, "Create my identity").waitFor();
  }],
  ["one's own link says so", "inviteOwn", async ({ page }) => {
    assert.match(await alert(page).innerText(), /your own invite link\. Send it to a friend/);
  }],
  ["a second tab says where the program runs, and can take over", "otherTab", async ({ page }) => {
    await page.getByRole("heading", { name: "SecureComm is open in another tab" }).waitFor();
    await button(page, "Use it here").click();
    await page.getByText("Taking over from the other tab").waitFor();
  }],
  ["a store that cannot be opened is told instead of a first run", "startFailed", async ({ page }) => {
    assert.match(await alert(page).innerText(), /lets this page store nothing\. Allow site data/);
    assert.equal(await button(page, "Create my identity").count(), 0);
  }],
];

const INVITING: readonly UiCase[] = [
  ["the invite dialog makes a link with a QR code, and says how long it is good", "invites", async (shown) => {
    const { page } = shown;
    await button(page, "Invite people").click();
    const dialog = page.getByRole("dialog", { name: "Invite people" });
    const link = dialog.getByRole("textbox", { name: "Invite link" });
    assert.match(await link.inputValue(), /^http:\/\/127\.0\.0\.1:\d+\/#\w+$/);
    assert.equal(await link.getAttribute("readonly"), "");
    await dialog.getByRole("img", { name: "Invite QR code" }).waitFor();
    await dialog.getByText(/Works once, until/).waitFor();
    await dialog.getByText(/friends on other machines can write to you but will have no microphone/).waitFor();
    await shown.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await button(page, "Copy link").click();
    await page.getByText("Copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await link.inputValue());
  }],
  ["open links can be revoked, and each opening makes another", "invites", async (shown) => {
    const { page } = shown;
    await button(page, "Invite people").click();
    const first = await page.getByRole("textbox", { name: "Invite link" }).inputValue();
    const revoke = page.getByRole("button", { name: /^Revoke the link/ });
    assert.equal(await revoke.count(), 2);
    await revoke.first().click();
    await until("revoked", SOON_MS, async () => await revoke.count() === 1);
    await page.keyboard.press("Escape");
    await button(page, "Invite people").click();
    assert.notEqual(await page.getByRole("textbox", { name: "Invite link" }).inputValue(), first);
  }],
  ["a link that is used while it is shown gives way to another", "empty", async ({ page }) => {
    await button(page, "Invite people").click();
    await page.getByRole("textbox", { name: "Invite link" }).waitFor();
    await page.evaluate(() => {
      const view = fake.state.view.value;
      fake.state.view.value = { ...view, invites: view.invites.map((invite) => ({ ...invite, state: "used" })) };
    });
    await page.getByText("This link was used").waitFor();
    await button(page, "New link").click();
    await page.getByRole("textbox", { name: "Invite link" }).waitFor();
  }],
];

const connectionTab = async (page: Page) => {
  await button(page, "Settings").click();
  await page.getByRole("tab", { name: "Connection" }).click();
  return page.getByRole("tabpanel");
};

const MAIL: readonly UiCase[] = [
  ["a server that asks for a code is given it, after one that was wrong", "mailCode", async (shown) => {
    const { page } = shown;
    const list = page.getByRole("navigation", { name: "Conversations" });
    await list.getByText("asks for a code before it keeps messages for you while you are away").waitFor();
    await list.getByRole("textbox", { name: "Join code" }).fill(" fig ");
    await page.keyboard.press("Enter");
    assert.match(await alert(page).innerText(), /does not know this code/);
    await list.getByRole("textbox", { name: "Join code" }).fill("olive");
    await button(page, "Use code").click();
    await until("nothing more is asked", SOON_MS, async () => await page.getByLabel("Join code").count() === 0);
    assert.deepEqual(await shown.events(), [
      { type: "SetJoinCode", code: "fig" },
      { type: "SetJoinCode", code: "olive" },
    ]);
    await (await connectionTab(page)).getByText("Kept here, sealed, until you come back.").waitFor();
  }],
  ["the settings take the code as well", "mailCode", async (shown) => {
    const tab = await connectionTab(shown.page);
    await tab.getByRole("textbox", { name: "Join code" }).fill("olive");
    await tab.getByRole("button", { name: "Use code" }).click();
    await tab.getByText("Kept here, sealed, until you come back.").waitFor();
  }],
  ["a server that keeps no mail, or has no room, says what that means", "mailNone", async ({ page }) => {
    await (await connectionTab(page)).getByText("delivered only while both of you are online").waitFor();
    await page.evaluate(() => fake.state.view.value = { ...fake.state.view.value, mailbox: "refused" });
    await page.getByText("has no room to keep any for you").waitFor();
  }],
  ["what a server has taken for somebody away is said to be there", "mailed", async ({ page }) => {
    await button(page, "Ada Lindqvist").click();
    await page.getByText("Kept, sealed, on Ada Lindqvist's server until they come back.").waitFor();
    await page.getByRole("status", { name: "Connection" }).getByText("Offline, messages will be sent later").waitFor();
    await page.evaluate(() => fake.show("home"));
    await page.getByText("Kept, sealed").waitFor({ state: "detached" });
  }],
  ["whoever accepted an invite may leave, where the answer is kept", "home", async ({ page }) => {
    await button(page, "Dora").click();
    await page.getByText("You can close this page meanwhile").waitFor();
    await page.evaluate(() => fake.state.view.value = { ...fake.state.view.value, mailbox: "none" });
    await page.getByText("You can close this page meanwhile").waitFor({ state: "detached" });
  }],
];

Deno.test("coming in, inviting and mail", (t) => runCases(t, [...IDENTITY, ...INVITING, ...MAIL]));
