/** Seeds that once found a fault, each with what it was; they are run again in every test run. */
export const REGRESSION_SEEDS: readonly {
  readonly seed: number;
  readonly was: string;
  /** Whether a server keeps mail. */
  readonly mail: boolean;
}[] = [
  { seed: 12, mail: false, was: "two who invited each other at once met under different topics" },
  { seed: 15, mail: false, was: "a refusal was lost when its link was closed behind it" },
  { seed: 33, mail: false, was: "a lost welcome was never asked for again" },
  { seed: 6, mail: false, was: "a direct dial outlived the link that had allowed it" },
  { seed: 3, mail: false, was: "a visitor that lost its session before the welcome waited for ever" },
  { seed: 14, mail: false, was: "an inviter that lost its session was cut off by the visitor it asked for another" },
  { seed: 288, mail: false, was: "a request for a new session that was lost was not made again" },
];

/** The same of people who are never there at once. */
export const AWAY_SEEDS: readonly { readonly seed: number; readonly was: string }[] = [
  { seed: 1, was: "an introduction was left before its address could be told, and nobody could answer it" },
  { seed: 10, was: "the key of an invite was revoked before its visitor could tell where to answer" },
  { seed: 76, was: "requests that were lost used up the bundles of an invite" },
];
