/** One device's part in one guild: what the node, and a simulation, see of it. */
export type { LiveEffect } from "./effect.ts";
export type { LiveEvent } from "./event.ts";
export { doorsOf, pagesOf } from "./keeping.ts";
export { loadGuild } from "./load.ts";
export { enterGuild, foundGuild } from "./open.ts";
export type { LiveGuild } from "./state.ts";
export { liveStep } from "./step.ts";
export type { LiveStep } from "./step.ts";
export { liveDeadline } from "./tick.ts";
