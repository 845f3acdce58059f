/** What a person waits for, between two real browsers: opening a link, a word crossing, and the bytes of a first visit. */
import { buildClient } from "../e2e/harness/client.ts";
import { type Person, startPerson } from "../e2e/harness/chromium.ts";
import { createIdentity, invite, openConversation, waitForConnection } from "../e2e/harness/people.ts";
import { startServer } from "../e2e/harness/rendezvous.ts";
import { median, printFigure, spreadOf } from "./figure.ts";

const SET_UPS = Number(Deno.env.get("RUNS") ?? 5);
const WORDS = 40;

/** Resolves to the page's clock at the moment when this text first stands in the log. */
async function seenAt({ page }: Person, text: string): Promise<number> {
  const seen = await page.waitForFunction((text) => {
    const articles = [...document.querySelectorAll("[role=log] article")];
    return articles.some((one) => one.textContent?.includes(text)) && performance.timeOrigin + performance.now();
  }, text);
  return await seen.jsonValue() as number;
}

/** Notes the page's clock at the next event of this kind; the note is there before anything is done to cause it. */
async function noteNext({ page }: Person, kind: "click" | "keydown"): Promise<() => Promise<number>> {
  await page.evaluate((kind) => {
    Object.assign(globalThis, { notedMs: null });
    const note = () => Object.assign(globalThis, { notedMs: performance.timeOrigin + performance.now() });
    addEventListener(kind, note, { once: true, capture: true });
  }, kind);
  return async () => {
    const noted = await page.waitForFunction(() => (globalThis as { notedMs?: number | null }).notedMs);
    return await noted.jsonValue() as number;
  };
}

/** Types the text and resolves to the page's clock at the press of Enter. */
async function write(person: Person, text: string): Promise<number> {
  await person.page.getByRole("textbox", { name: "Message" }).fill(text);
  const pressed = await noteNext(person, "keydown");
  await person.page.keyboard.press("Enter");
  return await pressed();
}

/** From "Accept invitation", in a browser that was never here, to the inviter's first message on its screen. */
async function setUp(alice: Person, number: number): Promise<{ readonly bob: Person; readonly tookMs: number }> {
  const bob = await startPerson();
  const link = await invite(alice.page);
  await bob.page.goto(link);
  await bob.page.getByRole("textbox", { name: "Your name" }).fill(`Bob ${number}`);
  const clicked = await noteNext(bob, "click");
  await bob.page.getByRole("button", { name: "Accept invitation" }).click();
  const startedMs = await clicked();
  await openConversation(alice.page, `Bob ${number}`);
  await write(alice, `welcome, Bob ${number}`);
  return { bob, tookMs: (await seenAt(bob, `welcome, Bob ${number}`)) - startedMs };
}

async function crossing(from: Person, to: Person, count: number): Promise<readonly number[]> {
  const tookMs: number[] = [];
  for (let i = 0; i < count; i++) {
    const seen = seenAt(to, `word number ${i}.`);
    const pressedMs = await write(from, `word number ${i}.`);
    tookMs.push((await seen) - pressedMs);
  }
  return tookMs;
}

function report(figure: string, values: readonly number[], goalMs: number): void {
  const ours = median(values);
  const spread = spreadOf(values);
  console.log(`${figure}: median ${ours.toFixed(0)} ms (${spread.map((ms) => ms.toFixed(0)).join(" to ")})`);
  printFigure({ figure, ours, unit: "ms", spread, goal: `< ${goalMs}`, met: ours < goalMs });
}

async function firstLoadBytes(folder: string, url: string): Promise<number> {
  const visitor = await startPerson();
  try {
    const names = new Set<string>();
    visitor.page.on("response", (response) => names.add(new URL(response.url()).pathname));
    await visitor.page.goto(url);
    await visitor.page.getByRole("textbox", { name: "Your name" }).waitFor();
    let bytes = 0;
    for (const name of names) {
      const file = await Deno.stat(`${folder}${name === "/" ? "/index.html" : name}.br`).catch(() => null);
      bytes += file?.size ?? 0;
    }
    return bytes;
  } finally {
    await visitor.close();
  }
}

const client = await buildClient();
const server = await startServer({ files: client.folder });
const alice = await startPerson();
try {
  const sizeKb = (await firstLoadBytes(client.folder, server.url)) / 1000;
  console.log(`first load, brotli: ${sizeKb.toFixed(1)} KB`);
  printFigure({ figure: "client, first load", ours: sizeKb, unit: "KB brotli", goal: "< 200", met: sizeKb < 200 });

  await createIdentity(alice.page, server.url, "Alice");
  const setUps: number[] = [];
  let crossings: readonly number[] = [];
  for (let number = 1; number <= SET_UPS; number++) {
    const { bob, tookMs } = await setUp(alice, number);
    setUps.push(tookMs);
    if (number === SET_UPS) {
      await waitForConnection(bob.page, "Connected directly");
      crossings = (await crossing(bob, alice, WORDS)).slice(5);
    }
    await bob.close();
  }
  report("from Accept invitation to the first message shown", setUps, 2_000);
  report("key press to other screen, direct", crossings, 30);
} finally {
  await alice.close();
  await server.stop();
  await client.remove();
}
