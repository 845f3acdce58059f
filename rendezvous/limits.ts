/** Every bound of the server, by name and with its unit. What both ends must agree on stands in `core/limits.ts`. */

const KIB = 1_024;
const MIB = 1_024 * KIB;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;

export const HTTP = {
  headersTimeoutMs: 10 * SECOND_MS,
  requestTimeoutMs: 30 * SECOND_MS,
  maxHeaderBytes: 16 * KIB,
  maxUrlBytes: 2 * KIB,
  /** No route reads a body; what comes is thrown away up to here, then the connection is. */
  maxBodyBytes: 4 * KIB,
  maxFileBytes: 32 * MIB,
} as const;

export const CONNECTIONS = {
  max: 12_000,
  /** Per IPv4 address or IPv6 /56. The machine's own loopback has no such limit: a proxy connects from there. */
  maxPerPrefix: 256,
  /** Connections opened from one prefix: a token bucket. */
  opensPerSecond: 5,
  openBurst: 256,
  /** Handshakes at one time: each costs a millisecond of X25519 and Ed25519, so these are a quarter of a second's work. */
  maxPendingUpgrades: 256,
  /** The same of one prefix, so that one that never finishes its handshakes leaves room for others. */
  maxPendingPerPrefix: 64,
  upgradeTimeoutMs: 15 * SECOND_MS,
  /** A connection without a stream, registration or reservation, and of which nothing was heard for so long, is closed. */
  maxIdleMs: 10 * 60 * SECOND_MS,
  idleSweepMs: 60 * SECOND_MS,
  /** A message of the WebSocket. Noise frames have 64 KiB, and a client may send several as one. */
  maxMessageBytes: MIB,
  /** What is sent in one turn goes out together, up to this. */
  maxSentMessageBytes: 256 * KIB,
  /** Bytes waiting in the socket, above which no more is handed to it until it has drained. */
  highWaterBytes: MIB,
  /** Bytes that may wait in front of a socket which is full. */
  maxWriteBufferBytes: 8 * MIB,
  /** A socket that stays full for this long belongs to a reader that does not read: it is cut off. */
  maxStallMs: 15 * SECOND_MS,
  /** What one client may send over time; above it the socket is not read for a while. */
  bytesPerSecond: 2 * MIB,
  burstBytes: 16 * MIB,
  /** Pings of the WebSocket keep proxies from closing an idle connection and find clients that vanished. */
  pingIntervalMs: 25 * SECOND_MS,
  /** Circuits in both directions, and what else a client has open. */
  maxStreams: 768,
  maxStreamWindowBytes: MIB,
} as const;

/** TCP connections that are no WebSocket yet, or never will be. */
export const HALF_OPEN = {
  max: 2_000,
  maxPerPrefix: 256,
  /** From its opening, or its last answer, to a whole request: whoever says nothing is let go. */
  idleMs: 10 * SECOND_MS,
  /** From a request to the end of its answer: the client's largest file at 2 Mbit/s. */
  answerMs: 120 * SECOND_MS,
  tlsHandshakeMs: 10 * SECOND_MS,
} as const;

/** When the server turns new connections away, and for how long. Those that stand are served as before. */
export const SHEDDING = {
  sampleIntervalMs: 250,
  /** How late the event loop is. */
  maxLagMs: 1_000,
  maxResidentBytes: 3 * 1_024 * MIB,
  /** Whoever is turned away is told a random number of seconds up to this. */
  maxRetryS: 30,
  /** WebSockets that are being told, by their closing, when to come again; above that they get no more than a 503. */
  maxTelling: 512,
  maxTellingMs: 2 * SECOND_MS,
} as const;

/** A stop by SIGTERM: all of it is below the ten seconds after which service managers kill. */
export const STOPPING = {
  /** Clients that are asked back each second: each costs the next run 3 to 5 ms, and of 10,000 the last comes in 100 s. */
  returnsPerSecond: 100,
  minReturnS: 2,
  /** For what is under way on the streams to spaces, then for the closings of the WebSockets. */
  closingMs: 2 * SECOND_MS,
  /** Everything together; what is not done by then is left. */
  totalMs: 8 * SECOND_MS,
} as const;

export const STREAMS = {
  /** Bytes of a frame's length, enough for 2^28. */
  maxLengthBytes: 4,
} as const;

