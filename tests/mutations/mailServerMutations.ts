/** Faults of the server that keeps mail, each with the test that must notice it. */
import type { Mutation } from "./mutations.ts";

const tests = "tests/rendezvous";

export const MAIL_SERVER_MUTATIONS: readonly Mutation[] = [
  {
    fault: "every stream to a space gets the same challenge",
    file: "rendezvous/spaces/handler.ts",
    find: "new Uint8Array(randomBytes(CHALLENGE_BYTES))",
    put: "new Uint8Array(CHALLENGE_BYTES)",
    caughtBy: {
      file: `${tests}/spaceEntry.test.ts`,
      test: "[MBX8] the bytes of a good entry are good on its own stream only",
    },
  },
  {
    fault: "any join code will do",
    file: "rendezvous/spaces/making.ts",
    find: "timingSafeEqual(digest(code), expected)",
    put: "timingSafeEqual(expected, expected)",
    caughtBy: {
      file: `${tests}/spaceMaking.test.ts`,
      test: "[MBX14] an operator's join code is asked of whoever makes a space, and of nobody who has one",
    },
  },
  {
    fault: "requests of a stream that is half closed are dropped",
    file: "rendezvous/spaces/handler.ts",
    find: "  await stream.settled();\n  await stream.end();",
    put: "  await stream.end();",
    caughtBy: {
      file: `${tests}/spaces.test.ts`,
      test: "[MBX13] a client that half closes its stream still hears its answers",
    },
  },
  {
    fault: "mail of any length is kept",
    file: "rendezvous/mailbox/depositor.ts",
    find: "!envelopes.every((envelope) => decodeSealedMail(envelope).ok)",
    put: "!envelopes.every((envelope) => decodeSealedMail(envelope).ok || true)",
    caughtBy: {
      file: `${tests}/mailbox.test.ts`,
      test: "[MBX5] only mail of the padded lengths is taken, and a full frame of it is",
    },
  },
  {
    fault: "mail is acknowledged before it is kept",
    file: "rendezvous/mailbox/depositor.ts",
    find: "    this.#answer(number, envelopes.length, await",
    put: '    this.#stream.say({ t: "done", number });\n    this.#answer(number, envelopes.length, await',
    caughtBy: {
      file: `${tests}/mailbox.test.ts`,
      test: "[MBX9] a deposit is acknowledged, and sent on, when it is kept and not before",
    },
  },
  {
    fault: "mail that comes while the last page is read is forgotten",
    file: "rendezvous/mailbox/delivery.ts",
    find: 'this.#state === "paging" || mail.serial',
    put: 'this.#state !== "live" || mail.serial',
    caughtBy: {
      file: "tests/unit/rendezvous/delivery.test.ts",
      test: "[MBX15] however keeping, reading and sending fall together, mail comes once and in order",
    },
  },
  {
    fault: "mail that is in a page is sent again after it",
    file: "rendezvous/mailbox/delivery.ts",
    find: "this.#pending.filter(({ serial }) => serial > this.#cursor)",
    put: "this.#pending",
    caughtBy: {
      file: "tests/unit/rendezvous/delivery.test.ts",
      test: "[MBX15] however keeping, reading and sending fall together, mail comes once and in order",
    },
  },
  {
    fault: "strangers use up what others may take of a space",
    file: "rendezvous/prekeys/taker.ts",
    find: "spaceBundles.give(this.#space);",
    put: "",
    caughtBy: {
      file: `${tests}/prekeys.test.ts`,
      test: "[MBX16] of one space so many bundles are taken, and what strangers ask in vain does not count",
    },
  },
];
