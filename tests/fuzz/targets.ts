/** Everything that takes foreign bytes. */
import { DECODERS } from "./decoders.ts";
import type { Target } from "./target.ts";

export const TARGETS: readonly Target[] = [...DECODERS];
