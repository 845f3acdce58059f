/** From content to an envelope on a link: the one place where a pairwise session seals. */
import { seal } from "../session/session.ts";
import type { LinkId, UserId } from "../ids.ts";
import { type Content, contentCodec } from "../wire/content.ts";
import { withAdvanced } from "./contacts.ts";
import { sendFrame } from "./links.ts";
import type { Turn } from "./turn.ts";

/** Seals with the newest session and sends; false where there is none yet. */
export function sendContent(turn: Turn, user: UserId, link: LinkId, content: Content): boolean {
  const contact = turn.contact(user);
  const session = contact?.sessions[0];
  if (contact === undefined || session === undefined) return false;
  const sealed = seal(session, contentCodec.encode(content), turn.env);
  turn.setContact(withAdvanced(contact, sealed.session));
  sendFrame(turn, link, { t: "envelope", body: sealed.envelope });
  return true;
}
