import assert from "node:assert/strict";
import { STORE_CASES } from "../contract/storeContract.ts";
import { startPerson } from "./harness/chromium.ts";
import { buildPages } from "./harness/pages.ts";
import { startServer } from "./harness/rendezvous.ts";
import type { StoreProbe } from "./pages/store.ts";

declare const storeProbe: StoreProbe;

Deno.test("the device's store in Chromium", async (t) => {
  const pages = await buildPages(["tests/e2e/pages/store.ts"]);
  const server = await startServer({ files: pages.folder });
  let person = await startPerson();
  const visit = () => person.page.goto(`${server.url}/store.html`);
  try {
    await visit();
    for (const { name } of STORE_CASES) {
      await t.step(name, async () => {
        assert.equal(await person.page.evaluate((one) => storeProbe.runCase(one), name), "passed");
      });
    }
    await t.step("every transaction is strictly durable", async () => {
      assert.equal(await person.page.evaluate(() => storeProbe.durability("durability")), "strict");
    });
    await t.step("records outlive the browser, and lie encrypted on the disk", async () => {
      await person.page.evaluate(() => storeProbe.write("kept", "contact/ada", "lovelace"));
      const disk = await person.page.evaluate(() => storeProbe.raw("kept"));
      assert.match(disk, /CryptoKey/);
      for (const secret of ["contact", "ada", "lovelace"]) assert.ok(!disk.includes(secret), secret);
      await person.close({ keepProfile: true });
      person = await startPerson({ profile: person.profile });
      await visit();
      assert.deepEqual(await person.page.evaluate(() => storeProbe.read("kept", "")), [["contact/ada", "lovelace"]]);
    });
    await t.step("a write takes milliseconds", async () => {
      const timesMs = await person.page.evaluate(() => storeProbe.timeWrites("timed", 50));
      const sorted = [...timesMs].sort((a, b) => a - b);
      console.log(`durable write: median ${sorted[25]!.toFixed(1)} ms, p95 ${sorted[47]!.toFixed(1)} ms`);
      assert.ok(sorted[25]! < 500);
    });
  } finally {
    await person.close();
    await server.stop();
    await pages.remove();
  }
});
