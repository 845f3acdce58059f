/** Names of records. Every key of one person begins alike, so that a removed contact is one prefix per kind. */
import type { InviteId, SessionId, UserId } from "../ids.ts";

export const KEYS = {
  profile: "profile",
  identity: "identity",
  prekeys: "prekeys",
  space: "space",
  contacts: "contact/",
  contact: (user: UserId) => `contact/${user}`,
  invites: "invite/",
  invite: (id: InviteId) => `invite/${id}`,
  sessions: (user: UserId) => `session/${user}/`,
  session: (user: UserId, id: SessionId) => `session/${user}/${id}`,
  outbox: (user: UserId) => `outbox/${user}/`,
  outboxItem: (user: UserId, seq: number) => `outbox/${user}/${seq.toString(16).padStart(14, "0")}`,
  messages: (user: UserId) => `message/${user}/`,
  message: (user: UserId, timelineKey: string) => `message/${user}/${timelineKey}`,
} as const;
