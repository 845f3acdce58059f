/** Bounds of the TURN server and of its supervision. */
export const COTURN = {
  defaultPort: 3_478,
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
} as const;

export const SUPERVISION = {
  firstDelayMs: 500,
  maxDelayMs: 30_000,
  /** After running for this long the next failure counts as the first. */
  healthyAfterMs: 60_000,
  /** How long a new process may take to answer. */
  startTimeoutMs: 5_000,
  probeIntervalMs: 50,
  /** How long an old one may take to leave before it is killed. */
  stopTimeoutMs: 2_000,
} as const;

export const CREDENTIALS = { maxLifetimeMs: 3_600_000, idBytes: 12 } as const;
