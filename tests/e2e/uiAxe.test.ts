import assert from "node:assert/strict";
import axe from "axe-core";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { NARROW, startUi, type UiPage, WIDE } from "./harness/ui.ts";

type Act = (page: Page) => Promise<unknown>;

const choose = (name: string): Act => (page) => page.getByRole("button", { name }).click();
const settings = (tab: string): Act => async (page) => {
  await choose("Settings")(page);
  await page.getByRole("tab", { name: tab }).click();
};

/** What is looked at: the scene, and what a person does in it first. */
const PAGES: readonly (readonly [title: string, scene: string, act?: Act])[] = [
  ["first run", "firstRun"],
  ["first run with a name that is refused", "firstRun", async (page) => {
    await page.evaluate("fake.control.problem = 'node.bad-name'");
    await choose("Create my identity")(page);
  }],
  ["invite for a newcomer", "inviteNewcomer"],
  ["broken invite", "inviteBroken"],
  ["failed start", "startFailed"],
  ["another tab", "otherTab"],
  ["nobody yet", "empty"],
  ["list", "home"],
  ["conversation", "home", choose("Ada")],
  ["conversation that has not begun", "home", choose("Dora")],
  ["conversation with somebody away, whose server has the mail", "mailed", choose("Ada")],
  ["list, with a code that is wrong", "mailCode", async (page) => {
    await page.getByRole("textbox", { name: "Join code" }).fill("fig");
    await choose("Use code")(page);
    await page.getByRole("alert").waitFor();
  }],
  ["verified contact, after verification", "verified", async (page) => {
    await choose("Ada")(page);
    await choose("Verify Ada")(page);
    await page.getByRole("img", { name: "Safety number QR code" }).waitFor();
  }],
  ["verified contact", "verified", choose("Ada")],
  ["verification that found another person's number", "home", async (page) => {
    await choose("Ada")(page);
    await choose("Verify Ada")(page);
    await page.getByRole("textbox", { name: /^The number or code/ }).fill("12345".repeat(12));
    await page.getByText("It does not match").waitFor();
  }],
  ["a message that could not be opened", "unopened", choose("Ada")],
  ["invite dialog", "invites", async (page) => {
    await choose("Invite people")(page);
    await page.getByRole("textbox", { name: "Invite link" }).waitFor();
  }],
  ["incoming call", "incoming"],
  ["in a call", "inCall", choose("Ada")],
  ["call that ended", "ended"],
  ["problems", "problems", choose("Ada")],
  ["settings: profile", "problems", choose("Settings")],
  ["settings: appearance", "home", settings("Appearance")],
  ["settings: voice, testing", "home", async (page) => {
    await settings("Voice")(page);
    await choose("Test microphone")(page);
  }],
  ["settings: voice, missing", "problems", settings("Voice")],
  ["settings: connection", "home", settings("Connection")],
  ["settings: connection, tested", "home", async (page) => {
    await settings("Connection")(page);
    await choose("Test my connection")(page);
    await page.getByText("Calls will get through").waitFor();
  }],
  ["settings: connection, code asked", "mailCode", settings("Connection")],
  ["settings: connection, no room for mail", "mailRefused", settings("Connection")],
  ["settings: about", "home", settings("About")],
  ["quick switcher", "home", (page) => page.keyboard.press("Control+k")],
  ["keyboard shortcuts", "home", (page) => page.keyboard.press("Control+/")],
  ["removing a contact", "home", async (page) => {
    await choose("Ada")(page);
    await choose("Remove contact")(page);
  }],
];

async function violations(page: Page): Promise<readonly string[]> {
  const { violations } = await page.evaluate("axe.run()") as AxeResults;
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" ")}`);
}

Deno.test("no page has an axe violation, light and dark, wide and narrow", async (t) => {
  const ui = await startUi();
  try {
    for (const [title, scene, act] of PAGES) {
      await t.step(title, async () => {
        const shown: UiPage = await ui.open(scene, { reducedMotion: "reduce" });
        try {
          await act?.(shown.page);
          await shown.page.evaluate(axe.source);
          for (const viewport of [WIDE, NARROW]) {
            await shown.page.setViewportSize(viewport);
            for (const colorScheme of ["light", "dark"] as const) {
              await shown.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
              assert.deepEqual(await violations(shown.page), [], `${viewport.width} px, ${colorScheme}`);
            }
          }
          assert.deepEqual(shown.complaints, []);
        } finally {
          await shown.close();
        }
      });
    }
  } finally {
    await ui.close();
  }
});
