/** Bounds of the TURN server and of its supervision. */
export const COTURN = {
  realm: "securecomm",
  defaultPort: 3_478,
  defaultTlsPort: 5_349,
  /** UDP ports of relayed addresses. */
  relayPorts: { first: 49_152, last: 51_151 },
  /** Allocations under one user name: a mesh of six people makes a few with each, over UDP and over TCP. */
  userQuota: 64,
  /** As many as there are relay ports. */
  totalQuota: 2_000,
  /** Bytes per second of one allocation: a dozen voices, or a file at a fair pace. */
  maxBytesPerSecond: 1_000_000,
  nonceLifetimeS: 600,
  secretBytes: 32,
  /** Then new credentials are made with another secret; the old one is good for those it made. */
  secretLifetimeMs: 24 * 3_600_000,
} as const;

export const SUPERVISION = {
  firstDelayMs: 500,
  maxDelayMs: 30_000,
  /** After running for this long the next failure counts as the first. */
  healthyAfterMs: 60_000,
  /** How long a new process may take to answer. */
  startTimeoutMs: 5_000,
  probeIntervalMs: 50,
  lateIntervalMs: 1_000,
  /** Of one that runs: how often it is asked, and when it is not trusted any more, and ended. */
  watchIntervalMs: 2_000,
  watchTimeoutMs: 1_000,
  silencesToMistrust: 2,
  silencesToEnd: 15,
  /** How long an old one may take to leave before it is killed. */
  stopTimeoutMs: 2_000,
  /** How long one of an earlier run may take to leave: coturn waits for up to ten seconds first. */
  leaveTimeoutMs: 15_000,
  leavePollMs: 200,
  consoleTimeoutMs: 3_000,
} as const;

export const CREDENTIALS = { maxLifetimeMs: 3_600_000, idBytes: 12 } as const;

/** Of the client that tries a relay. */
export const STUN = {
  /** More than coturn, or anybody, puts into one message. */
  maxMessageBytes: 2_048,
  maxAttributes: 64,
  /** Retransmissions over UDP: after this, and after twice that, and so on (RFC 8489, 6.2.1). */
  firstRetryMs: 250,
  /** How long an answer may take, retransmissions and all. */
  answerTimeoutMs: 4_000,
  connectTimeoutMs: 4_000,
  /** Messages that wait to be read; more are dropped. */
  maxWaiting: 64,
  /** Datagrams that go through a relay and back before it counts as working, and how many may be lost of them. */
  datagrams: 10,
  datagramsNeeded: 5,
  dataTimeoutMs: 3_000,
} as const;
