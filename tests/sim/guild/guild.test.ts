import assert from "node:assert/strict";
import { GuildWorld } from "./world.ts";

/** Some of those in which people are removed while others write. */
const REMOVING = [1, 2, 4, 11];

for (const seed of REMOVING) {
  Deno.test(`[GKEY3] the removed open nothing by who knew, whatever ciphertext they see, seed ${seed}`, async () => {
    const { removed, withheld } = await new GuildWorld(seed).run();
    assert.ok(removed > 0, "nobody was removed");
    assert.ok(withheld > 0, "nobody was there who was not to read something");
  });
}

Deno.test("a guild is a function of its seed", async () => {
  assert.deepEqual(await new GuildWorld(512).run(), await new GuildWorld(512).run());
});
