/**
 * Every sentence that a person can read outside of problems. Only for parts that `pages/later.ts` reaches: whatever else
 * imports this makes the first load longer by all of it.
 */
import { FIRST_STRINGS } from "./strings.ts";
import { connectionTest } from "./strings/connectionTest.ts";
import { dialogs } from "./strings/dialogs.ts";
import { sentences } from "./strings/sentences.ts";
import { settings } from "./strings/settings.ts";
import { verification } from "./strings/verification.ts";
import { voice } from "./strings/voice.ts";

const ALL_STRINGS = {
  ...FIRST_STRINGS,
  ...dialogs,
  ...verification,
  ...voice,
  ...settings,
  ...connectionTest,
} as const;

export type StringKey = keyof typeof ALL_STRINGS;

export const t = sentences(ALL_STRINGS);
