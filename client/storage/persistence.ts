/** Whether the browser may throw our records away when the disk gets full. */

/** `evictable`: it may, without asking; people should be told to install the app or to keep their recovery words. */
export type Persistence = "persistent" | "evictable" | "unknown";

/** Asks the browser to keep our records. Some ask the person, most decide by how much the site is used. */
export async function requestPersistence(): Promise<Persistence> {
  const storage = globalThis.navigator?.storage;
  if (storage?.persist === undefined) return "unknown";
  try {
    return (await storage.persisted()) || (await storage.persist()) ? "persistent" : "evictable";
  } catch {
    return "unknown";
  }
}

/** Bytes that the site uses and may use at most, or `null` where the browser does not say. */
export async function storageUse(): Promise<{ readonly usedBytes: number; readonly quotaBytes: number } | null> {
  const estimate = await globalThis.navigator?.storage?.estimate?.();
  if (estimate?.usage === undefined || estimate.quota === undefined) return null;
  return { usedBytes: estimate.usage, quotaBytes: estimate.quota };
}
