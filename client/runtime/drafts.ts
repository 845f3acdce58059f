/**
 * Unsent text, in the encrypted store. It is written at the key press itself, since a page that is going away finishes
 * nothing that it only then begins; what is typed while a write is under way makes the next one.
 */
import type { UserId } from "../../core/ids.ts";
import type { Store } from "../../core/ports.ts";
import { DRAFTS } from "../limits.ts";
import type { DraftPort } from "../ui/port.ts";

const PREFIX = "draft/";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface Drafts extends DraftPort {
  /** Resolves when everything typed so far is written, or could not be. */
  settled(): Promise<void>;
  forget(contact: UserId): void;
}

export async function loadDrafts(store: Store): Promise<Drafts> {
  const texts = new Map<string, string>();
  for (const { key, value } of await store.read(PREFIX)) texts.set(key.slice(PREFIX.length), decoder.decode(value));
  const dirty = new Set<string>();
  let writing: Promise<void> | null = null;

  const writeAll = async () => {
    while (dirty.size > 0) {
      const batch = [...dirty].map((contact) => {
        const text = texts.get(contact) ?? "";
        return { key: PREFIX + contact, value: text === "" ? null : encoder.encode(text) };
      });
      dirty.clear();
      // A draft that cannot be kept is still on the screen; where storage fails, the next message says so.
      await store.write(batch).catch(() => {});
    }
    writing = null;
  };
  const write = (contact: UserId, text: string) => {
    texts.set(contact, text.slice(0, DRAFTS.maxUnits));
    dirty.add(contact);
    writing ??= writeAll();
  };
  return {
    read: (contact) => texts.get(contact) ?? "",
    write,
    settled: () => writing ?? Promise.resolve(),
    forget: (contact) => write(contact, ""),
  };
}
