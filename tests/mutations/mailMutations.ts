/** Faults of a node's mail, each with the test that must notice it. */
import type { Mutation } from "./mutations.ts";

const tests = "tests/unit/node";

export const MAIL_MUTATIONS: readonly Mutation[] = [
  {
    fault: "mail is acknowledged before it is kept",
    file: "core/node/step.ts",
    find: 'writes.length === 0 ? effects : [{ type: "Persist", writes }, ...effects]',
    put: 'writes.length === 0 ? effects : [...effects, { type: "Persist", writes }]',
    caughtBy: {
      file: `${tests}/mailTexts.test.ts`,
      test: "[MAIL6] an acknowledgement follows the write that keeps what it acknowledges",
    },
  },
  {
    fault: "the key of a revoked invite stays good",
    file: "core/node/inviting.ts",
    find: "revokeKey(turn, invite.mail?.depositor);",
    put: "",
    caughtBy: {
      file: `${tests}/mailbox.test.ts`,
      test: "[MAIL1] the key of a revoked invite is revoked, and so is one that the server could not be told of",
    },
  },
  {
    fault: "the key of the invite by which a removed contact came stays good",
    file: "core/node/person.ts",
    find: "revokeKey(turn, invite.mail?.depositor);",
    put: "",
    caughtBy: {
      file: `${tests}/mailbox.test.ts`,
      test: "[MAIL1] the key of a removed contact, and of the invite it came by, is revoked",
    },
  },
  {
    fault: "what has to be left again is written down nowhere",
    file: "core/node/outbox.ts",
    find: "({ ...withMailed(turn, contact, item, null), sent: null })",
    put: "({ ...item, mailedAtMs: null, sent: null })",
    caughtBy: {
      file: `${tests}/mailRenewing.test.ts`,
      test: "[MAIL9] that all has to be left again is durable, whatever comes between",
    },
  },
  {
    fault: "a deposit that nobody can open counts as taken",
    file: "core/node/outbox.ts",
    find: "discountDeposits(turn, contact.id);",
    put: "",
    caughtBy: {
      file: `${tests}/mailRenewing.test.ts`,
      test: "[MAIL9] what was on its way in a session that is lost does not count as sent",
    },
  },
  {
    fault: "texts that came by mail get no receipt",
    file: "core/node/delivery.ts",
    find: "{ owesReceipt: true }",
    put: "{ owesReceipt: false }",
    caughtBy: {
      file: `${tests}/mailTexts.test.ts`,
      test: "[MAIL3] [MAIL4] [MAIL7] a text for who is away waits, is sent as mail, read in the morning, and delivered",
    },
  },
  {
    fault: "uploaded bundles share one-time prekeys",
    file: "core/node/mailbox.ts",
    find: "prekeys = taken.prekeys;",
    put: "",
    caughtBy: {
      file: `${tests}/mailbox.test.ts`,
      test: "[MAIL10] uploads whose answers are lost are made anew, with other one-time prekeys",
    },
  },
  {
    fault: "a contact chooses the server that we call on",
    file: "core/node/mailPlan.ts",
    find: "theirs?.server === mail.offered ? theirs : null",
    put: "theirs",
    caughtBy: {
      file: `${tests}/mailHostile.test.ts`,
      test: "[MAIL3] no contact and no link can make us call on a server of their choice",
    },
  },
  {
    fault: "whoever holds an open invite can have sessions begun in the name of a contact",
    file: "core/node/receiving.ts",
    find: "link === null && invite !== null && !isUsedBy(",
    put: "false && link === null && invite !== null && !isUsedBy(",
    caughtBy: {
      file: `${tests}/mailHostile.test.ts`,
      test: "[MBX6] whoever holds an open invite can set nothing going in the name of a contact",
    },
  },
  {
    fault: "a refusal of the past keeps the clock ticking",
    file: "core/node/mailbox.ts",
    find: "if (standing.length < refusals.size) turn.setMail({ refusals: new Map(standing) });",
    put: 'if (standing.length < refusals.size) turn.setMail({ refusals: without(refusals, "open") });',
    caughtBy: {
      file: `${tests}/mailbox.test.ts`,
      test: "[MBX12] whatever our server refuses, once or for ever, it is not asked without end",
    },
  },
  {
    fault: "what a server keeps for the contact is sent over the link as well, at once",
    file: "core/node/delivery.ts",
    find: "(isFetched(item) || ",
    put: "(",
    caughtBy: {
      file: `${tests}/mailTexts.test.ts`,
      test: "[MAIL4] [MSG4] over a link that comes, what was mailed is not sent again for the time of a receipt",
    },
  },
  {
    fault: "one step leaves mail for everybody",
    file: "core/node/step.ts",
    find: "left < MAILBOX.leaveStepCount && ",
    put: "",
    caughtBy: {
      file: `${tests}/mailMany.test.ts`,
      test: "[MAIL3] a step leaves a few contacts their mail, and ticks at once follow until all have it",
    },
  },
];
