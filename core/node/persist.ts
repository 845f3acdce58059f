/**
 * What a step made durable. Small things are found by comparing the state before and after, so that no handler can forget
 * one; messages, of which memory holds only a window, are written where they change.
 */
import { encodeIdentity } from "../identity/identity.ts";
import { encodePrekeys } from "../identity/prekeys.ts";
import type { UserId } from "../ids.ts";
import type { Placed } from "../message/timeline.ts";
import type { RecordWrite } from "../ports.ts";
import { encodeSession } from "../session/session.ts";
import {
  contactRecord,
  inviteRecord,
  messageRecord,
  outboxRecord,
  profileRecord,
  spaceRecord,
} from "../wire/nodeRecords.ts";
import { KEYS } from "./keys.ts";
import type { Contact, NodeState, Pending } from "./state.ts";
import type { Turn } from "./turn.ts";

export function writeMessage(turn: Turn, user: UserId, { key, message }: Placed): void {
  turn.writes.push({ key: KEYS.message(user, key), value: messageRecord.encode(message) });
}

export function writeOutbox(turn: Turn, user: UserId, { content, mailedAtMs }: Omit<Pending, "sent">): void {
  turn.writes.push({
    key: KEYS.outboxItem(user, content.seq),
    value: outboxRecord.encode({ content, mailedAtMs }),
  });
}

export function deleteOutbox(turn: Turn, user: UserId, seq: number): void {
  turn.writes.push({ key: KEYS.outboxItem(user, seq), value: null });
}

/** The writes that take a store from one state to the next, but for messages. */
export function differences(before: NodeState, after: NodeState): readonly RecordWrite[] {
  const writes: RecordWrite[] = [];
  const put = (key: string, value: Uint8Array | null) => writes.push({ key, value });
  const { self } = after;
  if (self !== null) {
    if (self.name !== before.self?.name) put(KEYS.profile, profileRecord.encode({ name: self.name }));
    if (self.identity !== before.self?.identity) put(KEYS.identity, encodeIdentity(self.identity));
    if (self.prekeys !== before.self?.prekeys) put(KEYS.prekeys, encodePrekeys(self.prekeys));
  }
  if (after.space !== null && after.space !== before.space) put(KEYS.space, spaceRecord.encode(after.space));
  if (after.contacts !== before.contacts) {
    for (const contact of after.contacts.values()) putContact(put, before.contacts.get(contact.id), contact);
    for (const id of before.contacts.keys()) if (!after.contacts.has(id)) removeContact(put, id);
  }
  if (after.invites !== before.invites) {
    for (const invite of after.invites.values()) {
      if (before.invites.get(invite.id) !== invite) put(KEYS.invite(invite.id), inviteRecord.encode(invite));
    }
    for (const id of before.invites.keys()) if (!after.invites.has(id)) put(KEYS.invite(id), null);
  }
  return writes;
}

type Put = (key: string, value: Uint8Array | null) => void;

function putContact(put: Put, before: Contact | undefined, after: Contact): void {
  if (after === before) return;
  const changed = before === undefined || before.name !== after.name || before.standing !== after.standing ||
    before.progress !== after.progress || before.verified !== after.verified ||
    before.topicSecrets !== after.topicSecrets || before.mail !== after.mail;
  if (changed) put(KEYS.contact(after.id), contactRecord.encode(after));
  if (before?.sessions === after.sessions) return;
  for (const session of after.sessions) {
    if (before?.sessions.includes(session) !== true) put(KEYS.session(after.id, session.id), encodeSession(session));
  }
  for (const { id } of before?.sessions ?? []) {
    if (!after.sessions.some((session) => session.id === id)) put(KEYS.session(after.id, id), null);
  }
}

function removeContact(put: Put, id: UserId): void {
  put(KEYS.contact(id), null);
  put(KEYS.sessions(id), null);
  put(KEYS.outbox(id), null);
  put(KEYS.messages(id), null);
}
