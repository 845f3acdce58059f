/** Every sentence that a person can read, by key, and the one function that fills it in. */
import { conversation } from "./strings/conversation.ts";
import { frame } from "./strings/frame.ts";
import { settings } from "./strings/settings.ts";
import { verification } from "./strings/verification.ts";
import { voice } from "./strings/voice.ts";

const ENGLISH = { ...frame, ...conversation, ...verification, ...voice, ...settings } as const;

export type StringKey = keyof typeof ENGLISH;

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Values<Key extends StringKey> = [Names<(typeof ENGLISH)[Key]>] extends [never] ? []
  : [values: Readonly<Record<Names<(typeof ENGLISH)[Key]>, string | number>>];

/** The sentence under `key`, with each `{name}` in it replaced by the value of that name. */
export function t<Key extends StringKey>(key: Key, ...[values]: Values<Key>): string {
  const text: string = ENGLISH[key];
  if (values === undefined) return text;
  const byName: Readonly<Record<string, string | number>> = values;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(byName[name] ?? whole));
}
