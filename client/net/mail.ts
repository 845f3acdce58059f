/** Mail: our space on a rendezvous, and what is left in those of others. */
import type { NodeEffect } from "../../core/node/effect.ts";

export type MailEffect = Extract<
  NodeEffect,
  { readonly type: "ServeMailbox" | "AskMailbox" | "DepositMail" | "TakeBundle" }
>;

const TYPES: ReadonlySet<NodeEffect["type"]> = new Set<MailEffect["type"]>([
  "ServeMailbox",
  "AskMailbox",
  "DepositMail",
  "TakeBundle",
]);

export const isMailEffect = (effect: NodeEffect): effect is MailEffect => TYPES.has(effect.type);
