/** What people do with the program, by roles and accessible names alone, as with a screen reader. */
import type { Page } from "playwright-core";
import { until } from "./wait.ts";

/** Everything here waits for what it expects, at most this long unless told otherwise. */
export const PATIENCE_MS = 20_000;

export async function createIdentity(page: Page, url: string, name: string): Promise<void> {
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url);
  await page.getByRole("textbox", { name: "Your name" }).fill(name);
  await page.getByRole("button", { name: "Create my identity" }).click();
}

/** Makes an invite and gives its link; the dialog is closed again. */
export async function invite(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Invite people" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Invite people" });
  const box = dialog.getByRole("textbox", { name: "Invite link" });
  await box.waitFor();
  const link = await box.inputValue();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  return link;
}

/** A newcomer opens a link, gives a name and accepts. */
export async function accept(page: Page, link: string, name: string): Promise<void> {
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(link);
  await page.getByRole("textbox", { name: "Your name" }).fill(name);
  await page.getByRole("button", { name: "Accept invitation" }).click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
}

export async function openConversation(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Conversations" }).getByText(name, { exact: true }).first().click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.keyboard.press("Enter");
}

export interface Shown {
  readonly author: string;
  readonly text: string;
}

/** The log as it reads, oldest first. */
export function messages(page: Page): Promise<readonly string[]> {
  return page.getByRole("log", { name: "Messages" }).getByRole("article").evaluateAll((articles) =>
    articles.map((article) => article.getAttribute("aria-label") ?? article.textContent ?? "")
  );
}

export async function waitForText(page: Page, text: string, withinMs = PATIENCE_MS): Promise<void> {
  await page.getByRole("log", { name: "Messages" }).getByText(text, { exact: true }).first().waitFor({
    timeout: withinMs,
  });
}

/** Every own message in sight bears "Delivered". */
export async function waitUntilAllDelivered(page: Page, withinMs = PATIENCE_MS): Promise<void> {
  const log = page.getByRole("log", { name: "Messages" });
  for (const state of ["Sending", "Sent", /^Waiting for/]) {
    await log.getByText(state, typeof state === "string" ? { exact: true } : {}).first()
      .waitFor({ state: "detached", timeout: withinMs });
  }
}

/** So many own messages bear "Sent": a server has them, where the other is away. */
export async function waitUntilSent(page: Page, count: number): Promise<void> {
  const sent = page.getByRole("log", { name: "Messages" }).getByText("Sent", { exact: true });
  await until(`${count} messages are sent`, PATIENCE_MS, async () => await sent.count() === count, () => sent.count());
}

/** The server keeps mail for this person while they are away. */
export async function waitUntilMailIsKept(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  const dialog = page.getByRole("dialog", { name: "Settings" });
  await dialog.getByRole("tab", { name: "Connection" }).click();
  await dialog.getByText("Kept here, sealed, until you come back.").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
}

export async function waitForConnection(page: Page, text: string, withinMs = PATIENCE_MS): Promise<void> {
  await page.getByRole("status", { name: "Connection" }).getByText(text).waitFor({ timeout: withinMs });
}

export async function call(caller: Page, callee: Page): Promise<void> {
  await caller.getByRole("button", { name: "Start voice call" }).click();
  const dialog = callee.getByRole("dialog", { name: "Incoming call" });
  await dialog.getByRole("button", { name: "Answer" }).click();
  for (const page of [caller, callee]) await page.getByRole("region", { name: "Voice" }).getByText("Code").waitFor();
}

/** Switches on that connections go through the relay only. */
export async function hideAddress(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  const dialog = page.getByRole("dialog", { name: "Settings" });
  await dialog.getByRole("tab", { name: "Connection" }).click();
  await dialog.getByRole("checkbox", { name: "Hide my network address from contacts" }).check();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
}
