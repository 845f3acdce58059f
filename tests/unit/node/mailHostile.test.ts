import assert from "node:assert/strict";
import { CONTACT, MAILBOX } from "../../../core/limits.ts";
import { sealMail } from "../../../core/mailbox/mail.ts";
import { addressOf, spaceKeys } from "../../../core/mailbox/space.ts";
import { inviteAddress } from "../../../core/node/mailKeys.ts";
import { seal } from "../../../core/session/session.ts";
import { contentCodec } from "../../../core/wire/content.ts";
import { decodeInviteToken, encodeInviteToken } from "../../../core/wire/inviteToken.ts";
import { encodeMailAddress, type MailAddress } from "../../../core/wire/mailAddress.ts";
import type { Mail } from "../../../core/wire/sealedMail.ts";
import { ORIGIN } from "../../sim/postOffice.ts";
import { envOf, must } from "../../support/world.ts";
import { contactOf, MailStage, says, userOf } from "./mailStage.ts";
import type { Actor } from "./stage.ts";

const env = envOf(60);

/** Alice is there, Bob is not. */
function town() {
  const stage = new MailStage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.friends(alice, bob);
  stage.leaves(bob);
  alice.effects.length = 0;
  return { stage, alice, bob };
}

/** A piece of mail of `by`, whatever it says. */
function mailOf(by: Actor, envelopes: readonly Uint8Array[], address: MailAddress, change: Partial<Mail> = {}) {
  const { user, id } = by.state.self!.identity.device;
  return must(sealMail(address, { kind: "pairwise", user, device: id, envelopes, ...change }, env));
}

/** What `by` would seal for `to` next. */
const envelopeOf = (by: Actor, to: Actor, content: Uint8Array) =>
  seal(contactOf(by, to).sessions[0]!, content, env).envelope;

const text = contentCodec.encode({
  t: "text",
  id: "0b".repeat(16) as never,
  seq: 1,
  lamport: 1,
  sentAtMs: env.nowMs,
  text: "hello",
});

const addressAt = (server: string): MailAddress => addressOf(spaceKeys(env.rng.bytes(32)), server, env.rng.bytes(32));

Deno.test("[MBX6] [MAIL6] mail that is not what it should be is refused by name, acknowledged, and changes nothing", () => {
  const { stage, alice, bob } = town();
  const address = contactOf(bob, alice).mail.theirs!;
  const good = () => mailOf(bob, [envelopeOf(bob, alice, text)], address);
  const carol = stage.actor("Carol");
  stage.leaves(carol);
  const junk: readonly [string, Uint8Array][] = [
    ["crypto.not-authentic", good().with(-1, good().at(-1)! ^ 1)],
    ["wire.unknown-version", good().with(0, 9)],
    ["crypto.not-authentic", mailOf(bob, [text], { ...address, secret: new Uint8Array(32) })],
    ["mail.wrong-sender", mailOf(carol, [text], address)],
    ["group.unknown-chain", mailOf(bob, [text], address, { kind: "group" })],
    ["wire.unknown-version", mailOf(bob, [new Uint8Array(40)], address)],
    [
      "identity.wrong-device",
      mailOf(bob, [envelopeOf(bob, alice, text)], address, { device: "0c".repeat(32) as never }),
    ],
  ];
  const { contacts, invites, self } = alice.state;
  const { depositor } = contactOf(alice, bob).mail.ours!;
  for (const [reason, envelope] of junk) {
    const { refusal, effects } = alice.do({
      type: "MailArrived",
      waiting: [{ serial: 9, depositor, envelope }],
      more: false,
    });
    assert.equal(refusal, reason);
    assert.deepEqual(effects.map((effect) => effect.type === "AskMailbox" ? effect.request.t : effect.type), ["ack"]);
    assert.ok(
      alice.state.contacts === contacts && alice.state.invites === invites && alice.state.self === self,
      reason,
    );
  }
  const unknown = alice.do({
    type: "MailArrived",
    waiting: [{ serial: 9, depositor: "0d".repeat(32) as typeof depositor, envelope: good() }],
    more: false,
  });
  assert.equal(unknown.refusal, "mail.unknown-depositor");
  assert.equal(alice.state.contacts, contacts);
});

