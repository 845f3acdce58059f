import assert from "node:assert/strict";
import type { UserId } from "../../core/ids.ts";
import { button, runCases, type UiCase, type UiPage } from "./harness/ui.ts";
import { type Fake, safetyOf } from "./pages/fakePort.ts";
import { until } from "./harness/wait.ts";

declare const fake: Fake;

const SOON_MS = 2_000;

const ids = (shown: UiPage) =>
  shown.page.evaluate(() => {
    const { me, contacts } = fake.state.view.value;
    return { me: me!.id, ada: contacts[0]!.id, ben: contacts[1]!.id };
  }) as Promise<Readonly<Record<"me" | "ada" | "ben", UserId>>>;

async function openVerification(shown: UiPage) {
  await button(shown.page, "Ada").click();
  await button(shown.page, "Verify Ada Lindqvist").click();
  const dialog = shown.page.getByRole("dialog", { name: "Safety number" });
  await dialog.getByRole("heading", { name: "Safety number" }).waitFor();
  await dialog.getByRole("img", { name: "Safety number QR code" }).waitFor();
  return dialog;
}

const CASES: readonly UiCase[] = [
  ["the safety number has 60 digits in twelve groups, and can be copied", "home", async (shown) => {
    const dialog = await openVerification(shown);
    const groups = await dialog.getByRole("list", { name: /60 digits/ }).getByRole("listitem").allInnerTexts();
    const { me, ada } = await ids(shown);
    assert.equal(groups.length, 12);
    assert.equal(groups.join(""), safetyOf(me, ada).digits);
    await shown.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await dialog.getByRole("button", { name: "Copy number" }).click();
    assert.equal(await shown.page.evaluate(() => navigator.clipboard.readText()), groups.join(" "));
  }],
  ["a pasted number or code is compared, and what was found is said", "home", async (shown) => {
    const dialog = await openVerification(shown);
    const { me, ada, ben } = await ids(shown);
    const theirs = safetyOf(ada, me);
    const field = dialog.getByRole("textbox", { name: /^The number or code that Ada Lindqvist sent/ });
    const found = dialog.getByRole("status");
    const cases = [
      [theirs.digits.replace(/(.{5})/g, "$1 "), /^It matches/],
      [theirs.code, /^It matches/],
      [safetyOf(ben, me).code, /^This number belongs to another pair/],
      [safetyOf(ada, ben).digits, /^This number belongs to another pair/],
      ["1".repeat(60), /^It does not match/],
      [theirs.code.replace(/^CAE/, "CAI"), /^Ada Lindqvist has another version/],
      ["hello", /^This is neither/],
      ["", /^$/],
    ] as const;
    for (const [text, said] of cases) {
      await field.fill(text);
      await until(`said ${said}`, SOON_MS, async () => said.test(await found.innerText()));
    }
  }],
  ["who is marked as verified bears a badge, until it is cleared", "home", async (shown) => {
    const { page } = shown;
    const dialog = await openVerification(shown);
    const badge = page.locator(".conversation-header").getByText("Verified");
    assert.equal(await badge.count(), 0);
    await dialog.getByRole("button", { name: "Mark as verified" }).click();
    await dialog.getByText(/^You marked Ada Lindqvist as verified on/).waitFor();
    await page.keyboard.press("Escape");
    await badge.waitFor();
    await button(page, "Verify Ada Lindqvist").click();
    await dialog.getByRole("button", { name: "Clear verification" }).click();
    await dialog.getByRole("button", { name: "Mark as verified" }).waitFor();
    assert.equal(await badge.count(), 0);
    const { ada } = await ids(shown);
    assert.deepEqual(await shown.events(), [
      { type: "MarkVerified", contact: ada, verified: true },
      { type: "MarkVerified", contact: ada, verified: false },
    ]);
  }],
  ["a mark that cannot be kept is not shown, and the reason is said", "home", async (shown) => {
    const dialog = await openVerification(shown);
    await shown.page.evaluate(() => fake.control.problem = "storage.full");
    await dialog.getByRole("button", { name: "Mark as verified" }).click();
    assert.match(await dialog.getByRole("alert").innerText(), /no room left/);
    assert.equal(await dialog.getByRole("button", { name: "Mark as verified" }).count(), 1);
  }],
  [
    "messages that could not be opened are told of quietly, and no more once they have come",
    "unopened",
    async (shown) => {
      const { page } = shown;
      await button(page, "Ada").click();
      await page.getByText("One message from Ada Lindqvist could not be opened; asked Ada Lindqvist to send it again")
        .waitFor();
      const set = (unopened: number) =>
        page.evaluate((count) => {
          const conversation = [...fake.state.conversations.values()][0]!;
          conversation.value = { ...conversation.value, unopened: count };
        }, unopened);
      await set(3);
      await page.getByText(/^3 messages from Ada Lindqvist could not be opened/).waitFor();
      await set(0);
      await until("gone", SOON_MS, async () => await page.getByText(/could not be opened/).count() === 0);
    },
  ],
];

Deno.test("verifying a contact", (t) => runCases(t, CASES));
