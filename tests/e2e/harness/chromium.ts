/** Chromium for tests: one process and one profile for each person, as two machines would have. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

/** `CHROMIUM` in the environment comes first. Throws a sentence that says what to install. */
export function findChromium(): string {
  const named = Deno.env.get("CHROMIUM");
  const found = [...(named ? [named] : []), ...PLACES].find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
  if (found !== undefined) return found;
  throw new Error("These tests need Chromium: install it (on Debian: apt install chromium), or name it in CHROMIUM.");
}

export interface PersonOptions {
  /** A 48 kHz WAV file that the fake microphone plays; without it the fake beeps. */
  readonly microphoneWav?: string;
  readonly args?: readonly string[];
  /** A profile folder that an earlier person left, so that a restart finds what it stored. */
  readonly profile?: string;
  readonly colorScheme?: "light" | "dark";
}

export interface Person {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly profile: string;
  /** Everything the page logged or threw, for the message of a test that fails. */
  readonly log: readonly string[];
  /** Ends the process. The profile stays unless it is said to go as well. */
  close(options?: { readonly keepProfile?: boolean }): Promise<void>;
}

/** Starts a browser process with an empty page. */
export async function startPerson(options: PersonOptions = {}): Promise<Person> {
  const profile = options.profile ?? mkdtempSync(join(tmpdir(), "securecomm-person-"));
  const microphone = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    ...(options.microphoneWav ? [`--use-file-for-fake-audio-capture=${options.microphoneWav}`] : []),
  ];
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    headless: true,
    args: [...QUIET, ...microphone, ...(options.args ?? [])],
    colorScheme: options.colorScheme ?? "light",
  });
  const page = context.pages()[0] ?? await context.newPage();
  const log: string[] = [];
  page.on("console", (message) => log.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => log.push(`thrown: ${error.stack ?? error.message}`));
  return {
    context,
    page,
    profile,
    log,
    async close({ keepProfile = false } = {}) {
      await context.close();
      if (!keepProfile) await Deno.remove(profile, { recursive: true }).catch(() => {});
    },
  };
}
