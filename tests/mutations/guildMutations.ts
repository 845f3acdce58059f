/** Faults in the log and the government of guilds. */
import type { Mutation } from "./mutations.ts";

const resolving = "tests/unit/guild/resolve.test.ts";

export const GUILD_MUTATIONS: readonly Mutation[] = [
  {
    fault: "ops count that nobody signed",
    file: "core/log/signedOp.ts",
    find: "if (!verifyOften(fromHex(op.device), decoded.signature, LABELS.opSignature, decoded.signed)) {",
    put: "if (decoded.signature.length === 0) {",
    caughtBy: {
      file: "tests/unit/log/signedOp.test.ts",
      test: "[LOG5] a signature by another key, or for another guild, is refused",
    },
  },
  {
    fault: "a removal does not reach what is done meanwhile",
    file: "core/guild/rulings.ts",
    find: "other !== place && !isSeen(other) && !isPast(place, other) && counts(other);",
    put: "false;",
    caughtBy: {
      file: resolving,
      test: "[GLD9] a removal beats what the removed does meanwhile, and what they do after on old heads",
    },
  },
  {
    fault: "anybody can give what they do not have",
    file: "core/guild/authorise.ts",
    find: "isWithin(capabilities, this.standing.holding) ? null",
    put: "true ? null",
    caughtBy: {
      file: resolving,
      test: "[GLD7] nobody gives what they do not have, nor a rank that is not below theirs",
    },
  },
  {
    fault: "seniority is the wrong way round",
    file: "core/guild/authorise.ts",
    find: "return rank > this.view.level ? null",
    put: "return rank < this.view.level ? null",
    caughtBy: { file: resolving, test: "[GLD6] nobody acts on an equal or a senior" },
  },
  {
    fault: "roles rise, and bring back those who lost them",
    file: "core/guild/standing.ts",
    find: "Math.max(...definitions.map",
    put: "Math.min(...definitions.map",
    caughtBy: { file: resolving, test: "[GLD7] a role only sinks, so nobody who lost it comes back to power by it" },
  },
  {
    fault: "the old founder rules on old heads",
    file: "core/guild/standing.ts",
    find: "!(view.isSeen(to) || view.isMeanwhile(to))",
    put: "!view.isSeen(to)",
    caughtBy: {
      file: "tests/unit/guild/comings.test.ts",
      test: "[GLD14] after a transfer the old founder has no power, not even on old heads",
    },
  },
  {
    fault: "a denial in a channel is overheard",
    file: "core/access/permission.ts",
    find: "if (level.some((one) => one?.deny.has(action))) isAllowed = false;\n    else if",
    put: "if",
    caughtBy: {
      file: "tests/unit/access/access.test.ts",
      test: "[ACC5] roles, then everybody's override, then those of roles, then the member's: the last word counts",
    },
  },
  {
    fault: "a ruling stays although what came later was made meanwhile",
    file: "core/guild/resolver.ts",
    find: "levelOf(rulings, levels, other) !== rulings.levels[other]",
    put: "false",
    caughtBy: { file: "tests/unit/guild/resolver.test.ts", test: "[GLD9] what a void op gave falls with it" },
  },
];
