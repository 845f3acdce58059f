/** Bounds of the client's adapters, by name and with their units. Those of the protocol stand in core/limits.ts. */
import { MAILBOX } from "../core/limits.ts";

export const STORAGE = {
  /** Changes of the key index that are kept apart before they are folded into one snapshot. */
  maxIndexParts: 512,
} as const;

export const DRAFTS = {
  /** UTF-16 units. A text that is too long to be sent is still kept, so that it can be cut or divided. */
  maxUnits: 200_000,
} as const;

/** What is fetched before it is needed. */
export const PREFETCH = {
  /** A busy page is taken to be idle after this long. */
  idleWithinMs: 2_000,
  /** From an attempt that failed to the next. */
  retryMs: 30_000,
} as const;

export const DRIVER = {
  /** Events that one durable write can answer for. */
  maxBatchEvents: 256,
  /** A deadline that has passed already is answered after this long, so that a stuck one cannot spin. */
  minTickMs: 20,
  /** Longer waits are cut into pieces, because a browser's timer holds 2^31 ms. */
  maxTickMs: 3_600_000,
  /** After a write that failed, the clock's next event waits this long. */
  retryWriteMs: 5_000,
} as const;

/** The test of the connection that a person asks for. */
export const CONNECTION_TEST = {
  /** For each thing that is tried. */
  stepTimeoutMs: 10_000,
  onlineWithinMs: 5_000,
  pollMs: 100,
  /** Sent through the relay, and back. */
  messages: 10,
} as const;

export const NET = {
  /** One dial of the rendezvous, of a circuit or of a direct connection, with its stream. */
  dialTimeoutMs: 10_000,
  /** ICE over slow networks and TURN needs longer than a circuit. */
  directDialTimeoutMs: 20_000,
  /** The first window in which a lost connection is tried again, and the least that is waited in any of them. */
  firstReturnMs: 1_000,
  minReturnMs: 50,
  /** Servers that are remembered to have asked us to stay away. */
  maxResting: 64,
  maxConnections: 400,
  /** Everybody who dials us comes in through the one relay. */
  inboundPerSecond: 50,
  maxPendingInbound: 32,
  /** Streams of the peer protocol that one connection may hold at once. */
  maxLinksPerConnection: 4,
  /** Pings find a connection to the rendezvous that has died silently. Most deaths are heard of at once. */
  pingIntervalMs: 60_000,
  pingTimeoutMs: 10_000,
} as const;

export const PEER_LINK = {
  /** Bytes that may wait for a peer who does not read; more, and the peer is cut off. */
  maxQueuedBytes: 4 * 1024 * 1024,
  /** How long a full stream may stay full. */
  maxStallMs: 20_000,
  /** Frames given to the core and not yet answered, above which the stream is not read on. */
  maxPendingFrames: 64,
} as const;

export const DISCOVERY = {
  /** Registrations ask for this long and are made anew after half of it. */
  ttlS: 7_200,
  answerTimeoutMs: 10_000,
  /** Requests sent before their answers have come. */
  requestsAhead: 32,
  /** The server takes one watch list a second; changes in between are gathered. */
  watchIntervalMs: 1_100,
  /** An attempt at registering or watching that failed while the connection stands is made again after this. */
  retryMs: 5_000,
  /** The largest message of the rendezvous. */
  maxFrameBytes: 64 * 1024,
  maxWaitingFrames: 256,
} as const;

export const MAIL = {
  maxFrameBytes: MAILBOX.maxAnswerBytes,
  /** Pages and what comes unasked: 1.3 MB at most. */
  maxWaitingFrames: 4,
  /** From a request to its answer, which comes after a commit; without one the connection is given up. */
  answerTimeoutMs: 30_000,
  /** Opening a piece costs up to 3 ms: after so many the page can draw. */
  deliveredAtOnce: 8,
  /** Connections to the spaces of others at one time. */
  maxVisits: 8,
  /** A visit that has nothing more to do lasts this long, since more often follows. */
  lingerMs: 30_000,
  /** Requests to the spaces of others that wait, above which they count as lost. */
  maxErrands: 1_000,
  offerTimeoutMs: 10_000,
} as const;

export const ICE = {
  /** Credentials are used for at most this long, whatever the server's clock says. */
  maxAgeMs: 50 * 60_000,
  /** They are fetched anew this long before they end. */
  marginMs: 2 * 60_000,
  /** After a failure, or where there is no TURN server, we ask again after this. */
  retryMs: 60_000,
  fetchTimeoutMs: 5_000,
} as const;
