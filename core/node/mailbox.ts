/** Our own space on the rendezvous: made, kept supplied with keys and bundles, and emptied. SPEC section 8. */
import { lastResortBundle, signedPrekeyId, takeBundle } from "../identity/prekeys.ts";
import type { EnvelopeId } from "../ids.ts";
import { MAILBOX } from "../limits.ts";
import { sealBundle } from "../mailbox/bundles.ts";
import { spaceKeys } from "../mailbox/space.ts";
import type { MailboxOwnerRequest, PrekeysOwnerRequest } from "../wire/spaceRequest.ts";
import { utf8 } from "../wire/text.ts";
import { withMail } from "./contacts.ts";
import type { AskOutcome } from "./event.ts";
import { provenLinks } from "./links.ts";
import { markGranted, mintKeys, missingGrants, renewInviteGrants } from "./mailKeys.ts";
import { tellAddress } from "./owed.ts";
import type { Asked, NodeState, Space } from "./state.ts";
import { replaced, type Turn, without } from "./turn.ts";

export function mailOffered(turn: Turn, server: string): void {
  if (utf8(server).length > MAILBOX.maxServerBytes) return turn.refuse("mail.bad-server");
  turn.setMail({ offered: server });
  serveMailbox(turn);
}

/** Holds a connection to our space, which is made up for the server that offers to keep it. */
export function serveMailbox(turn: Turn): void {
  const { self, mail } = turn.state;
  if (self === null || mail.offered === null) return;
  if (turn.state.space?.server !== mail.offered) moveTo(turn, mail.offered);
  const { server, keys } = turn.state.space!;
  turn.emit({ type: "ServeMailbox", server, keys });
}

/** Keys are for one server: two that know the same would know whom they both serve. */
function moveTo(turn: Turn, server: string): void {
  const seed = turn.env.rng.bytes(32);
  const space: Space = {
    seed,
    keys: spaceKeys(seed),
    server,
    joinCode: null,
    isOpen: false,
    uploaded: null,
    revoking: [],
  };
  const contacts = new Map(turn.state.contacts);
  for (const contact of contacts.values()) contacts.set(contact.id, withMail(contact, { ours: null }));
  turn.state = { ...turn.state, space, contacts };
  for (const invite of turn.state.invites.values()) {
    if (invite.mail !== null) turn.setInvite({ ...invite, mail: { ...invite.mail, isGranted: false } });
  }
}

const setSpace = (turn: Turn, change: Partial<Space>): void => {
  const { space } = turn.state;
  if (space !== null) turn.state = { ...turn.state, space: { ...space, ...change } };
};

const OWN: readonly Asked["t"][] = ["open", "grant", "revoke", "upload", "fetch", "ack"];

function forgetOwnAsks(turn: Turn): void {
  const asks = [...turn.state.mail.asks].filter(([, { t }]) => !OWN.includes(t));
  turn.setMail({ asks: new Map(asks) });
}

export function mailboxOpened(turn: Turn, exists: boolean): void {
  if (turn.state.space === null) return;
  forgetOwnAsks(turn);
  turn.setMail({ isConnected: true, after: 0, hasMore: true });
  if (!exists) forgetServer(turn);
  else {
    setSpace(turn, { isOpen: true });
    turn.setMail({ refusals: without(turn.state.mail.refusals, "open") });
    renewInviteGrants(turn);
  }
  tendMailbox(turn);
}

/** The server has lost what it kept, or never had it. */
function forgetServer(turn: Turn): void {
  setSpace(turn, { isOpen: false, uploaded: null, revoking: [] });
  // Serials begin anew with the space.
  turn.setMail({ after: 0, hasMore: true });
  markGranted(turn, null);
}

export function mailboxClosed(turn: Turn): void {
  forgetOwnAsks(turn);
  turn.setMail({ isConnected: false });
}

export function setJoinCode(turn: Turn, code: string): void {
  if (utf8(code).length > MAILBOX.maxJoinCodeBytes || code === "") return turn.refuse("mail.bad-join-code");
  setSpace(turn, { joinCode: code });
  turn.setMail({ refusals: without(turn.state.mail.refusals, "open") });
  tendMailbox(turn);
}

/** Asks the server for whatever it has yet to do for us, one request of a kind at a time. */
export function tendMailbox(turn: Turn): void {
  const { space, self, mail } = turn.state;
  if (space === null || self === null || !mail.isConnected) return;
  forgetOldRefusals(turn);
  if (!space.isOpen) {
    if (mayAsk(turn, "open")) ask(turn, { t: "open" }, { t: "open", joinCode: space.joinCode });
    return;
  }
  mintKeys(turn);
  if (mayAsk(turn, "grant")) grant(turn);
  if (mayAsk(turn, "revoke")) revoke(turn, space);
  if (mayAsk(turn, "upload")) upload(turn);
  if (mail.hasMore && mayAsk(turn, "fetch")) {
    ask(turn, { t: "fetch" }, { t: "fetch", after: mail.after, limit: MAILBOX.pageCount });
  }
}

