import assert from "node:assert/strict";
import { MAILBOX, MESSAGE } from "../../../core/limits.ts";
import { SEALED_LENGTHS } from "../../../core/wire/sealedMail.ts";
import { contactOf, MailStage, says, userOf } from "./mailStage.ts";

function town() {
  const stage = new MailStage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.friends(alice, bob);
  stage.deposits = [];
  return { stage, alice, bob };
}

const textsFrom = (count: number) => Array.from({ length: count }, (_, i) => `text ${i}`);

Deno.test("[MAIL3] [MAIL4] [MAIL7] a text for who is away waits, is sent as mail, read in the morning, and delivered", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  says(alice, bob, "good night");
  assert.deepEqual(alice.deliveries(bob), ["waiting"]);
  stage.lasts(MAILBOX.patienceMs - 1);
  assert.deepEqual([alice.deliveries(bob), stage.deposits.length], [["waiting"], 0]);
  stage.lasts(1);
  assert.deepEqual([alice.deliveries(bob), stage.deposits.length], [["sent"], 1]);
  stage.leaves(alice);
  stage.nowMs += 8 * 3_600_000;
  await stage.comes(bob);
  stage.lasts(10_000);
  assert.deepEqual(bob.texts(alice), ["good night"]);
  assert.deepEqual(stage.waitingFor(bob), [], "what was read is not kept any longer");
  stage.leaves(bob);
  await stage.comes(alice);
  assert.deepEqual(alice.deliveries(bob), ["delivered"]);
  assert.deepEqual(await alice.store.read(`outbox/${userOf(bob)}/`), []);
});

Deno.test("[MAIL3] [MBX5] a hundred texts come in order, in few pieces of mail, all of one length", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  for (const text of textsFrom(100)) says(alice, bob, text);
  stage.lasts(MAILBOX.patienceMs);
  assert.deepEqual(new Set(alice.deliveries(bob)), new Set(["sent"]));
  const pieces = stage.deposits.flatMap(({ envelopes }) => envelopes);
  assert.equal(stage.deposits.length, 2, "64 texts go in one deposit");
  assert.ok(pieces.length <= 8, `${pieces.length} pieces`);
  assert.ok(pieces.every(({ length }) => length === SEALED_LENGTHS[0]));
  stage.leaves(alice);
  await stage.comes(bob);
  stage.lasts(10_000);
  assert.deepEqual(bob.texts(alice), textsFrom(100));
  assert.equal(stage.deposits.filter(({ by }) => by === bob).length, 1, "one receipt for all");
});

Deno.test("[MAIL4] that a server has a text is durable", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  says(alice, bob, "once");
  stage.lasts(MAILBOX.patienceMs);
  stage.leaves(alice);
  await stage.comes(alice);
  assert.deepEqual(alice.deliveries(bob), ["sent"]);
  stage.deposits = [];
  stage.lasts(24 * 3_600_000);
  assert.deepEqual(stage.deposits, []);
});

Deno.test("[MAIL4] without a receipt it is left again before servers let go of it", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  says(alice, bob, "did you read this?");
  stage.lasts(MAILBOX.patienceMs);
  const sentAtMs = stage.nowMs;
  stage.leaves(alice);
  stage.nowMs = sentAtMs + MAILBOX.remailAfterMs - 60_000;
  await stage.comes(alice);
  stage.deposits = [];
  stage.lasts(59_999);
  assert.equal(stage.deposits.length, 0);
  stage.lasts(1);
  assert.equal(stage.deposits.length, 1);
  await stage.comes(bob);
  stage.lasts(10_000);
  assert.deepEqual(bob.texts(alice), ["did you read this?"]);
  assert.deepEqual(alice.deliveries(bob), ["delivered"]);
});

Deno.test("[MAIL4] [MSG4] over a link that comes, what was mailed is not sent again for the time of a receipt", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  says(alice, bob, "by mail");
  stage.lasts(MAILBOX.patienceMs);
  // Their server is out of reach, so the mail cannot be the way.
  stage.isServerUp = false;
  stage.disconnect(alice);
  await stage.comes(bob);
  for (let i = 0; i < 30 && bob.texts(alice).length === 0; i++) stage.lasts(1_000);
  const linkedAtMs = [...alice.state.network.links.values()][0]!.openedAtMs;
  assert.ok(stage.nowMs - linkedAtMs >= MESSAGE.resendAfterMs, `after ${stage.nowMs - linkedAtMs} ms`);
  assert.deepEqual([bob.texts(alice), alice.deliveries(bob)], [["by mail"], ["delivered"]]);
  stage.isServerUp = true;
  stage.reconnect(bob);
  stage.lasts(20_000);
  assert.deepEqual(bob.texts(alice), ["by mail"], "the mail brought it a second time");
  assert.deepEqual(stage.waitingFor(bob), []);
});

Deno.test("[MAIL3] [MAIL4] what a link does not confirm is left as mail, and is sent only then", async () => {
  const { stage, alice, bob } = town();
  // The link stands, and leads nowhere.
  stage.holding = true;
  says(alice, bob, "into the void");
  stage.lasts(MAILBOX.overdueMs - 1);
  assert.deepEqual([alice.deliveries(bob), stage.deposits.length], [["sending"], 0]);
  stage.lasts(1);
  assert.deepEqual([alice.deliveries(bob), stage.deposits.length], [["sent"], 1]);
  stage.leaves(alice);
  stage.leaves(bob);
  await stage.comes(bob);
  stage.lasts(5_000);
  assert.deepEqual(bob.texts(alice), ["into the void"]);
});

