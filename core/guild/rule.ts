/** Every verdict on an op, by name, with the rule of SPEC section 19 that it follows from. */
export const RULES = {
  valid: "GLD2",
  // What its author could have known; later ones got further.
  /** At this level: the author's rank is below it. */
  "acts-lower": "GLD2",
  "unknown-type": "LOG8",
  "not-a-member": "GLD4",
  "device-revoked": "GLD5",
  "device-suspended": "GLD16",
  "lacks-capability": "GLD6",
  "unknown-subject": "GLD8",
  "beyond-rank": "GLD6",
  "beyond-own": "GLD7",
  "roles-do-not-rise": "GLD7",
  "not-the-founder": "GLD14",
  "founder-stays": "GLD14",
  banned: "GLD12",
  "invite-not-good": "GLD12",
  // What others did meanwhile.
  "author-removed-meanwhile": "GLD9",
  "role-lost-meanwhile": "GLD9",
  "role-reduced-meanwhile": "GLD9",
  "subject-raised-meanwhile": "GLD10",
  "device-revoked-meanwhile": "GLD5",
  "invite-revoked-meanwhile": "GLD12",
  "founder-changed-meanwhile": "GLD14",
  "lost-by-several": "GLD9",
  // What it was built on.
  "rests-on-invalid": "GLD3",
} as const;

export type Rule = keyof typeof RULES;
/** Why an op has no effect. */
export type Fault = Exclude<Rule, "valid">;
