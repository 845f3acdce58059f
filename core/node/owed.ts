/** What is owed to a contact since mail of theirs came, or since a session began: paid over a link where there is one. */
import type { UserId } from "../ids.ts";
import { greetingOf, numberingOf, receiptOf, withMail } from "./contacts.ts";
import { ownAddress } from "./leavingMail.ts";
import { provenLinks } from "./links.ts";
import { sendContent } from "./sealing.ts";
import type { Link } from "./state.ts";
import type { Turn } from "./turn.ts";

export function payOwed(turn: Turn, user: UserId): void {
  const link = provenLinks(turn, user)[0];
  const contact = turn.contact(user);
  if (link === undefined || contact?.standing.t !== "established") return;
  const { owesGreeting, owesReceipt } = contact.mail;
  if (owesGreeting === "none" && !owesReceipt) return;
  if (owesGreeting !== "none") {
    sendContent(turn, user, link.id, { t: owesGreeting, ...greetingOf(turn.state.self!.name, contact) });
  }
  if (owesReceipt) sendContent(turn, user, link.id, receiptOf(contact.progress.received));
  turn.setContact(withMail(turn.contact(user)!, { owesGreeting: "none", owesReceipt: false }));
}

/** Tells how we count and where to leave mail, whenever the two meet: whoever lost its state has lost that too. */
export function introduceFully(turn: Turn, link: Link, user: UserId): void {
  const contact = turn.contact(user);
  if (contact?.standing.t !== "established") return;
  sendContent(turn, user, link.id, numberingOf(contact));
  tellAddress(turn, link, user);
}

export function tellAddress(turn: Turn, link: Link, user: UserId): void {
  const contact = turn.contact(user);
  if (contact?.standing.t !== "established") return;
  const { ours } = contact.mail;
  const address = ownAddress(turn, contact.mail);
  if (address === null || ours === null || !sendContent(turn, user, link.id, address)) return;
  if (!ours.isTold) turn.setContact(withMail(turn.contact(user)!, { ours: { ...ours, isTold: true } }));
}
