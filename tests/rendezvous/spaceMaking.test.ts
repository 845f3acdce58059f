import assert from "node:assert/strict";
import { SPACES } from "../../rendezvous/limits.ts";
import { enterOwner, expectDone, expectRefused, from, inMemory, newKeys, pass, withMail } from "./mailStage.ts";
import { HandClock, rendezvousTest } from "./support.ts";

rendezvousTest(
  "[MBX14] an operator's join code is asked of whoever makes a space, and of nobody who has one",
  async () => {
    await withMail({ mail: { ...inMemory(), joinCode: "open sesame" } }, async (stage) => {
      const keys = newKeys();
      const owner = await enterOwner(await stage.line(), keys);
      expectRefused(await owner.ask({ t: "open", joinCode: null }), "join-code");
      expectRefused(await owner.ask({ t: "open", joinCode: "open says me" }), "join-code");
      expectDone(await owner.ask({ t: "open", joinCode: "open sesame" }));
      expectDone(await owner.ask({ t: "open", joinCode: null }));
      assert.equal(stage.server.counters.get("spaces.wrong-code"), 1);
      const node = await (await fetch(`${stage.server.url}node.json`)).json();
      assert.deepEqual([node.mail, node.joinCode], [true, true]);
    });
  },
);

rendezvousTest(
  "[MBX14] after too many wrong join codes the right one is no better, until time has passed",
  async () => {
    const clock = new HandClock();
    await withMail({ clock, mail: { ...inMemory(), joinCode: "right" } }, async (stage) => {
      const owner = await enterOwner(await stage.line(), newKeys());
      for (let tried = 0; tried < SPACES.wrongCodeBurst; tried++) {
        expectRefused(await owner.ask({ t: "open", joinCode: "wrong" }), "join-code");
      }
      const retryAfterS = expectRefused(await owner.ask({ t: "open", joinCode: "right" }), "too-many");
      assert.ok(retryAfterS >= 60);
      await pass(clock, 1_000 * retryAfterS);
      expectDone(await owner.ask({ t: "open", joinCode: "right" }));
    });
  },
);

rendezvousTest(
  "[MBX14] [RDV17] from one address prefix so many spaces are made, and libp2p sees no address",
  async () => {
    await withMail({ domain: "chat.example" }, async (stage) => {
      const make = async () => {
        const line = await stage.line();
        assert.match(line.connection.remoteAddr.toString(), /127\.0\.0\.1/);
        const answers: unknown[] = [];
        for (let made = 0; made < 3; made++) {
          const owner = await enterOwner(line, newKeys());
          const answer = await owner.ask({ t: "open", joinCode: null });
          answers.push(answer?.t === "refused" ? answer.reason : answer?.t);
          await owner.close();
        }
        return answers;
      };
      for (let times = 0; times < SPACES.makingBurst; times += 3) {
        await from("2001:db8:0:1100::1", async () => void await make());
      }
      await from(
        "2001:db8:0:11ff::2",
        async () => assert.deepEqual(await make(), ["too-many", "too-many", "too-many"]),
      );
      await from("2001:db8:0:1200::1", async () => assert.deepEqual(await make(), ["done", "done", "done"]));
    });
  },
);
