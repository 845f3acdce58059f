/** What a node keeps on disk besides identity, prekeys and sessions: SPEC section 14. */
import { ok, refuse, type Result } from "../errors.ts";
import { fromHex, type InviteId, inviteId } from "../ids.ts";
import { CONTACT, INVITE, MAILBOX, MESSAGE, NAME } from "../limits.ts";
import { contentCodec, type TextContent } from "./content.ts";
import { depositorIdField, deviceIdField, messageIdField, userIdField } from "./ids.ts";
import { mailAddressField } from "./mailAddress.ts";
import {
  bool,
  bytes,
  type Codec,
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
  type WireReason,
  word,
} from "./schema.ts";

const MAX_SMALL_BYTES = 16 * 1024;
const MAX_SPACE_BYTES = 256 * 1024;
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

const contactMail = struct({
  ours: nullable(struct({ seed: bytes(32), depositor: depositorIdField, isGranted: bool, isTold: bool })),
  theirs: nullable(mailAddressField),
  /** `theirs` is that of an invite, which takes an introduction and little more. */
  isByInvite: bool,
  owesReceipt: bool,
  owesGreeting: word("none", "introduce", "welcome"),
  needsSession: bool,
});
export type ContactMail = TypeOf<typeof contactMail>;

/** Nothing given, known or owed. */
export const NO_MAIL: ContactMail = {
  ours: null,
  theirs: null,
  isByInvite: false,
  owesReceipt: false,
  owesGreeting: "none",
  needsSession: false,
};

/** Version 3 says how the two reach each other by mail, and since when they count their texts. */
const contactRecord3 = versioned(
  3,
  codec(
    struct({
      ...contactFields,
      verified: nullable(struct({ atMs: uint() })),
      mail: contactMail,
      theirSinceMs: nullable(uint()),
    }),
    MAX_CONTACT_BYTES,
  ),
);

export const contactRecord = upgraded(
  contactRecord3,
  upgraded(
    contactRecord2,
    contactRecord1,
    (contact): TypeOf<typeof contactRecord2> => ({ ...contact, verified: null }),
  ),
  (contact): TypeOf<typeof contactRecord3> => ({ ...contact, mail: NO_MAIL, theirSinceMs: null }),
);

const inviteFields = {
  id: inviteIdField,
  secret: bytes(INVITE.secretBytes),
  createdAtMs: uint(),
  expiresAtMs: uint(),
  fate: union({ open: struct({}), used: struct({ by: userIdField }), revoked: struct({}) }),
} as const;

const inviteMail = nullable(struct({ depositor: depositorIdField, isGranted: bool }));
export type InviteMail = TypeOf<typeof inviteMail>;

/** Version 2 says by which key a visitor may leave mail. */
const inviteRecord2 = versioned(2, codec(struct({ ...inviteFields, mail: inviteMail }), MAX_SMALL_BYTES));

export const inviteRecord = upgraded(
  inviteRecord2,
  versioned(1, codec(struct(inviteFields), MAX_SMALL_BYTES)),
  (invite): TypeOf<typeof inviteRecord2> => ({ ...invite, mail: null }),
);

/** Our space on a rendezvous. */
export const spaceRecord = versioned(
  1,
  codec(
    struct({
      seed: bytes(32),
      /** Origin of the rendezvous. */
      server: text(MAILBOX.maxServerBytes),
      joinCode: nullable(text(MAILBOX.maxJoinCodeBytes)),
      /** Whether the server has made it. */
      isOpen: bool,
      /** Of which signed prekey the bundles are that the server has, and how many it was given. */
      uploaded: nullable(struct({ signedId: uint(), count: uint() })),
      /** Depositors that the server has yet to forget. */
      revoking: list(depositorIdField, MAILBOX.maxRevoking),
    }),
    MAX_SPACE_BYTES,
  ),
);

function textOf(encoded: Uint8Array): Result<TextContent, WireReason> {
  const content = contentCodec.decode(encoded);
  if (!content.ok) return content;
  return content.value.t === "text" ? ok(content.value) : refuse("wire.wrong-shape");
}

const bareText: Codec<TextContent> = {
  maxBytes: MESSAGE.maxContentBytes,
  encode: (content) => contentCodec.encode(content),
  decode: textOf,
};
const textField = mapped(bytes(1, MESSAGE.maxContentBytes), bareText.encode, textOf);

/** What has no receipt yet, and when it was left with a server. Before there was mail, it was the bare content. */
export const outboxRecord = upgraded(
  versioned(1, codec(struct({ content: textField, mailedAtMs: nullable(uint()) }), MESSAGE.maxOutboxRecordBytes)),
  bareText,
  (content) => ({ content, mailedAtMs: null }),
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
