/** Two thousand contacts: a step holds the page's thread, so it does a little of what is due, and the next one follows. */
import assert from "node:assert/strict";
import type { UserId } from "../../../core/ids.ts";
import { CONTACT, MAILBOX } from "../../../core/limits.ts";
import { addressOf, depositorOf, spaceKeys } from "../../../core/mailbox/space.ts";
import { deadline } from "../../../core/node/index.ts";
import { ORIGIN } from "../../sim/postOffice.ts";
import { envOf } from "../../support/world.ts";
import { contactOf, MailStage } from "./mailStage.ts";

const { rng } = envOf(70);
const seed = rng.bytes(32);
const depositor = depositorOf({ depositor: seed });
const theirs = addressOf(spaceKeys(rng.bytes(32)), ORIGIN, rng.bytes(32));

/** Alice knows as many as she can, none of them is there, and every twentieth was written to. */
function crowd() {
  const stage = new MailStage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.friends(alice, bob);
  stage.leaves(bob);
  const one = contactOf(alice, bob);
  const content = { t: "text", id: "0b".repeat(16) as never, seq: 1, lamport: 1, sentAtMs: 1, text: "hi" } as const;
  const contacts = Array.from({ length: CONTACT.maxCount }, (_, i) => ({
    ...one,
    id: i.toString(16).padStart(64, "0") as UserId,
    topicSecrets: [],
    sessions: one.sessions.map((session) => ({ ...session })),
    pending: i % 20 === 0 ? [{ content, mailedAtMs: null, sent: null }] : [],
    mail: { ...one.mail, theirs, ours: { seed, depositor, isGranted: true, isTold: true } },
  }));
  alice.state = { ...alice.state, contacts: new Map(contacts.map((contact) => [contact.id, contact])) };
  stage.nowMs += 60_000;
  alice.effects.length = 0;
  return { stage, alice };
}

Deno.test("[MAIL3] a step leaves a few contacts their mail, and ticks at once follow until all have it", () => {
  const { stage, alice } = crowd();
  let kept = 0;
  const perform = stage.perform.bind(stage);
  stage.perform = (actor, effect) => {
    if (effect.type !== "DepositMail") return perform(actor, effect);
    kept++;
    stage.hear(actor, { type: "DepositAnswered", ask: effect.ask, outcome: { t: "done" } });
  };
  for (let ticks = 0; deadline(alice.state)! <= stage.nowMs; ticks++) {
    assert.ok(ticks < 60, "too many ticks");
    const before = kept;
    alice.do({ type: "Tick" });
    assert.ok(kept - before > 0 && kept - before <= MAILBOX.leaveStepCount);
  }
  assert.equal(kept, 100);
});

Deno.test("[MAIL3] so many deposits are under way at one time, and an answer lets the next one go", () => {
  const { stage, alice } = crowd();
  const perform = stage.perform.bind(stage);
  stage.perform = (actor, effect) => effect.type === "DepositMail" ? undefined : perform(actor, effect);
  while (deadline(alice.state)! <= stage.nowMs) alice.do({ type: "Tick" });
  assert.equal(alice.of("DepositMail").length, MAILBOX.maxErrands);
  alice.do({ type: "DepositAnswered", ask: alice.of("DepositMail")[0]!.ask, outcome: { t: "done" } });
  assert.ok(deadline(alice.state)! <= stage.nowMs);
  alice.do({ type: "Tick" });
  assert.equal(alice.of("DepositMail").length, MAILBOX.maxErrands + 1);
});
