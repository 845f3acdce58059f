/** What a person can read from the first moment on. What is only read later is in `laterStrings.ts`. */
import { conversation } from "./strings/conversation.ts";
import { frame } from "./strings/frame.ts";
import { sentences } from "./strings/sentences.ts";

export const FIRST_STRINGS = { ...frame, ...conversation } as const;

export const t = sentences(FIRST_STRINGS);
