import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { alert, button, messageBox, NARROW, runCases, typesOf, type UiCase } from "./harness/ui.ts";
import { until } from "./harness/wait.ts";
import type { Fake } from "./pages/fakePort.ts";

declare const fake: Fake;

const SOON_MS = 2_000;

const callPanel = (page: Page) => page.getByRole("region", { name: "Voice" });
const focusedName = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute("aria-label") ?? element?.textContent?.trim();
  });

const CALLS: readonly UiCase[] = [
  ["a call is answered by mouse, without taking the keyboard from the composer", "home", async (shown) => {
    const { page } = shown;
    await button(page, "Ada").click();
    await messageBox(page).pressSequentially("in the mid");
    await page.evaluate(() => fake.show("incoming"));
    const dialog = page.getByRole("dialog", { name: "Incoming call" });
    await dialog.getByText("Ada Lindqvist is calling you").waitFor();
    await page.keyboard.type("dle");
    assert.equal(await messageBox(page).inputValue(), "in the middle");
    await dialog.getByRole("button", { name: "Answer" }).click();
    await callPanel(page).waitFor();
    assert.equal(await dialog.count(), 0);
    assert.ok((await typesOf(shown)).includes("AnswerCall"));
  }],
  ["a call that comes while a dialog is open stands above it", "home", async ({ page }) => {
    await button(page, "Settings").click();
    await page.evaluate(() => fake.show("incoming"));
    await page.getByRole("dialog", { name: "Incoming call" }).getByRole("button", { name: "Decline" }).click();
    await until("gone", SOON_MS, async () => await page.getByRole("dialog", { name: "Incoming call" }).count() === 0);
    await page.getByRole("dialog", { name: "Settings" }).waitFor();
  }],
  ["Ctrl+Enter answers", "incoming", async (shown) => {
    await shown.page.getByRole("dialog", { name: "Incoming call" }).waitFor();
    await shown.page.keyboard.press("Control+Enter");
    await callPanel(shown.page).waitFor();
    assert.equal((await typesOf(shown))[0], "AnswerCall");
  }],
  ["a browser that cannot encode says so before the call", "problems", async (shown) => {
    const { page } = shown;
    await button(page, "Ada").click();
    await button(page, "Start voice call").click();
    await alert(page).filter({ hasText: /cannot encode speech/ }).waitFor();
    assert.ok(!(await typesOf(shown)).includes("StartCall"));
    await page.evaluate(() => fake.setCall({ ...fake.sceneCall("incoming")! }));
    const dialog = page.getByRole("dialog", { name: "Incoming call" });
    await dialog.getByText(/cannot encode speech/).waitFor();
    assert.equal(await dialog.getByRole("button", { name: "Answer" }).count(), 0);
  }],
  ["the panel shows who talks, the round trip, the route, who holds the key, and the code", "inCall", async (shown) => {
    const { page } = shown;
    const panel = callPanel(page);
    const text = await panel.innerText();
    for (
      const part of ["In a call with Ada Lindqvist", "34 ms", "Direct", "2 of 2 hold the current key", "4821 0937"]
    ) {
      assert.ok(text.includes(part), part);
    }
    const meter = panel.getByRole("meter", { name: "Microphone level" });
    await until("45 %", SOON_MS, async () => await meter.getAttribute("aria-valuenow") === "45");
    assert.equal(await panel.locator(".speaking").count(), 1);
    for (const name of ["Mute", "Deafen"]) {
      await panel.getByRole("button", { name }).click();
      assert.equal(await panel.getByRole("button", { name }).getAttribute("aria-pressed"), "true");
    }
    await page.keyboard.press("Control+Shift+M");
    assert.equal(await panel.getByRole("button", { name: "Mute" }).getAttribute("aria-pressed"), "false");
    await page.keyboard.press("Control+Shift+D");
    assert.equal(await panel.getByRole("button", { name: "Deafen" }).getAttribute("aria-pressed"), "false");
    await panel.getByRole("button", { name: "Leave call" }).click();
    await until("left", SOON_MS, async () => await panel.count() === 0);
    assert.deepEqual(await typesOf(shown), ["LeaveCall"]);
  }],
  ["how a call ended is said once", "ended", async ({ page }) => {
    await page.getByText("Ada Lindqvist did not answer. Try again later, or write.").waitFor();
    await button(page, "Dismiss").click();
    assert.equal(await page.getByText("did not answer").count(), 0);
  }],
];

