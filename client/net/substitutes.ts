/**
 * What libp2p imports and this client does not use; the build puts it in the place of `@libp2p/logger` and
 * `@multiformats/dns`. Nobody reads libp2p's logs here. Its DNS asks two companies by HTTPS for `/dnsaddr` names, which
 * any peer could send: here it asks nobody, and the browser resolves the names that it dials.
 */
import type { ComponentLogger, Logger } from "@libp2p/interface";

const ignore = () => {};
const silent: Logger = Object.assign(ignore, { error: ignore, trace: ignore, enabled: false, newScope: () => silent });

export const logger = (): Logger => silent;
export const defaultLogger = (): ComponentLogger => ({ forComponent: logger });
export const peerLogger = defaultLogger;
export const prefixLogger = defaultLogger;

/** As the DNS parameters of IANA number them. */
export const RecordType = { TXT: 16 } as const;

export const dns = () => ({ query: () => Promise.reject(new Error("this client resolves no names by itself")) });
