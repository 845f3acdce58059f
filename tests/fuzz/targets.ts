/** Everything that takes foreign bytes. */
import { AUTHENTICATED } from "./authenticated.ts";
import { DECODERS } from "./decoders.ts";
import { NODES } from "./nodes.ts";
import type { Target } from "./target.ts";

export const TARGETS: readonly Target[] = [...DECODERS, ...AUTHENTICATED, ...NODES];
