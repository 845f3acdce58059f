/** The store that the server uses. */
export { openSpaceStore, type StoreOptions } from "./sqlite/open.ts";
export type { StoreTrouble } from "./sqlite/messages.ts";
