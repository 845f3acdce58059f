/** Seeds that once found a fault, each with what it was; they are run again in every test run. */
export const REGRESSION_SEEDS: readonly { readonly seed: number; readonly was: string }[] = [
  { seed: 12, was: "two who invited each other at once met under different topics" },
  { seed: 15, was: "a refusal was lost when its link was closed behind it" },
  { seed: 33, was: "a lost welcome was never asked for again" },
  { seed: 6, was: "a direct dial outlived the link that had allowed it" },
  { seed: 3, was: "a visitor that lost its session before the welcome waited for ever" },
  { seed: 14, was: "an inviter that lost its session was cut off by the visitor it asked for another" },
  { seed: 288, was: "a request for a new session that was lost was not made again" },
];
