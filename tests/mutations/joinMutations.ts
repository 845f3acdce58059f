/** Faults in the deals of a guild, and in how it is joined. */
import type { Mutation } from "./mutations.ts";

const dealing = "tests/unit/guild/join/deals.test.ts";

export const JOIN_MUTATIONS: readonly Mutation[] = [
  {
    fault: "anybody deals",
    file: "core/guild/join/deals.ts",
    find: "return then?.isOfMember(device) ?",
    put: "return then !== null ?",
    caughtBy: { file: dealing, test: "[JOIN2] a deal by who is no member, or was removed, is not taken" },
  },
  {
    fault: "who came after a deal and was removed keeps the secret",
    file: "core/guild/join/audience.ts",
    find: "const valid = admissions.filter((one) => this.isValid(one))",
    put: "const valid = admissions.filter((one) => this.isValid(one) && this.isKnown(one.place))",
    caughtBy: {
      file: dealing,
      test: "[JOIN4] who came after a deal was told it too: their removal ends it as well",
    },
  },
  {
    fault: "who was let in by what others took back meanwhile keeps the secret",
    file: "core/guild/join/plainlyVoid.ts",
    find: "if (givingTo(rulings, place).some(isVoidAndSeen)) return false;",
    put: "",
    caughtBy: {
      file: "tests/property/guildDeals.test.ts",
      test: "[JOIN4] an admission that is plainly void is void by each part of the ops that has it and what is known",
    },
  },
  {
    fault: "a deal is told to who was removed",
    file: "core/guild/join/dealing.ts",
    find: "if (!isOfMember(state, device)) return [];",
    put: "",
    caughtBy: { file: dealing, test: "[JOIN3] a deal is told to devices of members only, and to who lacks it" },
  },
  {
    fault: "a door rests on one of its two exchanges",
    file: "core/guild/join/doorway.ts",
    find: "return hkdfSha256(secrets, NO_SALT, info, 32);",
    put: "return hkdfSha256(secrets.subarray(0, 32), NO_SALT, info, 32);",
    caughtBy: {
      file: "tests/unit/guild/join/doorway.test.ts",
      test: "[JOIN9] half of what a link is made of opens no door: both exchanges count",
    },
  },
  {
    fault: "a checkpoint is believed",
    file: "core/guild/join/checkpoint.ts",
    find: "sameBytes(encoded.value, snapshot)",
    put: "snapshot.length > 0",
    caughtBy: {
      file: "tests/unit/guild/join/checkpoint.test.ts",
      test: "[JOIN15] a checkpoint that says what the ops do not is wrong, however well it is signed",
    },
  },
];
