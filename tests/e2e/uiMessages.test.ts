import assert from "node:assert/strict";
import { alert, button, messageBox, NARROW, runCases, typesOf, type UiCase, type UiPage } from "./harness/ui.ts";
import { until } from "./harness/wait.ts";
import type { Fake } from "./pages/fakePort.ts";

declare const fake: Fake;

const SOON_MS = 2_000;

const sentTexts = async (shown: UiPage) =>
  (await shown.events()).filter(({ type }) => type === "SendText").map(({ text }) => text);

const WRITING: readonly UiCase[] = [
  ["messages are articles that begin with their author, and say how far they came", "home", async ({ page }) => {
    await button(page, "Ada").click();
    const log = page.getByRole("log", { name: "Messages" });
    assert.equal(await log.getByRole("article", { name: /^Ada Lindqvist, / }).count(), 6);
    const own = log.getByRole("article", { name: /^Marlene Dietz, / });
    const texts = await own.allInnerTexts();
    assert.deepEqual(texts.map((text) => text.split("\n").at(-1)), [
      "Delivered",
      "Delivered",
      "Delivered",
      "Delivered",
      "Sent",
      "Waiting for Ada Lindqvist to come online",
      "Sending",
    ]);
    assert.deepEqual(await log.getByRole("separator").allInnerTexts(), ["Yesterday", "Today"]);
    assert.equal(await page.getByRole("status", { name: "Connection" }).innerText(), "Connected directly");
    await button(page, "Ben").click();
    assert.equal(await page.getByRole("status", { name: "Connection" }).innerText(), "Connected through relay");
    await button(page, "Chi-Ming").click();
    assert.equal(
      await page.getByRole("status", { name: "Connection" }).innerText(),
      "Offline, messages will be sent later",
    );
  }],
  ["Enter sends, Shift+Enter begins a line, and the text goes when it is durable", "home", async (shown) => {
    const { page } = shown;
    await button(page, "Ada").click();
    await page.evaluate(() => fake.control.hold = true);
    await messageBox(page).pressSequentially("one");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("two");
    await page.keyboard.press("Enter");
    assert.equal(await messageBox(page).inputValue(), "one\ntwo");
    await page.keyboard.type(" and on");
    await page.evaluate(() => fake.control.release());
    await until("cleared", SOON_MS, async () => await messageBox(page).inputValue() === " and on");
    assert.deepEqual(await sentTexts(shown), ["one\ntwo"]);
  }],
  ["texts that are sent faster than they are kept all go, once and in order", "home", async (shown) => {
    const { page } = shown;
    await button(page, "Ada").click();
    await page.evaluate(() => fake.control.hold = true);
    for (const text of ["first", "second", "third"]) {
      await messageBox(page).fill(text);
      await page.keyboard.press("Enter");
      await page.keyboard.press("Enter");
    }
    await page.evaluate(() => {
      fake.control.hold = false;
      fake.control.release();
    });
    await until("all sent", SOON_MS, async () => (await sentTexts(shown)).length === 3);
    assert.deepEqual(await sentTexts(shown), ["first", "second", "third"]);
    await until("cleared", SOON_MS, async () => await messageBox(page).inputValue() === "");
  }],
  ["a text that cannot be kept stays, with the reason", "home", async ({ page }) => {
    await button(page, "Ada").click();
    await page.evaluate(() => fake.control.problem = "storage.full");
    await messageBox(page).fill("do not lose me");
    await page.keyboard.press("Enter");
    assert.match(await alert(page).innerText(), /no room left for this page.*Free some space/s);
    assert.equal(await messageBox(page).inputValue(), "do not lose me");
  }],
  ["a draft outlives other conversations and a reload", "home", async ({ page }) => {
    await button(page, "Ada").click();
    await messageBox(page).fill("half a sentence");
    await button(page, "Ben").click();
    assert.equal(await messageBox(page).inputValue(), "");
    await button(page, "Ada").click();
    assert.equal(await messageBox(page).inputValue(), "half a sentence");
    await page.reload();
    await page.getByRole("heading", { name: "Ada Lindqvist" }).waitFor();
    assert.equal(await messageBox(page).inputValue(), "half a sentence");
  }],
  ["a text over the limit says by how much", "home", async ({ page }) => {
    await button(page, "Ada").click();
    await messageBox(page).fill("€".repeat(5_001));
    await page.getByText("3 bytes too long").waitFor();
  }],
  [
    "an unread conversation is marked, shows where the new part begins, and is read when seen",
    "long",
    async (shown) => {
      const { page } = shown;
      await page.evaluate(() => {
        const view = fake.state.view.value;
        const contacts = view.contacts.map((one, i) => i === 0 ? { ...one, unreadCount: 2 } : one);
        fake.state.view.value = { ...view, contacts };
      });
      assert.equal(await page.title(), "(125) SecureComm");
      await button(page, "Ada").click();
      await page.getByRole("separator", { name: "New messages" }).waitFor();
      await until("read", SOON_MS, async () => (await typesOf(shown)).includes("MarkRead"));
    },
  ],
];

const READING: readonly UiCase[] = [
  ["the log follows at its end, and stays put when one reads back", "long", async ({ page }) => {
    await button(page, "Ada").click();
    const log = page.getByRole("log", { name: "Messages" });
    const line = log.getByText("Line 60 of");
    const topOf = async () => Math.round((await line.boundingBox())!.y);
    const arrive = (text: string, at: "before" | "after") =>
      page.evaluate(([text, at]) => {
        const conversation = [...fake.state.conversations.values()][0]!;
        const { messages } = conversation.value;
        const fresh = { ...messages[1]!, id: text as never, text, sentAtMs: messages.at(-1)!.sentAtMs };
        const all = at === "after"
          ? [...messages, fresh]
          : [{ ...fresh, sentAtMs: messages[0]!.sentAtMs }, ...messages];
        conversation.value = { ...conversation.value, messages: all };
      }, [text, at] as const);
    assert.ok(await log.getByText("Line 120 of").isVisible());
    await arrive("while at the end", "after");
    await until(
      "followed",
      SOON_MS,
      async () => await log.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight) < 2,
    );
    await log.evaluate((element) => element.scrollTop = element.scrollHeight / 2);
    await button(page, "Latest messages").waitFor();
    const before = await topOf();
    await arrive("while reading back", "after");
    await button(page, "New messages").waitFor();
    await arrive("an earlier one", "before");
    assert.ok(Math.abs(await topOf() - before) <= 1, `${await topOf()} px instead of ${before}`);
    await button(page, "New messages").click();
    await until("at the end", SOON_MS, async () => await button(page, "New messages").count() === 0);
  }],
  ["earlier messages are asked for on the way up, once", "long", async (shown) => {
    const { page } = shown;
    await button(page, "Ada").click();
    await page.getByRole("log", { name: "Messages" }).evaluate((element) => element.scrollTop = 200);
    await until("asked", SOON_MS, async () => (await typesOf(shown)).includes("ReadEarlier"));
    await page.getByRole("log", { name: "Messages" }).evaluate((element) => element.scrollTop = 0);
    await button(page, "Load earlier messages").click();
    assert.equal((await typesOf(shown)).filter((type) => type === "ReadEarlier").length, 1);
  }],
  ["long words wrap", "home", async ({ page }) => {
    await button(page, "Ada").click();
    const overflowPx = await page.getByRole("log", { name: "Messages" }).evaluate((e) => e.scrollWidth - e.clientWidth);
    assert.equal(overflowPx, 0);
  }, { viewport: NARROW }],
];

Deno.test("writing and reading", (t) => runCases(t, [...WRITING, ...READING]));
