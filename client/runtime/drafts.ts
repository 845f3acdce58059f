/** Unsent text, in the encrypted store. Key presses are gathered for a moment; hiding the page writes at once. */
import type { UserId } from "../../core/ids.ts";
import { MESSAGE } from "../../core/limits.ts";
import type { Store } from "../../core/ports.ts";
import { DRAFTS } from "../limits.ts";
import type { DraftPort } from "../ui/port.ts";

const PREFIX = "draft/";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface Drafts extends DraftPort {
  /** Writes what is gathered. */
  flush(): Promise<void>;
  forget(contact: UserId): void;
}

export async function loadDrafts(store: Store): Promise<Drafts> {
  const texts = new Map<string, string>();
  for (const { key, value } of await store.read(PREFIX)) texts.set(key.slice(PREFIX.length), decoder.decode(value));
  const dirty = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = async () => {
    clearTimeout(timer);
    timer = undefined;
    const batch = [...dirty].map((contact) => {
      const text = texts.get(contact) ?? "";
      return { key: PREFIX + contact, value: text === "" ? null : encoder.encode(text) };
    });
    dirty.clear();
    // A draft that cannot be kept is still on the screen; the storage problem shows where messages fail.
    if (batch.length > 0) await store.write(batch).catch(() => {});
  };
  const write = (contact: UserId, text: string) => {
    texts.set(contact, text.slice(0, MESSAGE.maxTextBytes));
    dirty.add(contact);
    timer ??= setTimeout(flush, DRAFTS.gatherMs);
  };
  return { read: (contact) => texts.get(contact) ?? "", write, flush, forget: (contact) => write(contact, "") };
}