const KEYS: readonly UiCase[] = [
  ["Ctrl+K goes to whom one types", "home", async ({ page }) => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Go to a conversation" }).pressSequentially("be");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Ben" }).waitFor();
    assert.equal(await focusedName(page), "Message");
  }],
  ["Alt with arrows walks through the conversations, with Shift through unread ones", "home", async ({ page }) => {
    await page.keyboard.press("Alt+ArrowDown");
    await page.getByRole("heading", { name: "Ada Lindqvist" }).waitFor();
    await page.keyboard.press("Alt+Shift+ArrowDown");
    await page.getByRole("heading", { name: "Ben" }).waitFor();
    await page.keyboard.press("Alt+ArrowUp");
    await page.getByRole("heading", { name: "Ada Lindqvist" }).waitFor();
  }],
  ["Ctrl+/ lists the keys, Esc closes, and the focus is where it was", "home", async ({ page }) => {
    await button(page, "Ada").click();
    await page.keyboard.press("Control+/");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await until("closed", SOON_MS, async () => await page.getByRole("dialog").count() === 0);
    assert.equal(await focusedName(page), "Message");
  }],
  ["everything on the way to a sent message is reached by Tab and Enter alone", "firstRun", async (shown) => {
    const { page } = shown;
    const tabTo = async (name: string) => {
      for (let steps = 0; steps < 40; steps++) {
        if (await focusedName(page) === name) return;
        await page.keyboard.press("Tab");
      }
      assert.fail(`Tab never comes to ${name}`);
    };
    await page.keyboard.type("Grace");
    await tabTo("Create my identity");
    await page.keyboard.press("Enter");
    await tabTo("Invite people");
    await page.keyboard.press("Enter");
    await tabTo("Copy link");
    await page.keyboard.press("Escape");
    await page.evaluate(() => fake.show("home"));
    await tabTo("Settings");
    await page.keyboard.press("Enter");
    await page.getByRole("tab", { name: "Profile" }).waitFor();
    assert.equal(await focusedName(page), "Profile");
    for (const tab of ["Appearance", "Voice", "Connection", "About"]) {
      await page.keyboard.press("ArrowDown");
      assert.equal(await page.getByRole("tabpanel", { name: tab }).count(), 1);
    }
    await page.keyboard.press("Escape");
    await until("closed", SOON_MS, async () => await page.getByRole("dialog").count() === 0);
    assert.equal(await focusedName(page), "Settings");
    await tabTo("Ben");
    await page.keyboard.press("Enter");
    await tabTo("Message");
    await page.keyboard.type("hello");
    await page.keyboard.press("Enter");
    await until("sent", SOON_MS, async () => (await typesOf(shown)).includes("SendText"));
  }],
];

const SETTINGS: readonly UiCase[] = [
  ["the theme is switched and remembered", "home", async ({ page }) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await button(page, "Settings").click();
    await page.getByRole("tab", { name: "Appearance" }).click();
    await page.getByRole("radio", { name: "Dark" }).check();
    const dark = await ground();
    assert.notEqual(dark, light);
    await page.reload();
    assert.equal(await ground(), dark);
  }],
  ["devices are chosen and the microphone is tested, and released afterwards", "home", async ({ page }) => {
    await button(page, "Settings").click();
    await page.getByRole("tab", { name: "Voice" }).click();
    await page.getByRole("combobox", { name: "Microphone" }).selectOption({ label: "Device 2" });
    assert.equal(await page.evaluate(() => fake.state.devices.value.inputId), "usb");
    await button(page, "Test microphone").click();
    await page.getByRole("meter", { name: "Microphone level" }).waitFor();
    await page.keyboard.press("Escape");
    await until("released", SOON_MS, () => page.evaluate(() => !fake.state.testing.value));
  }],
];

const SMALL: readonly UiCase[] = [
  ["a small screen shows one pane at a time, and Back leads to the list", "home", async ({ page }) => {
    const list = page.getByRole("navigation", { name: "Conversations" });
    await button(page, "Ada").click();
    await page.getByRole("log", { name: "Messages" }).waitFor();
    assert.equal(await list.isVisible(), false);
    await button(page, "Back to conversations").click();
    await list.waitFor();
    await page.goBack();
    await page.getByRole("log", { name: "Messages" }).waitFor();
  }, { viewport: NARROW }],
  ["what is touched measures at least 44 px", "inCall", async ({ page }) => {
    const small = () =>
      page.locator("button:visible, summary:visible, input:visible, select:visible, textarea:visible")
        .evaluateAll((elements) =>
          elements.flatMap((element) => {
            const reach = getComputedStyle(element, "::after").position === "absolute"
              ? element.closest("li")!
              : element;
            const { width, height } = reach.getBoundingClientRect();
            return Math.min(width, height) < 44 ? [`${element.outerHTML.slice(0, 80)}: ${width} x ${height}`] : [];
          })
        );
    assert.deepEqual(await small(), []);
    await button(page, "Ada").click();
    await page.getByRole("log", { name: "Messages" }).waitFor();
    assert.deepEqual(await small(), []);
  }, { viewport: NARROW, hasTouch: true, isMobile: true }],
];

Deno.test("calls, keys, settings and small screens", (t) => runCases(t, [...CALLS, ...KEYS, ...SETTINGS, ...SMALL]));
