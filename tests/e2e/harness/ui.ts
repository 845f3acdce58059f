/** The screen alone in a real browser: built and served as the client is, over a program that is only pretended. */
import assert from "node:assert/strict";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { build } from "../../../client/build/build.ts";
import type { Fake } from "../pages/fakePort.ts";
import { findChromium } from "./chromium.ts";
import { startServer } from "./rendezvous.ts";

declare const fake: Fake;

export const WIDE = { width: 1280, height: 800 } as const;
export const NARROW = { width: 390, height: 780 } as const;

const STEP_TIMEOUT_MS = 5_000;

export interface UiPage {
  readonly page: Page;
  /** Errors and warnings of the page so far, refusals by its policy among them. */
  readonly complaints: readonly string[];
  /** The types of the events that the screen dispatched, and the events themselves. */
  events(): Promise<readonly { readonly type: string; readonly text?: string; readonly name?: string }[]>;
  close(): Promise<void>;
}

export interface UiBrowser {
  /** A fresh profile that looks at a scene of `tests/e2e/pages/scenes.ts`. */
  open(scene: string, options?: BrowserContextOptions): Promise<UiPage>;
  readonly url: string;
  close(): Promise<void>;
}

export async function startUi(): Promise<UiBrowser> {
  const folder = await Deno.makeTempDir({ prefix: "securecomm-ui-" });
  const page = {
    html: "index.html",
    title: "SecureComm",
    script: "tests/e2e/pages/ui.ts",
    style: "client/ui/styles/main.css",
  };
  await build({ outDir: folder, entries: { pages: [page], workers: [] } });
  const server = await startServer({ files: folder });
  const browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox", "--disable-gpu"] });
  return {
    url: server.url,
    open: (scene, options) => openScene(browser, server.url, scene, options),
    async close() {
      await browser.close();
      await server.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function openScene(
  browser: Browser,
  url: string,
  scene: string,
  options: BrowserContextOptions = {},
): Promise<UiPage> {
  const context = await browser.newContext({ viewport: WIDE, locale: "en-GB", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  await page.goto(`${url}/?scene=${scene}`);
  await page.locator("#app > *").first().waitFor();
  return {
    page,
    complaints,
    events: () => page.evaluate(() => fake.events as never),
    close: () => context.close(),
  };
}

/** What a person does in a scene, and what must come of it. */
export type UiCase = readonly [
  name: string,
  scene: string,
  check: (shown: UiPage) => Promise<void>,
  options?: BrowserContextOptions,
];

/** One browser for all of them, a fresh profile for each; a page that complains has failed. */
export async function runCases(t: Deno.TestContext, cases: readonly UiCase[]): Promise<void> {
  const ui = await startUi();
  try {
    for (const [name, scene, check, options] of cases) {
      await t.step(name, async () => {
        const shown = await ui.open(scene, options);
        try {
          await check(shown);
          assert.deepEqual(shown.complaints, []);
        } finally {
          await shown.close();
        }
      });
    }
  } finally {
    await ui.close();
  }
}

export const button = (page: Page, name: string) => page.getByRole("button", { name });
export const alert = (page: Page) => page.getByRole("alert");
export const messageBox = (page: Page) => page.getByRole("textbox", { name: "Message" });
export const typesOf = async (shown: UiPage) => (await shown.events()).map(({ type }) => type);
