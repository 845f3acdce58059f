/** When a client that is turned away, or sent off, should come again: told different seconds, they do not come at once. */

/** From 1 to `spreadS`, whole seconds. `random` is uniform in [0, 1). */
export const randomReturnS = (spreadS: number, random: () => number = Math.random): number =>
  1 + Math.floor(random() * spreadS);
