/** Faults in the log and the government of guilds. */
import type { Mutation } from "./mutations.ts";

const resolving = "tests/unit/guild/resolve.test.ts";
const judging = "tests/unit/guild/content.test.ts";
const granting = "tests/unit/guild/keys/granting.test.ts";
const vouching = "tests/unit/guild/vouching.test.ts";
const profiling = "tests/unit/guild/profiles/profiles.test.ts";

const reviewed = "tests/unit/guild/live/reviewed.test.ts";
const piecewise = "tests/property/guildJudging.test.ts";
const piecewiseTest =
  "[CNT7] [CNT8] [CNT9] [GKEY3] a chain judged as it comes shows what the whole shows, and is offered so";

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
    fault: "a forged copy of an op that waits keeps the good one out",
    file: "core/log/log.ts",
    find: "({ bytes }: DecodedOp): string => toHex(sha256(bytes));",
    put: "({ id, bytes }: DecodedOp): string => bytes.length === 0 ? toHex(sha256(bytes)) : id;",
    caughtBy: {
      file: "tests/unit/log/sync.test.ts",
      test: "[LOG7] a badly signed copy of an op that waits does not keep the good one out",
    },
  },
  {
    fault: "what a peer has is sent to it again",
    file: "core/log/walk.ts",
    find: "for (const id of have) mark(id, true);",
    put: "for (const id of have) mark(id, false);",
    caughtBy: {
      file: "tests/unit/log/sync.test.ts",
      test: "[SYNC3] who knows all that the other has sends just the rest, each op after what it follows",
    },
  },
  {
    fault: "ops are taken that nobody asked for",
    file: "core/log/sync.ts",
    find: "if (!isDue || frame.number !== state.number)",
    put: "if (!isDue)",
    caughtBy: {
      file: "tests/unit/log/sync.test.ts",
      test: "[SYNC6] ops that nobody asked for, that do not connect, or that are badly signed do not come in",
    },
  },
  {
    fault: "content is taken without its permission",
    file: "core/guild/content.ts",
    find: "sight.may(author, needs, content.channel) ? null",
    put: "needs.length > 0 ? null",
    caughtBy: { file: judging, test: "[CNT3] each claim needs its permission, and what is not said needs none" },
  },
  {
    fault: "content is not judged at the heads that it names",
    file: "core/guild/content.ts",
    find: "if (fault !== null) return fault;",
    put: "",
    caughtBy: {
      file: judging,
      test: "[CNT5] at the heads that content names, its author must be a member with the right, on a good device",
    },
  },
  {
    fault: "a removal's numbers are ignored",
    file: "core/guild/content.ts",
    find: " || list.some((last) => seq > last.seq)",
    put: "",
    caughtBy: {
      file: judging,
      test: "[CNT8] of somebody removed what the removal lists stays, and nothing else, whatever the heads",
    },
  },
  {
    fault: "an accomplice's removal vouches for what the other does not list",
    file: "core/guild/content.ts",
    find: "if (lists.some((list)",
    put: "if (lists.every((list)",
    caughtBy: { file: judging, test: "[CNT8] of several removals each must list it, so that no accomplice lists more" },
  },
  {
    fault: "a removal vouches for numbers, whatever stands under them",
    file: "core/guild/content.ts",
    find: 'if (reached.includes(false)) return "against";',
    put: "",
    caughtBy: {
      file: vouching,
      test: "[CNT8] another chain up to the listed number gains nothing, whoever has what of the true one",
    },
  },
  {
    fault: "a chain made up by somebody removed is shown where the true one is not here",
    file: "core/guild/content.ts",
    find: 'reached.includes(null) ? "untold" : "for"',
    put: '"for"',
    caughtBy: {
      file: vouching,
      test: "[CNT8] another chain up to the listed number gains nothing, whoever has what of the true one",
    },
  },
  {
    fault: "whoever is gone keeps out what a removal lists",
    file: "core/guild/contentChain.ts",
    find: " && !isVouched(here, lists, { seq, id })",
    put: "",
    caughtBy: {
      file: vouching,
      test: "[CNT8] [CNT10] two under one number do not keep out what a removal lists, nor what its links lead to",
    },
  },
  {
    fault: "an accomplice's removal gives back what was lost meanwhile",
    file: "core/guild/content.ts",
    find: "whole.sightWithout(removals.map(({ place }) => place))",
    put: "whole.sightAt(content.heads)!",
    caughtBy: {
      file: judging,
      test: "[CNT9] an accomplice's removal on old heads gives back nothing that was lost meanwhile",
    },
  },
  {
    fault: "ops that are void give a right to speak",
    file: "core/guild/rulings.ts",
    find: "levels[place]! !== VOID && levels[place]! <= level && isSeen(place)",
    put: "levels[place]! <= level && isSeen(place)",
    caughtBy: {
      file: judging,
      test: "[CNT6] ops that are void give no right, though nobody could tell at the heads",
    },
  },
  {
    fault: "a lost permission is got back on old heads",
    file: "core/guild/content.ts",
    find: "faultIn(now, content, author) === null",
    put: "fault === null",
    caughtBy: {
      file: judging,
      test: "[CNT9] under heads from before a loss, content is unconfirmed where it was not known before",
    },
  },
  {
    fault: "a chain may forget what it had seen",
    file: "core/guild/content.ts",
    find: "if (!floor.every(",
    put: "if (![].every(",
    caughtBy: { file: judging, test: "[CNT7] the heads of a chain never go back" },
  },
  {
    fault: "members put words in each other's mouths",
    file: "core/guild/contentChain.ts",
    find: 'if (decoded.value.device !== device) return refuse("group.wrong-sender");',
    put: "",
    caughtBy: {
      file: "tests/unit/guild/contentChain.test.ts",
      test: "[CNT1] content is of the device and the channel that its envelope is of",
    },
  },
  {
    fault: "a ruling stays although what came later was made meanwhile",
    file: "core/guild/resolver.ts",
    find: "levelOf(rulings, levels, other) !== rulings.levels[other]",
    put: "false",
    caughtBy: { file: "tests/unit/guild/resolver.test.ts", test: "[GLD9] what a void op gave falls with it" },
  },
  {
    fault: "the same content is asked of several peers at once",
    file: "core/guild/contentSync/offered.ts",
    find: "const free = minus(ranges, away.ranges.get(device) ?? []);",
    put: "const free = ranges;",
    caughtBy: {
      file: "tests/unit/guild/contentSync/contentSync.test.ts",
      test: "[CSYNC4] of two who have it each gives a part, and nothing comes twice",
    },
  },
  {
    fault: "a peer that promises what it does not have is asked for ever",
    file: "core/guild/contentSync/asking.ts",
    find: "? withoutChains(before.offered, asked)",
    put: "? before.offered",
    caughtBy: {
      file: "tests/unit/guild/contentSync/hostile.test.ts",
      test: "[CSYNC5] who offers what is nowhere is asked once for each time that it says so",
    },
  },
  {
    fault: "content comes in that nobody asked for",
    file: "core/guild/contentSync/asking.ts",
    find: "return isAsked && count <= CONTENT.maxForks;",
    put: "return true;",
    caughtBy: {
      file: "tests/unit/guild/contentSync/hostile.test.ts",
      test: "[CSYNC6] what nobody asked for is not taken, and an answer that does not open brings nothing",
    },
  },
  {
    fault: "content is given to who may not read it any more",
    file: "core/guild/contentSync/answering.ts",
    find: "index.channels(peer).includes(channel) ? read : []",
    put: "read",
    caughtBy: {
      file: "tests/unit/guild/contentSync/hostile.test.ts",
      test: "[CSYNC9] whose right to read ends while the store is read is given nothing",
    },
  },
  {
    fault: "members set each other's profiles",
    file: "core/guild/profiles/profiles.ts",
    find: "!state.members.get(user)?.devices.has(device)",
    put: "!state.members.has(user)",
    caughtBy: {
      file: profiling,
      test: "[PROF1] a profile is its own person's, by a device of theirs that the guild knows",
    },
  },
  {
    fault: "profiles count that nobody signed",
    file: "core/guild/profiles/profiles.ts",
    find: "if (!verifyOften(fromHex(device), signature, LABELS.guildProfile, signed))",
    put: "if (signature.length === 0)",
    caughtBy: {
      file: profiling,
      test: "[PROF1] a profile that somebody else signed, or that was signed as something else, is refused",
    },
  },
  {
    fault: "an old profile comes back",
    file: "core/guild/profiles/profiles.ts",
    find: 'if (!isNewer({ number, digest }, known)) return refuse("profile.stale");',
    put: "",
    caughtBy: {
      file: profiling,
      test: "[PROF2] of several the greatest number holds, then the smaller digest; an old one does not come back",
    },
  },
  {
    fault: "who does not know what the author knew gives the key all the same",
    file: "core/guild/keys/granting.ts",
    find: " || !hindsight.knows(heads)",
    put: "",
    caughtBy: {
      file: granting,
      test: "[GKEY3] what names heads that the giver does not have is not given, though the other is a reader",
    },
  },
  {
    fault: "the removed are given what was written before",
    file: "core/guild/keys/granting.ts",
    find: "!isReader(hindsight.state, channel, device) || ",
    put: "",
    caughtBy: {
      file: granting,
      test: "[GKEY3] what was written by who knew of a removal is given to the removed by nobody",
    },
  },
  {
    fault: "a newcomer reads what was written before, whatever the channel says",
    file: "core/guild/keys/granting.ts",
    find: "return hindsight.wasReader(heads, device, channel) === true;",
    put: "return true;",
    caughtBy: {
      file: granting,
      test: "[GKEY4] a newcomer gets what was written before where the channel says so, and what comes in any case",
    },
  },
  {
    fault: "a chain opens by kept keys though its device did not sign for it",
    file: "core/group/kept.ts",
    find: "isOwnedBy(claim.device, claim, claim.ownership) ? ok",
    put: "claim.ownership.length > 0 ? ok",
    caughtBy: {
      file: "tests/unit/group/kept.test.ts",
      test: "[SK15] a chain is taken as that of the device that signed for it, in the channel that it signed for",
    },
  },
  {
    fault: "keys are taken that nobody asked for",
    file: "core/guild/keys/asking.ts",
    find: 'if (phase.t !== "asking" || frame.number !== phase.number)',
    put: 'if (phase.t !== "asking")',
    caughtBy: {
      file: "tests/unit/guild/keys/asking.test.ts",
      test: "[GKEY8] only the answer that is due is read, and of it only what was asked for",
    },
  },
  {
    fault: "a liar is asked for the same keys without end",
    file: "core/guild/keys/asking.ts",
    find: "const declined = declinedWith(next, peer, lies);",
    put: "const declined = peer.declined;",
    caughtBy: {
      file: "tests/unit/guild/keys/asking.test.ts",
      test: "[GKEY8] keys that open nothing are counted, and not taken of that peer again",
    },
  },
  {
    fault: "profiles come in that nobody asked for",
    file: "core/guild/profiles/asking.ts",
    find: "if (frame.number === sync.number) {",
    put: "if (frame.number > 0) {",
    caughtBy: {
      file: "tests/unit/guild/profiles/sync.test.ts",
      test: "[PROF7] only what is asked for is taken, and what brings nothing pauses",
    },
  },
  {
    fault: "a chain is handed to who is not among its holders, and goes on when they are removed",
    file: "core/group/sender.ts",
    find: "const isIn = state.holders.has(device) && entitled.has(device) &&",
    put: "const isIn = entitled.has(device) &&",
    caughtBy: {
      file: "tests/unit/group/sender.test.ts",
      test: "[SK3] who lost a chain is handed it again, and only who is among its holders",
    },
  },
  {
    fault: "whoever knows of a removal goes on with the chain that the removed has",
    file: "core/group/sender.ts",
    find: "return !compareHolders(state.holders, entitled).hasSurplus;",
    put: "return true;",
    caughtBy: {
      file: "tests/sim/guild/guild.test.ts",
      test: "[GKEY3] the removed open nothing by who knew, whatever ciphertext they see, seed 11",
    },
  },
  {
    fault: "a member floods the log",
    file: "core/guild/live/room.ts",
    find: "return this.count(one.author) <= LOG.maxUnranked;",
    put: "return this.count(one.author) > 0;",
    caughtBy: {
      file: "tests/unit/guild/live/room.test.ts",
      test: "[LOG10] of what no rank stands behind a person's ops take some room, and no more",
    },
  },
  {
    fault: "who is banned goes on filling the log on old heads",
    file: "core/guild/live/room.ts",
    find: "if (this.levelOf(one) === VOID && !this.isMember(one.author)) return false;",
    put: "",
    caughtBy: {
      file: "tests/unit/guild/live/room.test.ts",
      test: "[LOG10] of who is gone nothing void is taken, unless somebody builds upon it, or they come back",
    },
  },
  {
    fault: "what was offered to somebody goes on being so when it turns out who they were",
    file: "core/guild/live/offers.ts",
    find: "known.era === hindsight.era && known.opCount",
    put: "known.opCount",
    caughtBy: {
      file: "tests/unit/guild/live/offers.test.ts",
      test: "[GKEY3] who was admitted by what turns out to be void is not offered what was written then",
    },
  },
  {
    fault: "what an op has shown that was never written down is offered all the same",
    file: "core/guild/live/offers.ts",
    find: "known.opCount <= hindsight.opCount &&",
    put: "",
    caughtBy: { file: piecewise, test: piecewiseTest },
  },
  {
    fault: "content that waited for a permission is not looked at when it comes",
    file: "core/guild/live/judging.ts",
    find: ' || rule === "revoked-since"',
    put: "",
    caughtBy: { file: piecewise, test: piecewiseTest },
  },
  {
    fault: "a ban leaves the state of its subject as it was",
    file: "core/guild/stateAfter.ts",
    find: '      case "ban":\n',
    put: "",
    caughtBy: {
      file: "tests/property/guildGrowth.test.ts",
      test: "[GLD1] a state that more ops were added to is that of all of them",
    },
  },
  {
    fault: "a request for keys is answered by what was read for another channel",
    file: "core/guild/live/giving.ts",
    find: "if (peer?.answering.reading !== reading) return;",
    put: "if (peer === undefined) return;",
    caughtBy: {
      file: reviewed,
      test: "[GKEY3] a request on a link that was made anew is not answered by what was read for another channel",
    },
  },
  {
    fault: "a friend of the removed is shown the log for as long as the link stands",
    file: "core/guild/live/growing.ts",
    find: "if (!isTaken) return;",
    put: "return;",
    caughtBy: {
      file: reviewed,
      test: "[LIVE2] a friend of the removed, who proved by what these knew, is shown nothing after it",
    },
  },
  {
    fault: "who says the greatest time there is silences a channel",
    file: "core/guild/live/saying.ts",
    find: "Math.min(CONTENT.maxLamport, 1 + turn.channel(channel).lamport)",
    put: "1 + turn.channel(channel).lamport",
    caughtBy: { file: reviewed, test: "[LIVE12] a time that leaves no later one keeps nobody from writing" },
  },
  {
    fault: "what comes in of what was parked is never ruled on",
    file: "core/guild/live/growing.ts",
    find: "return log;",
    put: "return turn.state.log;",
    caughtBy: {
      file: reviewed,
      test: "[LOG10] what comes in because its author is a member again is ruled on, and on disk",
    },
  },
];