export const RELAY = {
  maxReservations: CONNECTIONS.max,
  reservationTtlMs: 2 * HOUR_MS,
  /**
   * A circuit carries the conversation of two people who may never get a direct connection: keep-alives of 300 bytes
   * each 15 seconds (3.5 MiB a day both ways), and thousands of messages padded to 256 bytes and more.
   */
  circuitBytes: 64n * BigInt(MIB),
  circuitDurationMs: 24 * HOUR_MS,
  /** Circuits that one client may have opened, and that may have been opened to it. */
  maxCircuitsOut: 256,
  maxCircuitsIn: 256,
  hopTimeoutMs: 15 * SECOND_MS,
} as const;

export const REGISTRATIONS = {
  /** Namespaces of one peer: two days' topics of each contact, and its invites. */
  maxPerPeer: 5_000,
  /** Peers under one namespace. A topic belongs to two people and a few devices; an invite to its visitors. */
  maxPerNamespace: 256,
  maxTotal: 1_000_000,
  minTtlS: 60,
  /** A registration outlives its connection by this much, so that a short loss of it shows nowhere. */
  lingerMs: 30 * SECOND_MS,
  sweepIntervalMs: 5 * SECOND_MS,
  maxRequestBytes: 8 * KIB,
  /** Requests of one connection: a token bucket. A client with 2,000 contacts registers twice that at its start. */
  requestsPerSecond: 50,
  requestBurst: 6_000,
  maxStreamsPerConnection: 4,
  streamIdleMs: 60 * SECOND_MS,
  /** Bytes of records in one DISCOVER response, so that it stays below the largest message. */
  maxResponseBytes: 48 * KIB,
} as const;

export const PRESENCE = {
  maxStreamsPerConnection: 2,
  /** Namespaces watched over all connections. */
  maxWatchedTotal: 1_000_000,
  /** Watch lists of one connection: a token bucket. */
  listsPerSecond: 1,
  listBurst: 20,
  /** Frames that wait for one watcher, above which its stream is closed. */
  maxPendingFrames: 20_000,
} as const;

/** What a store keeps for people who are away. What one request may hold stands in `core/limits.ts`. */
export const KEPT = {
  maxCount: 100_000,
  /** Depositors of one space: each contact, and each open invite. */
  maxGrants: 4_500,
  maxGrantsTotal: 2_000_000,
  maxOneTimeBundles: 200,
  /** Mail in one space, from all its depositors. */
  maxWaiting: 10_000,
  maxWaitingBytes: 64 * MIB,
  /** Mail and bundles of all spaces. */
  maxTotalBytes: 16 * 1_024 * MIB,
  /** Days of service after which mail that nobody fetched is deleted. */
  maxMailAgeDays: 30,
  /** Days for which a grant must have been seen as ended before it is deleted. */
  endedGrantDays: 7,
  /** Days after which a space that its owner has not used is deleted with everything in it. */
  unusedDays: 180,
} as const;

export const STORE = {
  /** Operations in one transaction, and bytes of them: more of them wait for the next. */
  maxBatchOperations: 512,
  maxBatchBytes: 8 * MIB,
  /** Operations for which a second batch is sent while the first is under way; fewer wait, and share its sync. */
  secondBatchOperations: 128,
  /** What waits for the store, above which it says that it is busy: about a second's work. */
  maxQueuedOperations: 20_000,
  maxQueuedBytes: 64 * MIB,
  /** Five pieces of mail to a page: the densest and fastest of all sizes that were measured. */
  pageBytes: 32 * KIB,
  cacheBytes: 64 * MIB,
  /** Pages of the write-ahead log after which it is written back into the file: 32 MiB, some 40 ms. */
  checkpointPages: 1_000,
  /** How long is waited for another program that holds the database, an operator's own perhaps. */
  lockedTimeoutMs: 2 * SECOND_MS,
  /** Rows of spaces and depositors that are kept in memory between transactions. */
  maxCachedRows: 50_000,
  /** Rows that are deleted in one turn of a sweep. */
  sliceRows: 256,
  /** Kept for the day on which the disk is full: more than the write-ahead log takes, so that mail can still go. */
  reserveBytes: 48 * MIB,
  /** How often a full disk is tried again, by writing the reserve anew. */
  retryFullMs: 5 * SECOND_MS,
  /** A larger file is not read as a whole at each start: that takes about a second for each GiB. */
  maxCheckedBytes: 4 * 1_024 * MIB,
} as const;

