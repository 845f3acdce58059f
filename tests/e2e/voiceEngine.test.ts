/** The voice engine in real Chromium, as the client is built and under its policy: two engines that call each other. */
import assert from "node:assert/strict";
import { startPerson } from "./harness/chromium.ts";
import { buildPages } from "./harness/pages.ts";
import { startServer } from "./harness/rendezvous.ts";
import { until } from "./harness/wait.ts";
import type { VoiceProbe } from "./pages/voiceEngine.ts";

declare const voiceProbe: VoiceProbe;

const NOTHING = { connections: 0, contexts: 0, tracks: 0, workers: 0 };
const AUDIBLE = 0.005;
const SILENT = 0.001;

Deno.test("the voice engine in Chromium", async (t) => {
  const pages = await buildPages(["tests/e2e/pages/voiceEngine.ts"], { withAudio: true });
  const server = await startServer({ files: pages.folder });
  const person = await startPerson();
  const { page } = person;
  const look = (name: "left" | "right") => page.evaluate((one) => voiceProbe.look(one), name);
  const hears = (name: "left" | "right", what: (level: number) => boolean) =>
    until(`${name} hears`, 10_000, async () => what((await look(name)).heard.level), () => look(name));
  const released = () =>
    until("all is given back", 5_000, async () => {
      const opened = await page.evaluate(() => voiceProbe.opened());
      return JSON.stringify(opened) === JSON.stringify(NOTHING);
    }, () => page.evaluate(() => voiceProbe.opened()));
  try {
    await page.goto(`${server.url}/voiceEngine.html`);
    await t.step("what is needed is there, and is found out without opening anything", async () => {
      assert.equal(await page.evaluate(() => voiceProbe.support()), null);
      await released();
    });
    await t.step("both sides connect directly, and each hears the other", async () => {
      await page.evaluate(() => {
        voiceProbe.open();
        voiceProbe.key("left", 0x10000);
        voiceProbe.key("right", 0x20000);
      });
      for (const name of ["left", "right"] as const) {
        await until(
          `${name} connects`,
          10_000,
          async () => (await look(name)).events.includes("VoiceConnected"),
          () => look(name),
        );
        await hears(name, (level) => level > AUDIBLE);
        await until(`${name} counts`, 5_000, async () => (await look(name)).events.includes("VoiceSealed"));
      }
      assert.deepEqual(await page.evaluate(() => voiceProbe.rtpStreams()), []);
    });
    await t.step("the key changes in mid-sentence, and nothing is lost or refused", async () => {
      const before = (await look("right")).quality!;
      await page.evaluate(() => voiceProbe.key("left", 0x10001));
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await page.evaluate(() => voiceProbe.dropKey("left", 0x10000));
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const { quality } = await look("right");
      assert.deepEqual(quality!.refusals, before.refusals);
      assert.equal(quality!.lossRatio, 0);
      await hears("right", (level) => level > AUDIBLE);
    });
    await t.step("[VF6] with one wrong key there is silence, and the frames are refused by name", async () => {
      await page.evaluate(() => voiceProbe.key("left", 0x10002, false));
      await hears("right", (level) => level < SILENT);
      await hears("left", (level) => level > AUDIBLE);
      await until(
        "refusals are counted",
        5_000,
        async () => ((await look("right")).quality?.refusals["voice.bad-mac"] ?? 0) > 50,
        () => look("right"),
      );
      await page.evaluate(() => voiceProbe.key("left", 0x10003));
      await hears("right", (level) => level > AUDIBLE);
    });
    await t.step("muted is silent, and comes back", async () => {
      await page.evaluate(() => voiceProbe.setMuted("left", true));
      await hears("right", (level) => level < SILENT);
      await page.evaluate(() => voiceProbe.setMuted("left", false));
      await hears("right", (level) => level > AUDIBLE);
    });
    await t.step("when the other side is gone without a word the call fails, and gives everything back", async () => {
      await page.evaluate(() => voiceProbe.closeOne("left"));
      await until("right fails", 5_000, async () => (await look("right")).events.includes("VoiceFailed"));
      await released();
      await page.evaluate(() => {
        voiceProbe.open();
        voiceProbe.key("left", 0x10000);
      });
      await hears("right", (level) => level > AUDIBLE);
    });
    await t.step("at the end everything is given back", async () => {
      await page.evaluate(() => voiceProbe.close());
      await released();
    });
    await t.step("a call that is closed while it is being opened leaves nothing behind", async () => {
      await page.evaluate(() => {
        voiceProbe.open();
        voiceProbe.close();
      });
      await released();
      await page.evaluate(async () => {
        voiceProbe.open();
        await new Promise((resolve) => setTimeout(resolve, 60));
        voiceProbe.close();
      });
      await released();
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.deepEqual(await page.evaluate(() => voiceProbe.opened()), NOTHING);
    });
    await t.step("without a microphone the call says so, and still listens", async () => {
      await page.evaluate(() => {
        voiceProbe.failMicrophone("NotAllowedError");
        voiceProbe.open();
      });
      await until("it is said", 5_000, async () => (await look("left")).problems.includes("microphone.refused"));
      await page.evaluate(() => {
        voiceProbe.failMicrophone(null);
        voiceProbe.close();
      });
      await released();
    });
    await t.step("the microphone can be tested without a call", async () => {
      await page.evaluate(() => voiceProbe.testMicrophone(true));
      await until("a level shows", 5_000, async () => (await look("left")).level > AUDIBLE);
      await page.evaluate(() => voiceProbe.testMicrophone(false));
      await released();
    });
    assert.deepEqual(person.log.filter((line) => line.startsWith("error") || line.startsWith("thrown")), []);
  } finally {
    await person.close();
    await server.stop();
    await pages.remove();
  }
});
