/** From content to an envelope: the one place where a pairwise session seals. */
import { seal } from "../session/session.ts";
import type { LinkId, UserId } from "../ids.ts";
import { type Content, contentCodec } from "../wire/content.ts";
import { withAdvanced } from "./contacts.ts";
import { sendFrame } from "./links.ts";
import type { Turn } from "./turn.ts";

/** An envelope of the newest session; `null` where there is none yet. */
export function sealContent(turn: Turn, user: UserId, content: Content): Uint8Array | null {
  const contact = turn.contact(user);
  const session = contact?.sessions[0];
  if (contact === undefined || session === undefined) return null;
  turn.sealsWith(session);
  const sealed = seal(session, contentCodec.encode(content), turn.env);
  turn.setContact(withAdvanced(contact, sealed.session));
  return sealed.envelope;
}

/** Seals and sends over a link; false where there is no session yet. */
export function sendContent(turn: Turn, user: UserId, link: LinkId, content: Content): boolean {
  const body = sealContent(turn, user, content);
  if (body !== null) sendFrame(turn, link, { t: "envelope", body });
  return body !== null;
}
