/** Invites whose keys belong to nobody: for whoever does not look at them. */
import type { BodyOf } from "../../core/wire/opBody.ts";

const NO_KEYS = { key: new Uint8Array(32), sealing: new Uint8Array(32), kem: new Uint8Array(1184) };

export const inviteBody = (some: Partial<Omit<BodyOf<"invite">, "t">> = {}): BodyOf<"invite"> => ({
  ...NO_KEYS,
  maxUses: null,
  expiresAtMs: null,
  ...some,
  t: "invite",
});