Deno.test("[MBX6] whoever holds an open invite can set nothing going in the name of a contact", () => {
  const { stage, alice, bob } = town();
  const token = must(decodeInviteToken(alice.token()));
  const address = inviteAddress(token)!;
  const { contacts } = alice.state;
  const envelope = envelopeOf(bob, alice, text);
  // One of an unknown session, and one of theirs that does not open.
  const forged = [envelope.with(2, envelope[2]! ^ 1), envelope.with(-1, envelope.at(-1)! ^ 1)];
  for (const one of forged) {
    assert.notEqual(one, envelope);
    stage.visit(address, "/securecomm/mailbox/1", { t: "deposit", envelopes: [mailOf(bob, [one], address)] });
  }
  assert.deepEqual(stage.waitingFor(alice), []);
  assert.equal(alice.state.contacts, contacts, "no notice, no new session");
  stage.lasts(60_000);
  assert.deepEqual(alice.of("TakeBundle"), []);
});

Deno.test("[MAIL6] after an envelope that is not authentic the rest of its piece is not tried", () => {
  const { stage, alice, bob } = town();
  const address = contactOf(bob, alice).mail.theirs!;
  const good = envelopeOf(bob, alice, text);
  const bad = good.with(-1, good.at(-1)! ^ 1);
  stage.visit(address, "/securecomm/mailbox/1", {
    t: "deposit",
    envelopes: [mailOf(bob, [bad, bad, bad, good], address), mailOf(bob, [good], address)],
  });
  assert.equal(alice.state.refusals["ratchet.not-authentic"], 1);
  assert.deepEqual(alice.texts(bob), ["hello"], "another piece is");
});

Deno.test("[MAIL8] [MBX6] the key of an invite is not revoked for mail that no session has opened", () => {
  const { stage, alice, bob } = town();
  const address = contactOf(bob, alice).mail.theirs!;
  const [invite] = alice.state.invites.values();
  stage.visit(address, "/securecomm/mailbox/1", { t: "deposit", envelopes: [mailOf(bob, [text], address)] });
  assert.equal([...alice.state.invites.values()][0], invite);
  assert.ok(stage.spaceOf(alice).grants.has(invite!.mail!.depositor));
});

Deno.test("[MAIL3] no contact and no link can make us call on a server of their choice", () => {
  const { stage, alice, bob } = town();
  const evil = [
    "https://evil.example",
    `${ORIGIN}.evil.example`,
    `${ORIGIN}:444`,
    `${ORIGIN}/`,
    "http://127.0.0.1:22",
    "",
  ];
  for (const server of evil) {
    const content = contentCodec.encode({ t: "address", address: encodeMailAddress(addressAt(server)) });
    const address = contactOf(bob, alice).mail.theirs!;
    const session = seal(contactOf(bob, alice).sessions[0]!, content, env);
    bob.state = {
      ...bob.state,
      contacts: new Map(bob.state.contacts).set(userOf(alice), {
        ...contactOf(bob, alice),
        sessions: [session.session],
      }),
    };
    const envelopes = [mailOf(bob, [session.envelope], address)];
    stage.visit(address, "/securecomm/mailbox/1", { t: "deposit", envelopes });
    assert.equal(contactOf(alice, bob).mail.theirs!.server, server);
    says(alice, bob, "hello");
    stage.lasts(3_600_000);
    assert.deepEqual(alice.of("DepositMail"), [], server);
    assert.deepEqual(alice.deliveries(bob), new Array(alice.deliveries(bob).length).fill("waiting"));
  }
  const carol = stage.actor("Carol");
  const token = must(decodeInviteToken(carol.token()));
  const bent = encodeInviteToken({ ...token, mail: { ...token.mail!, server: "https://evil.example" } });
  alice.do({ type: "AcceptInvite", token: bent });
  stage.lasts(3_600_000);
  assert.deepEqual(alice.of("TakeBundle"), []);
});

Deno.test("[MAIL3] an address that changes while a bundle is being taken is not called on either", () => {
  const stage = new MailStage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  const token = alice.token();
  stage.leaves(alice);
  let taken: Parameters<Actor["do"]>[0] | null = null;
  const hear = stage.hear.bind(stage);
  stage.hear = (actor, event) => {
    if (event?.type === "BundleTaken") taken = event;
    else hear(actor, event);
  };
  bob.do({ type: "AcceptInvite", token });
  stage.lasts(30_000);
  assert.ok(taken !== null);
  const contact = contactOf(bob, alice);
  const theirs = { ...contact.mail.theirs!, server: "https://evil.example" };
  bob.state = {
    ...bob.state,
    contacts: new Map(bob.state.contacts).set(contact.id, { ...contact, mail: { ...contact.mail, theirs } }),
  };
  bob.do(taken);
  stage.lasts(60_000);
  assert.deepEqual(bob.of("DepositMail"), []);
});

