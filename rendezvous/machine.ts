/** The addresses of this machine that others can reach. */

/** Neither loopback nor the link-local addresses, which need an interface beside them. */
export const ownAddresses = (): readonly string[] =>
  Deno.networkInterfaces().map(({ address }) => address).filter(isReachable);

const isReachable = (address: string): boolean => !/^(?:127\.|::1$|fe80:|169\.254\.)/i.test(address);