/** Streams to spaces, on either protocol of theirs. What is kept is bounded above. */
export const SPACES = {
  /** On each of the two protocols. */
  maxStreamsPerConnection: 4,
  /** From the challenge to the whole entry. */
  entryTimeoutMs: 10 * SECOND_MS,
  /** From a frame's first byte to its last. */
  frameTimeoutMs: 30 * SECOND_MS,
  /** A stream without a request for so long is closed; an owner's mailbox stream is not, since it waits for mail. */
  idleMs: 5 * 60 * SECOND_MS,
  /** A stream whose reader takes nothing for so long is cut off. */
  maxStallMs: 15 * SECOND_MS,
  /** A stream that we have closed is reset when the client does not close its side by then. */
  closeTimeoutMs: 5 * SECOND_MS,
  /** How often the times above are looked at. */
  checkIntervalMs: 2 * SECOND_MS,
  /** Entries of one connection, a millisecond of Ed25519 each: a token bucket. */
  entriesPerSecond: 1,
  entryBurst: 32,
  /** The same of all connections from one address prefix; above it they are told to come back. */
  prefixEntriesPerSecond: 20,
  prefixEntryBurst: 512,
  /** Requests of one connection: a token bucket. */
  requestsPerSecond: 100,
  requestBurst: 500,
  /** Requests of one stream that wait for their answers, and the bytes of them and of what they are answered. */
  maxInFlight: 16,
  maxInFlightBytes: MIB,
  /** The same of all streams together, and of frames that have come in part. */
  maxHeldBytes: 128 * MIB,
  /** Where that is too much, streams are cut whose frame has been on its way for so long: no honest one takes it. */
  lateFrameMs: 2 * SECOND_MS,
  /** Spaces made from one address prefix: a token bucket, of 20 an hour. */
  makingsPerSecond: 20 / 3_600,
  makingBurst: 20,
  /** Wrong join codes from one address prefix, the machine's own as well: a token bucket. */
  wrongCodesPerSecond: 1 / 60,
  wrongCodeBurst: 10,
  /** What is asked again after: a queue that was full; a disk that was; a mailbox whose owner has to come first. */
  retryBusyS: 2,
  retryFullS: 600,
  retryQuotaS: 600,
  /** When a server stops, its clients come back at random within this time, so that they do not come all at once. */
  maxReturnS: 20,
  /** What is under way gets this long to be finished then. */
  drainMs: 5 * SECOND_MS,
  sweepIntervalMs: HOUR_MS,
} as const;

export const DELIVERY = {
  /** Streams of one space that get its mail live: two of a client that lost one, and room. The oldest is closed. */
  maxOwners: 4,
  /** Between two frames of mail on one stream: a frame costs as much as twenty pieces of mail in it. */
  intervalMs: 20,
  /** Mail that waits for one stream until it is sent, the same turn or when a page has been read. */
  maxPendingBytes: 512 * KIB,
  /** Mail sent live to one stream and not acknowledged yet; beyond that its owner fetches, as fast as it keeps it. */
  maxUnacknowledged: 500,
} as const;

export const TAKING = {
  /** Bundles handed out to one connection, and of one space: token buckets. A grant has its own limit. */
  connectionPerSecond: 0.1,
  connectionBurst: 20,
  spacePerSecond: 0.05,
  spaceBurst: 120,
  /** Spaces whose buckets are remembered. */
  maxSpaces: 20_000,
} as const;

export const TURN = {
  credentialLifetimeMs: HOUR_MS,
  /** How often it is looked whether the secret is to be replaced. */
  rotationCheckMs: 10 * 60 * SECOND_MS,
  /** Credentials given to one address prefix: a token bucket. */
  credentialsPerSecond: 0.5,
  credentialBurst: 60,
} as const;

/** Address prefixes whose buckets are remembered; full buckets are forgotten first. */
export const RATE = { maxPrefixes: 20_000 } as const;

/** Of the check that everything works. */
export const DOCTOR = {
  answerTimeoutMs: 5 * SECOND_MS,
  maxAnswerBytes: 16 * KIB,
  loginLifetimeMs: 60 * SECOND_MS,
  /** URLs of relays that are tried. */
  maxUrls: 16,
  /** A certificate that ends sooner is worth a word. */
  shortCertificateDays: 14,
} as const;

export const CERTIFICATE = {
  /** How often it is looked whether the files hold another one. */
  checkIntervalMs: 10 * 60 * SECOND_MS,
} as const;

export const METRICS = {
  /** Bounds of the histogram of operations of the store, in seconds. */
  storeSeconds: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
} as const;
