/** What a node keeps on disk besides identity, prekeys and sessions: SPEC section 14. */
import { fromHex, type InviteId, inviteId } from "../ids.ts";
import { CONTACT, INVITE, MESSAGE, NAME } from "../limits.ts";
import { deviceIdField, messageIdField, userIdField } from "./ids.ts";
import {
  bool,
  bytes,
  codec,
  list,
  mapped,
  nullable,
  struct,
  text,
  type TypeOf,
  uint,
  union,
  upgraded,
  versioned,
  word,
} from "./schema.ts";

const MAX_SMALL_BYTES = 16 * 1024;
const inviteIdField = mapped<Uint8Array, InviteId>(bytes(16), fromHex, inviteId);

export const profileRecord = versioned(1, codec(struct({ name: text(NAME.maxBytes) }), MAX_SMALL_BYTES));

const standing = union({
  invited: struct({ inviteSecret: bytes(INVITE.secretBytes), expiresAtMs: uint(), begun: bool }),
  refused: struct({ reason: word("invite.used", "invite.expired", "invite.revoked") }),
  established: struct({ device: deviceIdField }),
});

const progress = struct({
  nextSeq: uint(),
  lamport: uint(),
  received: struct({ upTo: uint(), also: list(uint(), MESSAGE.maxReceiptExtras) }),
  unreadCount: uint(),
  lastText: nullable(text(MESSAGE.maxTextBytes)),
  lastAtMs: uint(),
});

const contactFields = {
  id: userIdField,
  name: text(NAME.maxBytes),
  addedAtMs: uint(),
  standing,
  topicSecrets: list(bytes(32), CONTACT.maxSessions),
  progress,
} as const;

const MAX_CONTACT_BYTES = MAX_SMALL_BYTES + MESSAGE.maxTextBytes;

const contactRecord1 = versioned(1, codec(struct(contactFields), MAX_CONTACT_BYTES));

/** Version 2 says whether the person has compared the safety number, and when. */
const contactRecord2 = versioned(
  2,
  codec(struct({ ...contactFields, verified: nullable(struct({ atMs: uint() })) }), MAX_CONTACT_BYTES),
);

export const contactRecord = upgraded(
  contactRecord2,
  contactRecord1,
  (contact): TypeOf<typeof contactRecord2> => ({ ...contact, verified: null }),
);

export const inviteRecord = versioned(
  1,
  codec(
    struct({
      id: inviteIdField,
      secret: bytes(INVITE.secretBytes),
      createdAtMs: uint(),
      expiresAtMs: uint(),
      fate: union({ open: struct({}), used: struct({ by: userIdField }), revoked: struct({}) }),
    }),
    MAX_SMALL_BYTES,
  ),
);

export const messageRecord = versioned(
  1,
  codec(
    struct({
      id: messageIdField,
      own: bool,
      seq: uint(),
      lamport: uint(),
      sentAtMs: uint(),
      text: text(MESSAGE.maxTextBytes),
      delivered: bool,
    }),
    MESSAGE.maxContentBytes,
  ),
);
