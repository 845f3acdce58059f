/** Every verdict on content, by name, with what follows from it and the rule of SPEC section 21 behind it. */
export const CONTENT_RULES = {
  permitted: { standing: "shown", rule: "CNT5" },
  // It cannot be judged yet.
  "unknown-heads": { standing: "waits", rule: "CNT4" },
  // What its author could have known.
  "unknown-device": { standing: "hidden", rule: "CNT5" },
  "not-a-member": { standing: "hidden", rule: "CNT5" },
  "device-revoked": { standing: "hidden", rule: "CNT5" },
  "device-suspended": { standing: "hidden", rule: "CNT5" },
  "lacks-permission": { standing: "hidden", rule: "CNT5" },
  "heads-go-back": { standing: "hidden", rule: "CNT7" },
  // What others did that its author says not to have known.
  "removed-meanwhile": { standing: "hidden", rule: "CNT8" },
  unvouched: { standing: "unconfirmed", rule: "CNT8" },
  "revoked-since": { standing: "unconfirmed", rule: "CNT9" },
  forked: { standing: "unconfirmed", rule: "CNT10" },
} as const;

export type ContentRule = keyof typeof CONTENT_RULES;
export type ContentFault = Exclude<ContentRule, "permitted">;
/** Only what is shown has effects; what is unconfirmed can be looked at, and says so. */
export type ContentStanding = (typeof CONTENT_RULES)[ContentRule]["standing"];
