/** What travels inside ratchet messages: SPEC section 8. */
import { MAILBOX, MESSAGE, NAME, TIME, VOICE_CONTROL } from "../limits.ts";
import { messageIdField } from "./ids.ts";
import { bytes, codec, list, positive, struct, text, type TypeOf, uint, union } from "./schema.ts";

const textMessage = struct({
  id: messageIdField,
  /** Consecutive per author device and conversation, from 1. */
  seq: positive,
  /** Lamport time: one more than the largest the author had seen in this conversation. */
  lamport: uint(),
  sentAtMs: uint(TIME.maxMs),
  text: text(MESSAGE.maxTextBytes),
});

/** Who greets, and which of its messages are still to come: `from` is the lowest number it may send, `next` its next. */
const greeting = struct({ name: text(NAME.maxBytes), from: positive, next: positive });

const receipt = struct({
  /** Every message up to this sequence number has been committed. */
  upTo: uint(),
  /** Committed ones above it. */
  also: list(uint(), MESSAGE.maxReceiptExtras),
});

export const content = union({
  /** The visitor's first words on an invite: who is redeeming it. */
  introduce: greeting,
  /** The inviter's answer: the visitor is accepted. */
  welcome: greeting,
  /**
   * How the sender's texts are counted: anew from `from` where `sinceMs` is another moment than before, because the one
   * who wrote then had forgotten us.
   */
  numbering: struct({ sinceMs: uint(TIME.maxMs), from: positive, next: positive }),
  text: textMessage,
  receipt,
  /** Where the other may leave mail for us while we are away, encoded as an address of SPEC section 9a. */
  address: struct({ address: bytes(1, MAILBOX.maxAddressBytes) }),
  /** One call control message, which the voice part encodes and decodes. */
  call: struct({ control: bytes(1, VOICE_CONTROL.maxBytes) }),
});

export const contentCodec = codec(content, MESSAGE.maxContentBytes);
export type Content = TypeOf<typeof contentCodec>;
export type TextContent = Extract<Content, { t: "text" }>;
export type Greeting = TypeOf<typeof greeting>;
export type Receipt = TypeOf<typeof receipt>;
