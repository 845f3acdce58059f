/** The bounds of a store that tests make smaller; the server's own stand in `rendezvous/limits.ts`. */
import { SPACES } from "../limits.ts";

type Numbers<T> = { readonly [K in keyof T]: number };

export type SpaceLimits = Numbers<typeof SPACES>;

export const DEFAULT_LIMITS: SpaceLimits = SPACES;
