/** The bounds of a store that tests make smaller; the server's own stand in `rendezvous/limits.ts`. */
import { KEPT } from "../limits.ts";

type Numbers<T> = { readonly [K in keyof T]: number };

export type SpaceLimits = Numbers<typeof KEPT>;

export const DEFAULT_LIMITS: SpaceLimits = KEPT;
