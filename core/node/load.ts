/** A node from its store: what a device knows after a restart. */
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import { decodeIdentity } from "../identity/identity.ts";
import { decodePrekeys } from "../identity/prekeys.ts";
import type { InviteId, UserId } from "../ids.ts";
import { MESSAGE } from "../limits.ts";
import { spaceKeys } from "../mailbox/space.ts";
import { type Placed, timelineKey } from "../message/timeline.ts";
import type { Store, StoredRecord } from "../ports.ts";
import { decodeSession, type Session } from "../session/session.ts";
import { SECURECOMM_SUITE } from "../session/suite.ts";
import {
  contactRecord,
  inviteRecord,
  messageRecord,
  outboxRecord,
  profileRecord,
  spaceRecord,
} from "../wire/nodeRecords.ts";
import { FRESH_RUN, ranks } from "./contacts.ts";
import { KEYS } from "./keys.ts";
import {
  type Contact,
  EMPTY_STATE,
  type Invite,
  type NodeState,
  type Pending,
  type Self,
  type Space,
} from "./state.ts";

type Unreadable = { readonly ok: false; readonly reason: Reason; readonly key: string };
export type Loaded = { readonly ok: true; readonly value: NodeState } | Unreadable;

class BadRecord extends Error {
  constructor(readonly key: string, readonly reason: Reason) {
    super(reason);
  }
}

/** The state in the store, or the key of the first record that is not what it should be and why. Nothing is repaired. */
export async function loadNode(store: Store): Promise<Loaded> {
  try {
    const self = await loadSelf(store);
    if (self === null) return ok(EMPTY_STATE);
    const invites = new Map<InviteId, Invite>();
    for (const record of await store.read(KEYS.invites)) {
      const invite = must(record, inviteRecord.decode(record.value));
      invites.set(invite.id, invite);
    }
    const state = { ...EMPTY_STATE, self, invites, space: await loadSpace(store) };
    const contacts = new Map<UserId, Contact>();
    for (const record of await store.read(KEYS.contacts)) {
      const contact = must(record, contactRecord.decode(record.value));
      contacts.set(contact.id, { ...contact, ...FRESH_RUN, ...await loadConversation(store, state, contact.id) });
    }
    return ok({ ...state, contacts });
  } catch (error) {
    if (error instanceof BadRecord) return { ...refuse(error.reason), key: error.key };
    throw error;
  }
}

function must<T>(record: StoredRecord, result: Result<T>): T {
  if (!result.ok) throw new BadRecord(record.key, result.reason);
  return result.value;
}

async function loadSelf(store: Store): Promise<Self | null> {
  const [profile] = await store.read(KEYS.profile);
  const [identity] = await store.read(KEYS.identity);
  const [prekeys] = await store.read(KEYS.prekeys);
  if (profile === undefined || identity === undefined || prekeys === undefined) return null;
  return {
    name: must(profile, profileRecord.decode(profile.value)).name,
    identity: must(identity, decodeIdentity(identity.value)),
    prekeys: must(prekeys, decodePrekeys(prekeys.value)),
  };
}

async function loadSpace(store: Store): Promise<Space | null> {
  const [record] = await store.read(KEYS.space);
  if (record === undefined) return null;
  const space = must(record, spaceRecord.decode(record.value));
  return { ...space, keys: spaceKeys(space.seed) };
}

type Conversation = Pick<Contact, "sessions" | "pending" | "window" | "hasEarlier">;

async function loadConversation(store: Store, state: NodeState, user: UserId): Promise<Conversation> {
  const sessions: Session[] = [];
  for (const record of await store.read(KEYS.sessions(user))) {
    const session = decodeSession(SECURECOMM_SUITE, record.value);
    // [REN5] One that cannot be read is made anew with the contact; it must not cost everything else.
    if (session.ok) sessions.push(session.value);
  }
  sessions.sort((a, b) => b.createdAtMs - a.createdAtMs);
  const pending: Pending[] = [];
  for (const record of await store.read(KEYS.outbox(user))) {
    pending.push({ ...must(record, outboxRecord.decode(record.value)), sent: null });
  }
  const records = await store.read(KEYS.messages(user), { limit: MESSAGE.windowCount + 1 });
  const window = records.map((record) => placed(state, user, record));
  const hasEarlier = window.length > MESSAGE.windowCount;
  return { sessions, pending, window: hasEarlier ? window.slice(1) : window, hasEarlier };
}

function placed(state: NodeState, user: UserId, record: StoredRecord): Placed {
  const message = must(record, messageRecord.decode(record.value));
  const { own, theirs } = ranks(state, user);
  return { key: timelineKey(message, message.own ? own : theirs), message };
}
