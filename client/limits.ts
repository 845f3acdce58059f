/** Bounds of the client's adapters, by name and with their units. Those of the protocol stand in core/limits.ts. */

export const STORAGE = {
  /** Changes of the key index that are kept apart before they are folded into one snapshot. */
  maxIndexParts: 512,
} as const;