Deno.test("[MAIL2] an address with a key of low order serves nobody, and what is to be said waits for another", async () => {
  const { stage, alice, bob } = town();
  const contact = contactOf(alice, bob);
  const theirs = { ...contact.mail.theirs!, sealing: new Uint8Array(32) };
  alice.state = {
    ...alice.state,
    contacts: new Map(alice.state.contacts).set(contact.id, { ...contact, mail: { ...contact.mail, theirs } }),
  };
  says(alice, bob, "hello");
  stage.lasts(60_000);
  assert.equal(contactOf(alice, bob).mail.theirs, null);
  assert.equal(alice.state.refusals["crypto.bad-key"], 1);
  assert.deepEqual([alice.of("DepositMail"), alice.deliveries(bob)], [[], ["waiting"]]);
  await stage.comes(bob);
  stage.lasts(10_000);
  assert.deepEqual(bob.texts(alice), ["hello"]);
  assert.notEqual(contactOf(alice, bob).mail.theirs, null);
});

Deno.test("[MAIL9] a contact that cannot be understood is answered with one new session in ten seconds", () => {
  const { stage, alice, bob } = town();
  const address = contactOf(bob, alice).mail.theirs!;
  const envelope = envelopeOf(bob, alice, text);
  for (let i = 0; i < 20; i++) {
    const unknown = envelope.with(2, (envelope[2]! + 1 + i) & 0xff);
    stage.visit(address, "/securecomm/mailbox/1", { t: "deposit", envelopes: [mailOf(bob, [unknown], address)] });
  }
  stage.lasts(CONTACT.renewEveryMs - 1);
  assert.equal(alice.of("TakeBundle").length, 1);
  assert.deepEqual(stage.waitingFor(alice), []);
});

Deno.test("[MBX4] a bundle that is forged, stale or another's begins no session, and is asked for again later", () => {
  const { stage, alice, bob } = town();
  const { sessions } = contactOf(alice, bob);
  alice.state = {
    ...alice.state,
    contacts: new Map(alice.state.contacts).set(userOf(bob), { ...contactOf(alice, bob), sessions: [] }),
  };
  const hear = stage.hear.bind(stage);
  let forged = 0;
  stage.hear = (actor, event) => {
    if (event?.type !== "BundleTaken" || event.outcome.t !== "bundle") return hear(actor, event);
    forged++;
    const { sealed } = event.outcome;
    hear(actor, { ...event, outcome: { t: "bundle", sealed: sealed.with(100, sealed[100]! ^ 1) } });
  };
  says(alice, bob, "hello");
  stage.lasts(4 * 60_000);
  assert.deepEqual([forged, contactOf(alice, bob).sessions, alice.of("DepositMail")], [1, [], []]);
  stage.lasts(60_000 + MAILBOX.patienceMs);
  assert.equal(forged, 2, "after five minutes");
  assert.equal(sessions.length, 1);
});

Deno.test("[MAIL6] answers to what nobody asked, and serials without measure, do no harm", () => {
  const { stage, alice, bob } = town();
  const { contacts, space } = alice.state;
  const waiting = [{
    serial: Number.MAX_SAFE_INTEGER,
    depositor: "0d".repeat(32) as never,
    envelope: new Uint8Array(6193),
  }];
  const ask = 999_999;
  for (const t of ["done", "lost"] as const) {
    alice.do({ type: "MailboxAnswered", ask, outcome: { t } });
    alice.do({ type: "DepositAnswered", ask, outcome: { t } });
  }
  alice.do({ type: "BundleTaken", ask, outcome: { t: "bundle", sealed: new Uint8Array(2353) } });
  alice.do({ type: "MailArrived", waiting, more: true });
  alice.do({ type: "MailArrived", waiting: [], more: false });
  alice.do({ type: "StockLow", left: Number.MAX_SAFE_INTEGER });
  assert.deepEqual([alice.state.contacts, alice.state.space], [contacts, space]);
  stage.disconnect(alice);
  stage.reconnect(alice);
  says(alice, bob, "hello");
  stage.lasts(MAILBOX.patienceMs);
  assert.deepEqual(alice.deliveries(bob), ["sent"]);
});
