/** Faults in what one device does in a guild, where its parts are joined. */
import type { Mutation } from "./mutations.ts";

const live = "tests/unit/guild/live";
const removing = `${live}/removing.test.ts`;
const quiet = `${live}/quiet.test.ts`;
const trust = `${live}/trust.test.ts`;

export const LIVE_MUTATIONS: readonly Mutation[] = [
  {
    fault: "who has not heard of a removal gives the removed what others wrote after it",
    file: "core/guild/keys/granting.ts",
    find: " || !hindsight.knows(heads)",
    put: "",
    caughtBy: { file: removing, test: "[GKEY3] who has not heard of a removal gives the removed nothing by who had" },
  },
  {
    fault: "the removed stay linked",
    file: "core/guild/live/growing.ts",
    find: "|| isTrusted(turn, device, peer)) continue;",
    put: "|| true) continue;",
    caughtBy: {
      file: trust,
      test: "[LIVE2] the step that learns of a removal ends the link, and nothing more is told on it",
    },
  },
  {
    fault: "the removed are shown the log as newcomers are",
    file: "core/guild/live/logs.ts",
    find: "(isInvited && !ruled.owners.has(device))",
    put: "isInvited",
    caughtBy: {
      file: trust,
      test: "[LIVE2] who was a member and is none is shown nothing on a later link, whatever it proves",
    },
  },
  {
    fault: "an envelope is kept that nobody is shown to have sealed",
    file: "core/guild/live/receiving.ts",
    find: "if (device !== from && !isShown(item)) {",
    put: "if (false) {",
    caughtBy: {
      file: `${live}/sealed.test.ts`,
      test: "[LIVE5] an envelope that is not shown to be its device's is not kept, and its number stays wanted",
    },
  },
  {
    fault: "a number that an envelope only claimed is never asked for again",
    file: "core/guild/live/sealed.ts",
    find: "if (!released.every(isHere)) turn.missed.add(channel);",
    put: "",
    caughtBy: {
      file: `${live}/sealed.test.ts`,
      test: "[LIVE5] who passes on an envelope under another number keeps that number from nobody for long",
    },
  },
  {
    fault: "a device goes on at once after a start, though its store may have been set back",
    file: "core/guild/live/quiet.ts",
    find: "turn.state.quietUntilMs !== null;",
    put: "turn.state.quietUntilMs === Infinity;",
    caughtBy: {
      file: quiet,
      test: "[LIVE4] a store that was set back does not say a number twice, nor make a second op under one",
    },
  },
  {
    fault: "a device goes on while content of its own that came back is not opened",
    file: "core/guild/live/quiet.ts",
    find: "isOpened(turn) &&",
    put: "",
    caughtBy: {
      file: quiet,
      test: "[LIVE4] a store that was set back does not say a number twice, nor make a second op under one",
    },
  },
  {
    fault: "a device goes on in channels that came into view a moment ago",
    file: "core/guild/live/quiet.ts",
    find: "turn.state.log.ops.size === before.log.ops.size &&",
    put: "",
    caughtBy: {
      file: quiet,
      test: "[LIVE4] a channel that comes into view with the log is compared before anything is said in it",
    },
  },
  {
    fault: "a stranger ends the quiet",
    file: "core/guild/live/quiet.ts",
    find: "filter(([peer]) => isMembers(ruled, peer));",
    put: "filter(() => true);",
    caughtBy: { file: quiet, test: "[LIVE4] a link to a stranger, or to who is gone, shows nothing of what we did" },
  },
  {
    fault: "a removal does not say what was seen of the removed",
    file: "core/guild/live/acting.ts",
    find: "? withSeen(turn, body) : body",
    put: "? body : body",
    caughtBy: {
      file: removing,
      test: "[LIVE6] what a removal lists stays shown to who gets it later; what comes to light after it does not",
    },
  },
  {
    fault: "a chain goes on among those who hold it, whoever may read by now",
    file: "core/guild/live/saying.ts",
    find: "    ruled.readers.get(channel)!,\n    plaintexts,",
    put: "    turn.channel(channel).sender?.holders ?? ruled.readers.get(channel)!,\n    plaintexts,",
    caughtBy: {
      file: removing,
      test: "[GKEY5] who is removed holds no chain of what is said after it, nor is handed one",
    },
  },
  {
    fault: "what is typed is not stored",
    file: "core/guild/live/turn.ts",
    find: "this.write(this.keys.unsaidItem(place), unsaid === null ? null : unsaidRecord.encode(unsaid));",
    put: "if (unsaid === null) this.write(this.keys.unsaidItem(place), null);",
    caughtBy: {
      file: `${live}/saying.test.ts`,
      test: "[LIVE3] what is typed while a device catches up is on disk, and goes when it has",
    },
  },
  {
    fault: "a new secret is told to who is gone",
    file: "core/guild/live/dealing.ts",
    find: "const devices = [...ruled.guild.members.values()].flatMap((member) => [...member.devices]);",
    put: "const devices = [...ruled.owners.keys()];",
    caughtBy: {
      file: `${live}/coming.test.ts`,
      test: "[JOIN7] whoever removes deals anew at once, and tells those who are members by then, and nobody else",
    },
  },
  {
    fault: "who becomes a member while a link stands is told no secret on it",
    file: "core/guild/live/settle.ts",
    find: "  welcome(turn, before);",
    put: "",
    caughtBy: {
      file: `${live}/coming.test.ts`,
      test: "[LIVE7] a member's further device says whose it is, and is handed what is said from then on",
    },
  },
  {
    fault: "of a page that was left everything comes into the log",
    file: "core/guild/live/keeping.ts",
    find: "if (fault === null) return turn.set(",
    put: "turn.set(",
    caughtBy: {
      file: `${live}/coming.test.ts`,
      test: "[LIVE8] of a page nothing comes into the log but redemptions that are good now",
    },
  },
];
