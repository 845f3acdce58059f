/** What a client or a simulation uses of the core. */
export { deadline } from "./deadline.ts";
export type { NodeEffect, TopicInterest } from "./effect.ts";
export type { VoiceKey } from "../voice/voiceKey.ts";
export type { AskOutcome, LinkRole, LinkRoute, NodeEvent, TakeOutcome } from "./event.ts";
export { loadNode } from "./load.ts";
export { EMPTY_STATE, type NodeState } from "./state.ts";
export { type Step, step } from "./step.ts";
export { compareSafetyNumber, safetyNumberOf } from "./verification.ts";
export type * from "./view.ts";
export { conversationOf, viewOf } from "./viewOf.ts";
