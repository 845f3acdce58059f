/** What the screen is shown in its tests: one entry for each situation. */
import type { CallId, InviteId, MessageId, UserId } from "../../../core/ids.ts";
import type { CallView, ContactView, ConversationView, MessageView, NodeView } from "../../../core/node/view.ts";
import type { Scene } from "./fakePort.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Today at 14:30, so that "Today" and "Yesterday" do not depend on when a test runs. */
const now = new Date().setHours(14, 30, 0, 0);

const me = { id: "3f".repeat(32) as UserId, name: "Marlene Dietz" };
const ada = "90".repeat(32) as UserId;
const ben = "c4".repeat(32) as UserId;
const chi = "07".repeat(32) as UserId;
const dora = "52".repeat(32) as UserId;

const person = (id: UserId, name: string, rest: Partial<ContactView>): ContactView => ({
  id,
  name,
  connection: "offline",
  standing: "established",
  refusal: null,
  verified: null,
  lastText: null,
  lastAtMs: 0,
  unreadCount: 0,
  ...rest,
});

const contacts: readonly ContactView[] = [
  person(ada, "Ada Lindqvist", { connection: "direct", lastText: "See you at eight then!", lastAtMs: now }),
  person(ben, "Ben", { connection: "relayed", lastText: "Did you read it?", lastAtMs: now - DAY_MS, unreadCount: 3 }),
  person(chi, "Chi-Ming Okonkwo-Featherstonehaugh", { lastText: "👍", lastAtMs: now - 3 * DAY_MS, unreadCount: 120 }),
  person(dora, "Dora", { standing: "invited", connection: "connecting" }),
];

const view: NodeView = { me, rendezvous: "online", mailbox: "ready", contacts, invites: [], call: null };

let count = 0;
const says = (
  own: boolean,
  atMs: number,
  text: string,
  delivery: MessageView["delivery"] = "delivered",
): MessageView => ({
  id: (++count).toString(16).padStart(32, "0") as MessageId,
  own,
  authorName: own ? me.name : "Ada Lindqvist",
  text,
  sentAtMs: atMs,
  delivery: own ? delivery : null,
});

const yesterday = now - DAY_MS;
const talk: readonly MessageView[] = [
  says(false, yesterday - 9 * MINUTE_MS, "Hi! The link worked at the first try."),
  says(false, yesterday - 8 * MINUTE_MS, "No account, no phone number. I only typed my name."),
  says(true, yesterday - 5 * MINUTE_MS, "That is the idea :)"),
  says(
    true,
    yesterday - 4 * MINUTE_MS,
    "Shall we call tomorrow?\nI have time from seven on, and the whole evening after.",
  ),
  says(
    false,
    now - 42 * MINUTE_MS,
    "Yes. Here is the text I spoke of, have a look before: https://example.org/a/rather/long/address/that/has/no/place/to/break?and=parameters&that=go&on=and&on=until&the=end",
  ),
  says(
    false,
    now - 41 * MINUTE_MS,
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(2),
  ),
  says(
    true,
    now - 12 * MINUTE_MS,
    "Read it. The second half is the strongest: everything before leads up to it, and nothing after takes it back. I would only cut the last paragraph, which explains what the reader has just understood.",
  ),
  says(false, now - 6 * MINUTE_MS, "Good, I thought so too."),
  says(true, now - 2 * MINUTE_MS, "At eight?"),
  says(false, now - MINUTE_MS, "See you at eight then!"),
  says(true, now, "I will bring my better microphone", "sent"),
  says(true, now, "and some tea", "waiting"),
  says(true, now, "🍵", "sending"),
];

const mailed = [...talk.slice(0, 10), says(true, now, "I will bring my better microphone", "sent")];

const long: readonly MessageView[] = Array.from(
  { length: 120 },
  (_, i) => says(i % 3 === 0, now - (120 - i) * 3 * MINUTE_MS, `Line ${i + 1} of a long talk`),
);

const withAda = (messages: readonly MessageView[], hasEarlier = false): ConversationView => ({
  contact: ada,
  messages,
  hasEarlier,
  unopened: 0,
});

const call = (rest: Partial<CallView>): CallView => ({
  id: "11".repeat(16) as CallId,
  contact: ada,
  name: "Ada Lindqvist",
  state: "active",
  outcome: null,
  startedAtMs: Date.now() - 95_000,
  route: "direct",
  keyCoverage: { holding: 2, total: 2 },
  code: "4821 0937",
  ...rest,
});

const away = contacts.map((c) => c.id === ada ? { ...c, connection: "offline" as const } : c);
const verified = contacts.map((c) => c.id === ada ? { ...c, verified: { atMs: now - DAY_MS } } : c);

const good = { state: "good", inviter: dora, name: "Dora Nakamura", expiresAtMs: now + 6 * DAY_MS } as const;
const nobody: NodeView = { me: null, rendezvous: "connecting", mailbox: "none", contacts: [], invites: [], call: null };
const alone: NodeView = { ...view, contacts: [] };
const invites = [1, 2].map((n) => ({
  id: `${n}`.repeat(32) as InviteId,
  token: `token${n}`,
  expiresAtMs: now + n * DAY_MS,
  state: "open" as const,
}));

export const scenes: Readonly<Record<string, Scene>> = {
  firstRun: { view: nobody },
  inviteNewcomer: { view: nobody, token: "t", invite: good },
  invite: { view, token: "t", invite: good },
  inviteBroken: { view, token: "t", invite: { state: "broken" } },
  inviteExpired: { view: nobody, token: "t", invite: { state: "expired" } },
  inviteOwn: { view, token: "t", invite: { state: "own" } },
  startFailed: { view: nobody, start: { state: "failed", problem: "storage.blocked" } },
  otherTab: { view: nobody, tab: "elsewhere" },
  empty: { view: alone },
  home: { view, conversations: [withAda(talk)] },
  mailCode: { view: { ...view, mailbox: "needs-code" } },
  mailRefused: { view: { ...view, mailbox: "refused" } },
  mailNone: { view: { ...view, mailbox: "none" } },
  mailed: { view: { ...view, contacts: away }, conversations: [withAda(mailed)] },
  verified: { view: { ...view, contacts: verified }, conversations: [withAda(talk)] },
  unopened: { view, conversations: [{ ...withAda(talk), unopened: 1 }] },
  invites: { view: { ...view, invites }, facts: { friendsHaveMicrophone: false } },
  long: { view, conversations: [withAda(long, true)] },
  incoming: { view: { ...view, call: call({ state: "incoming", code: null }) }, conversations: [withAda(talk)] },
  calling: { view: { ...view, call: call({ state: "calling", code: null }) }, conversations: [withAda(talk)] },
  inCall: {
    view: { ...view, call: call({}) },
    conversations: [withAda(talk)],
    quality: { roundTripMs: 34.2, lossRatio: 0.004, bufferMs: 41 },
    speaking: { me: false, them: true },
    level: 0.45,
  },
  ended: { view: { ...view, call: call({ state: "ended", outcome: "unanswered" }) }, conversations: [withAda(talk)] },
  problems: {
    view: {
      ...view,
      rendezvous: "offline",
      contacts: contacts.map((c) => c.id === ben ? { ...c, standing: "refused", refusal: "invite.used" } : c),
    },
    conversations: [withAda(talk)],
    problems: ["storage.full", "network.server-unreachable", "network.turn-refused"],
    support: { state: "missing", problem: "audio.no-encoder" },
    voiceProblem: "microphone.refused",
    facts: { secureContext: false, friendsHaveMicrophone: false },
  },
};