/** What may be asked again counts as refused no longer, whether there is anything left to ask or not. */
function forgetOldRefusals(turn: Turn): void {
  const { refusals } = turn.state.mail;
  const standing = [...refusals].filter(([, { untilMs }]) => turn.nowMs < untilMs);
  if (standing.length < refusals.size) turn.setMail({ refusals: new Map(standing) });
}

function mayAsk(turn: Turn, t: Asked["t"]): boolean {
  const { asks, refusals } = turn.state.mail;
  if (refusals.has(t)) return false;
  return ![...asks.values()].some((asked) => asked.t === t);
}

function ask(turn: Turn, asked: Asked, request: MailboxOwnerRequest | PrekeysOwnerRequest): void {
  turn.setMail({ refusals: without(turn.state.mail.refusals, asked.t) });
  turn.emit({ type: "AskMailbox", ask: turn.ask(asked), request });
}

/** What has been kept is not kept for us any longer. */
export function acknowledgeMail(turn: Turn, envelopes: readonly EnvelopeId[]): void {
  if (envelopes.length > 0) ask(turn, { t: "ack" }, { t: "ack", envelopes });
}

function grant(turn: Turn): void {
  const grants = missingGrants(turn.state, turn.nowMs);
  if (grants.length === 0) return;
  ask(turn, { t: "grant", depositors: grants.map(({ depositor }) => depositor) }, { t: "grant", grants });
}

function revoke(turn: Turn, { revoking }: Space): void {
  const depositors = revoking.slice(0, MAILBOX.maxGrantsAtOnce);
  if (depositors.length > 0) ask(turn, { t: "revoke", depositors }, { t: "revoke", depositors });
}

/** Bundles of a signed prekey that was replaced are no good much longer: all of them are. */
function upload(turn: Turn): void {
  const { space, self } = turn.state;
  if (space === null || self === null) return;
  const signedId = signedPrekeyId(self.prekeys);
  const replace = space.uploaded?.signedId !== signedId;
  const stockCount = replace ? 0 : space.uploaded!.count;
  const missing = Math.min(MAILBOX.stockCount - stockCount, MAILBOX.uploadStepCount);
  if (missing <= 0) return;
  let { prekeys } = self;
  const oneTime = Array.from({ length: missing }, () => {
    const taken = takeBundle(prekeys, self.identity.device, turn.env);
    prekeys = taken.prekeys;
    return sealBundle(space.keys, taken.bundle, turn.env);
  });
  const lastResort = replace
    ? sealBundle(space.keys, lastResortBundle(prekeys, self.identity.device, turn.env), turn.env)
    : null;
  turn.state = { ...turn.state, self: { ...self, prekeys } };
  ask(turn, { t: "upload", signedId, count: missing }, { t: "upload", oneTime, lastResort, replace });
}

/** The server has handed out more bundles than we knew. */
export function stockLow(turn: Turn, left: number): void {
  const uploaded = turn.state.space?.uploaded ?? null;
  if (uploaded === null) return;
  setSpace(turn, { uploaded: { ...uploaded, count: Math.min(uploaded.count, left) } });
  tendMailbox(turn);
}

export function mailboxAnswered(turn: Turn, ask: number, outcome: AskOutcome): void {
  const asked = turn.answered(ask);
  if (asked === null || outcome.t === "lost") return;
  if (outcome.t === "refused") return refused(turn, asked, outcome);
  switch (asked.t) {
    case "open":
      setSpace(turn, { isOpen: true });
      break;
    case "grant":
      markGranted(turn, asked.depositors);
      for (const contact of turn.state.contacts.values()) {
        const link = contact.mail.ours?.isTold === false ? provenLinks(turn, contact.id)[0] : undefined;
        if (link !== undefined) tellAddress(turn, link, contact.id);
      }
      break;
    case "revoke":
      setSpace(turn, { revoking: turn.state.space!.revoking.filter((one) => !asked.depositors.includes(one)) });
      break;
    case "upload":
      noteUploaded(turn, asked);
      break;
  }
  tendMailbox(turn);
}

function noteUploaded(turn: Turn, { signedId, count }: Extract<Asked, { readonly t: "upload" }>): void {
  const known = turn.state.space?.uploaded ?? null;
  const before = known?.signedId === signedId ? known.count : 0;
  setSpace(turn, { uploaded: { signedId, count: before + count } });
}

type Refused = Extract<AskOutcome, { readonly t: "refused" }>;

function refused(turn: Turn, asked: Asked, { reason, retryAfterS }: Refused): void {
  if (reason === "unknown-space" && asked.t !== "open") {
    forgetServer(turn);
    return tendMailbox(turn);
  }
  // A space that is refused for good is asked for again when the person has done something about it, or in the next run.
  const isFinal = asked.t === "open" && retryAfterS === 0;
  const untilMs = isFinal ? Infinity : turn.nowMs + Math.max(retryAfterS * 1_000, MAILBOX.refusedPauseMs);
  turn.setMail({ refusals: replaced(turn.state.mail.refusals, asked.t, { reason, untilMs }) });
}

/** When something that the server refused is asked again; infinity where nothing is. */
export function mailboxDeadlineMs({ mail }: NodeState): number {
  let atMs = Infinity;
  if (mail.isConnected) { for (const { untilMs } of mail.refusals.values()) atMs = Math.min(atMs, untilMs); }
  return atMs;
}