Deno.test("[MAIL5] [MAIL6] the same text in two deposits is shown once, and all mail is acknowledged", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  let losses = 1;
  stage.meddle = (_, { type }) => type === "DepositMail" && losses-- > 0 ? "answer lost" : null;
  says(alice, bob, "once");
  stage.lasts(MAILBOX.patienceMs);
  assert.deepEqual(alice.deliveries(bob), ["waiting"], "nobody knows whether it was kept");
  stage.lasts(60_000);
  assert.deepEqual([alice.deliveries(bob), stage.deposits.length], [["sent"], 2]);
  stage.leaves(alice);
  await stage.comes(bob);
  stage.lasts(10_000);
  assert.deepEqual(bob.texts(alice), ["once"]);
  assert.equal(bob.state.refusals["message.duplicate"], 1);
  assert.deepEqual(stage.waitingFor(bob), []);
});

Deno.test("[MBX6] [MAIL6] mail that comes a second time, acknowledgement and all, changes nothing and is acknowledged again", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  says(alice, bob, "once");
  stage.lasts(MAILBOX.patienceMs);
  stage.leaves(alice);
  const kept = [...stage.waitingFor(bob)];
  await stage.comes(bob);
  stage.lasts(10_000);
  const contact = contactOf(bob, alice);
  bob.effects.length = 0;
  bob.do({ type: "MailArrived", waiting: kept, more: false });
  assert.equal(contactOf(bob, alice), contact);
  assert.equal(bob.state.refusals["ratchet.replayed"], 1);
  assert.deepEqual(bob.of("AskMailbox").map(({ request }) => request.t), ["ack"]);
  assert.deepEqual(bob.of("DepositMail"), []);
});

Deno.test("[MAIL6] an acknowledgement follows the write that keeps what it acknowledges", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  for (const text of textsFrom(70)) says(alice, bob, text);
  stage.lasts(MAILBOX.patienceMs);
  stage.leaves(alice);
  await stage.comes(bob);
  stage.lasts(10_000);
  const isAck = (effect: (typeof bob.effects)[number]) => effect.type === "AskMailbox" && effect.request.t === "ack";
  const acks = bob.effects.flatMap((effect, place) => isAck(effect) ? [place] : []);
  assert.ok(acks.length > 0);
  const texts = bob.effects.map((effect) =>
    effect.type === "Persist" ? effect.writes.filter(({ key }) => key.startsWith("message/")).length : 0
  );
  const before = (place: number) => texts.slice(0, place).reduce((sum, count) => sum + count, 0);
  assert.equal(before(acks.at(-1)!), 70);
  for (const place of acks) {
    // One step: its write, and after it whatever it asks for.
    const persist = bob.effects.findLastIndex(({ type }, at) => type === "Persist" && at < place);
    const between = bob.effects.slice(persist + 1, place).map(({ type }) => type);
    assert.ok(persist >= 0 && texts[persist]! > 0, `after ${between}`);
  }
});

Deno.test("[MAIL5] what a quota refuses waits, and is tried again no earlier than is said, doubling to an hour", () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  const triedAtMs: number[] = [];
  let retryAfterS = 0;
  stage.meddle = (_, { type }) => {
    if (type !== "DepositMail") return null;
    triedAtMs.push(stage.nowMs);
    return { t: "refused", reason: "quota", retryAfterS };
  };
  says(alice, bob, "too much");
  stage.lasts(4 * 3_600_000);
  assert.deepEqual(alice.deliveries(bob), ["waiting"]);
  const waits = triedAtMs.slice(1).map((atMs, i) => (atMs - triedAtMs[i]!) / 60_000);
  assert.deepEqual(waits, [5, 10, 20, 40, 60, 60]);
  retryAfterS = 2 * 3_600;
  stage.lasts(3_600_000);
  const count = triedAtMs.length;
  stage.lasts(2 * 3_600_000 - 60 * 60_000);
  assert.equal(triedAtMs.length, count, "they said two hours");
  stage.meddle = () => null;
  stage.lasts(2 * 3_600_000);
  assert.deepEqual(alice.deliveries(bob), ["sent"]);
});

Deno.test("[MAIL3] [MAIL5] one deposit is under way at a time, and lost ones are made again after growing waits", () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  stage.isServerUp = false;
  says(alice, bob, "one");
  stage.lasts(MAILBOX.patienceMs);
  says(alice, bob, "two");
  assert.equal(alice.of("DepositMail").length, 1);
  stage.lasts(5 * 60_000);
  const tries = alice.of("DepositMail").length;
  assert.ok(tries >= 10 && tries <= 30, `${tries} tries in five minutes`);
  stage.isServerUp = true;
  stage.lasts(60_000);
  assert.deepEqual(alice.deliveries(bob), ["sent", "sent"]);
});

Deno.test("[MAIL3] a call is not left, and ignored in mail", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  alice.do({ type: "StartCall", contact: userOf(bob) });
  stage.lasts(60_000);
  assert.deepEqual(stage.deposits, []);
  await stage.comes(bob);
  assert.equal(bob.state.call.type, "idle");
});

Deno.test("[MAIL3] while our own server cannot be reached, mail waits for it without asking again and again", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  alice.do({ type: "RendezvousChanged", state: "offline" });
  says(alice, bob, "later");
  stage.lasts(3_600_000);
  assert.deepEqual(alice.of("DepositMail"), []);
  alice.do({ type: "RendezvousChanged", state: "online" });
  stage.lasts(MAILBOX.patienceMs);
  assert.deepEqual(alice.deliveries(bob), ["sent"]);
  await stage.comes(bob);
});
