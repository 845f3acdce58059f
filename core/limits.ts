/** Every bound of the protocol, by name and with its unit. A number that limits anything stands here and nowhere else. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const WIRE = {
  /** The deepest nesting any of our structures needs is 5. */
  maxDepth: 8,
  /** One frame on a peer link: the largest padded text bucket with its prekey message around it, and room. */
  maxFrameBytes: 64 * 1024,
} as const;

/** Until the end of the year 9999: what a calendar can show. */
export const TIME = { maxMs: 253_402_300_799_999 } as const;

export const RATCHET = {
  /** Messages that may be missing in front of the one at hand before it is refused. */
  maxForwardJump: 2_000,
  /** Message keys kept for messages that have not arrived yet, over all chains of a session; the oldest go first. */
  maxSkippedKeys: 1_000,
  /** Receiving chains whose skipped keys are kept. */
  maxOldChains: 5,
  /** A fresh ML-KEM-768 secret is due after this many messages, or this time, since the last one went in. */
  mixAfterMessages: 50,
  mixAfterMs: 7 * DAY_MS,
} as const;

export const PREKEYS = {
  /** One-time prekeys that a device keeps ready, of each kind. */
  oneTimeCount: 20,
  signedRotationMs: 7 * DAY_MS,
  /** How long a rotated signed prekey can still open a first message. */
  signedGraceMs: 14 * DAY_MS,
  /** One-time prekeys handed out and not yet used; beyond them bundles carry the signed prekeys only. */
  maxIssued: 200,
  /** First messages that used no one-time prekey and are remembered, so that a copy of one is refused. */
  maxReplayCache: 1_000,
} as const;

export const SESSION = {
  /** The largest padded text with ratchet header, handshake and tag is 17,758 bytes. */
  maxEnvelopeBytes: 18 * 1024,
  /** A stored session: 1,000 skipped keys of 36 bytes, the handshake, and room. */
  maxRecordBytes: 48 * 1024,
  /** Stored prekeys: pairs of 1.4 kB, issued ones included, and the replay cache. */
  maxPrekeysRecordBytes: 512 * 1024,
} as const;

/** Sender keys: SPEC section 6a. */
export const GROUP = {
  /** A chain is replaced after this many messages or this time: one that only ratchets never heals. */
  maxMessages: 1_000,
  reseedAfterMs: 7 * DAY_MS,
  /** Messages under one signature. */
  maxBlock: 64,
  /** Devices that hold one chain. */
  maxHolders: 10_000,
  /** Chains kept of one sender in one channel; the newest stay. */
  maxChains: 5,
  /** Message keys kept for messages that have not arrived yet, over all chains of a sender; the latest stay. */
  maxSkippedKeys: 1_000,
  /** Digests of messages that a signature has vouched for and that have not been opened yet; the latest stay. */
  maxVouched: 32,
  /** The largest padded text with its head of 131 bytes, a path of 6 digests and the tag is 16,723 bytes. */
  maxEnvelopeBytes: 17 * 1024,
  maxDistributionBytes: 512,
  maxSenderRecordBytes: 1024,
  maxHoldersRecordBytes: 384 * 1024,
  /** Five chains and a thousand skipped keys of 36 bytes. */
  maxReceiverRecordBytes: 64 * 1024,
  /** Pairwise messages that hand a chain over in one step, about 40 us each: a step holds a thread for milliseconds. */
  handoverStepCount: 32,
  /** The same where each takes a Diffie-Hellman step first, about 1.2 ms. */
  handoverTurnCount: 3,
} as const;

/** Keys that sign many messages: SPEC section 6a. */
export const VERIFYING = {
  /** The signature by one key for which a table of its multiples is made: it takes as long as four checks without. */
  tableFromUse: 4,
  /** Keys that are remembered, with tables of 128 kB each. */
  maxKeys: 64,
  /** Signatures that were found good, by a hash of 64 characters. */
  maxKnownGood: 4_096,
} as const;

/** Signed ops: SPEC section 17. */
export const LOG = {
  /** An op joins at most so many branches; where there are more, the next op joins the rest. */
  maxParents: 16,
  maxTypeBytes: 32,
  maxBodyBytes: 7 * 1024,
  /** Body, 16 parents of 34 bytes, and the map around them. */
  maxOpBytes: 8 * 1024,
  maxSignedBytes: 8 * 1024 + 128,
  /** Ops whose parents have not come yet; the earliest go first, and are asked for again. */
  maxWaiting: 2_000,
  /** Ops of one person that no rank stands behind, and that others did not build upon. */
  maxUnranked: 512,
  /** Ops for which there is no room, of one person and in all; the latest stay. */
  maxParkedOfPerson: 32,
  maxParked: 256,
} as const;

/** Two members' logs brought together: SPEC section 20. All of it counts for one peer and one guild. */
export const SYNC = {
  /** A page of 1,024 ids has 35 KiB, one of 1,000 devices 56; a frame fits one on a peer link. */
  maxFrameBytes: 60 * 1024,
  /** Ids in one frame of heads, and in what a want says to have. */
  maxIds: 1_024,
  /** Frames of heads at one time: the deepest are told. */
  maxHeadFrames: 4,
  /** Heads of the peer's that are kept to be asked for. */
  maxKept: 4_096,
  /** Ids in one want; one request is under way at a time. */
  maxWanted: 64,
  maxOps: 1_024,
  maxEntries: 1_000,
  maxVectorPages: 16,
  /** Bytes of an answer that are not ops, and of each op's place in it. */
  answerBytes: 64,
  perOpBytes: 3,
  answerTimeoutMs: 15 * SECOND_MS,
  /** Requests in a row without an answer, after which nothing is asked until the peer says new heads. */
  maxUnanswered: 3,
  /** After an answer that brought nothing. */
  fruitlessPauseMs: 2 * SECOND_MS,
  maxRetryAfterMs: MINUTE_MS,
  minRetryAfterMs: SECOND_MS,
  /** What a peer can have sent to it; a request that finds little costs this much, for the search. */
  servedBurstBytes: 8 * 1024 * 1024,
  servedBytesPerS: 1024 * 1024,
  minServedBytes: 8 * 1024,
  /** What each op counts for that is passed on the way to others. */
  passedBytes: 8,
  /** Ops that a peer sends and that are known or refused, until no more is asked of it for a while. */
  wasteBurstBytes: 4 * 1024 * 1024,
  wasteBytesPerS: 16 * 1024,
  /** Parents that a peer was asked for and does not have; the earliest are asked for again. */
  maxTried: 1_024,
} as const;

/** Roles, channels and members: SPEC sections 18 and 19. */
export const GUILD = {
  /** Ranks count downwards from the founder, who has 0. */
  maxRank: 1_000,
  /** Of those who have no role. */
  noRank: 1_001,
  maxNameBytes: 64,
  maxTopicBytes: 1_024,
  maxActionBytes: 32,
  /** Capabilities of one role, and actions of one override. */
  maxCapabilities: 64,
  maxActions: 32,
  /** What a removal can list of the last content that was seen: 134 bytes each, which the body has to hold. */
  maxSeen: 48,
  maxInviteUses: 1_000_000,
  maxServers: 16,
  maxServerBytes: 255,
  maxPosition: 10_000,
  /** Heads at which a guild as it was is remembered: about 4 MB each where it has 10,000 ops. */
  maxHindsights: 16,
  /** Channels, and devices in each, of which it is remembered by which ops they read: some hundred bytes each. */
  maxAnswers: 2_000,
  /** Ten years, in seconds. */
  maxRetentionS: 315_360_000,
} as const;

/** Secrets of a guild that a removal replaces: SPEC section 23. */
export const DEAL = {
  /** As the heads of content. */
  maxHeads: 16,
  /** 16 heads of 34 bytes, four keys, a signature, and the map around them. */
  maxBytes: 1_023,
  /** Deals kept, and those whose heads are not here yet; current ones of one device. */
  maxKept: 32,
  maxWaiting: 32,
  maxOfDevice: 2,
  maxRecordBytes: 80 * 1024,
  maxListed: 64,
  maxListBytes: 1_200,
  /** How long members who were away still find the way by a deal that is not current any more. */
  graceMs: 30 * DAY_MS,
  /** The same by one that had ended before it came here. */
  lateGraceMs: 3 * DAY_MS,
  /** Who did not make the departure leaves the deal to who did for so long, and to each who comes before them. */
  politeMs: 3 * SECOND_MS,
  maxPoliteMs: MINUTE_MS,
  /** Admissions that came to nothing and are looked at closely, for each deal; with more of them the deal is not current. */
  maxDoubts: 8,
} as const;

/** Joining a guild by a link, also when nobody is there: SPEC section 23. */
export const JOIN = {
  /** As the token of an invite, so that a QR code of it can be read from a screen. */
  maxTokenBytes: 640,
  /** Of the servers that a guild lists, the first that fit. */
  maxServers: 4,
  /** A deal after padding. */
  doorBytes: 1_024,
  /** Doors of one link that a newcomer opened: a keeper may have old ones too. */
  maxDoors: 4,
  /** Bytes of a page after padding: an op or two, a few, and as many as there are. */
  bucketsBytes: [2 * 1024, 16 * 1024, 64 * 1024, 128 * 1024],
  maxPageOps: 1_024,
  /** Bytes of a list of ops that are not ops, and of each op's place in it. */
  pageBytes: 64,
  perOpBytes: 3,
  maxCheckpointBytes: 1_024,
  /** A snapshot: of 1,000 members and 100 channels some 100 kB. A guild that needs more has no checkpoint. */
  maxSnapshotBytes: 2 * 1024 * 1024,
  snapshotPartBytes: 120_000,
  maxSnapshotParts: 18,
  maxMembers: 10_000,
  maxDevices: 100,
  maxBanned: 10_000,
  maxRoles: 1_000,
  maxChannels: 1_000,
  maxOverrides: 10_000,
  maxInvites: 1_000,
  /** Ops taken into the log in one step, about 0.4 ms each; one that introduces a device has several signatures. */
  sliceCost: 20,
  introductionCost: 10,
  /** Ops that have come and are not in the log yet. */
  maxQueueBytes: 64 * 1024 * 1024,
} as const;

/** One device's part in a guild: SPEC section 26. */
export const LIVE = {
  /** After a start: how long a device waits for a peer that shows what it has of ours. */
  quietMs: 20 * SECOND_MS,
  /** Ops that a person wants meanwhile. */
  maxUndone: 64,
  /** What a person has said and no chain has sealed yet. */
  maxUnsaid: 5_000,
  /** Envelopes of one channel whose keys are not here; the earliest go, and come again. */
  maxSealed: 512,
  /** How long the number that such an envelope came as is not asked for again. */
  sealedMs: 2 * MINUTE_MS,
  /** Chains whose keys are tried in one step: 2 ms each. */
  triedChains: 4,
  /** A peer that names deals we do not have is told which we have, so that it tells us. */
  sayDealsEveryMs: 5 * SECOND_MS,
  /** How long until a peer that still does not have a deal is told it again. */
  tellDealEveryMs: MINUTE_MS,
  /** How long a peer is not told of what came from another: ops and content come in swarms. */
  tellAfterMs: 100,
  /** Devices of which it is remembered what of a chain they are offered. */
  maxOfferedTo: 256,
} as const;

/** Profiles of members, and their sync with one peer: SPEC section 25. Names have `GUILD.maxNameBytes`. */
export const PROFILE = {
  maxStatusBytes: 128,
  maxPictureBytes: 8 * 1024,
  maxNumber: 2 ** 48 - 1,
  /** Name, status, three ids, a hash, and the map around them. */
  maxBytes: 512,
  maxSignedBytes: 640,
  maxFrameBytes: 60 * 1024,
  /** Digests of parts of the whole, by the first byte of people's ids. */
  buckets: 64,
  bucketBytes: 8,
  /** Entries of 80 bytes in one frame. */
  maxEntries: 700,
  /** People in one request; one is under way at a time. */
  maxWanted: 64,
  /** What a peer says to have, and is newer, that is kept to be asked for; and pictures to be asked of one peer. */
  maxKept: 2_000,
  maxPictures: 64,
  /** A peer is told what is new this often at most, all of it at once. */
  tellEveryMs: 2 * SECOND_MS,
  answerTimeoutMs: 15 * SECOND_MS,
  maxUnanswered: 3,
  /** After an answer that brought nothing. */
  fruitlessPauseMs: 2 * SECOND_MS,
  /** Where all that is wanted is asked of other peers already. */
  elsewherePauseMs: SECOND_MS / 2,
  minRetryAfterMs: SECOND_MS,
  maxRetryAfterMs: MINUTE_MS,
  /** What a peer can have sent to it: 1,000 records have 350 kB, and as many pictures 8 MB. */
  servedBurstBytes: 2 * 1024 * 1024,
  servedBytesPerS: 256 * 1024,
  minServedBytes: 1024,
  /** Records that a peer sends and that are known or refused, until no more is asked of it for a while. */
  wasteBurstBytes: 1024 * 1024,
  wasteBytesPerS: 4 * 1024,
} as const;

/** Content of channels: SPEC section 21. */
export const CONTENT = {
  /** Heads that content is written under; an author who sees more writes an op that joins them first, or names some. */
  maxHeads: 16,
  maxKindBytes: 32,
  maxBodyBytes: 15_000,
  /** UTF-8 bytes of one text, so that it fits with its time. */
  maxTextBytes: 14_900,
  /** The greatest Lamport time: nothing can be later, and more than there will ever be content of a channel. */
  maxLamport: 2 ** 48,
  /** On disk: plaintext and envelope. */
  maxRecordBytes: 36 * 1024,
  /** Body, 16 heads of 34 bytes, and the map around them: it fits the largest padding bucket. */
  maxBytes: 16_000,
  /** Different content under one number: two prove it, and more proves nothing else. */
  maxForks: 2,
} as const;

/** Keys of channels, between members' devices: SPEC section 22. All of it counts for one guild. */
export const GUILD_KEYS = {
  /** Devices of one person that read: who adds more gains nothing, and costs others no more handshakes. */
  maxDevicesOfReader: 32,
  /** One pairwise message, with the word around it that says what it is. */
  maxFrameBytes: 15_800,
  /** Chains in one want or answer. */
  maxChains: 48,
  /** Of a chain in an answer: device, chain, key and signature. */
  chainBytes: 200,
  /** Message keys in one want or answer, which take 8 ms to be tried, and the bytes of each. */
  maxKeys: 200,
  keyBytes: 36,
  /** Ranges of one chain in one want, 4 bytes each. */
  maxRanges: 40,
  /** What an answer is besides chains and keys. */
  answerBytes: 128,
  /** Channels in one `again`. */
  maxChannels: 450,
  /** Channels of which a peer was not given all that it asked for. */
  maxOwed: 900,
  /** Chains of which keys are wanted at one time; more are taken when these have come. */
  maxWantedChains: 1_000,
  answerTimeoutMs: 15 * SECOND_MS,
  /** Nothing is asked for so long after a failure; twice that after the next, and so on. */
  firstPauseMs: 2 * SECOND_MS,
  maxPauseMs: 10 * MINUTE_MS,
  /** Answers in a row with nothing in them, after which each further one counts as a failure. */
  maxFruitless: 32,
  /** Devices that left after failures, and are remembered for them; the latest stay. */
  maxRemembered: 256,
  /** `again` is said, and heeded, at most this often. */
  againEveryMs: 5 * SECOND_MS,
  /** What a peer can be given; each answer counts for at least so much, and each place that is looked up. */
  servedBurstBytes: 1024 * 1024,
  servedBytesPerS: 64 * 1024,
  minServedBytes: 4 * 1024,
  lookupBytes: 40,
  /** Heads that one answer looks back from: each takes as long as ruling on the guild, 50 ms for 10,000 ops. */
  maxLookBacks: 1,
  lookBackBytes: 48 * 1024,
  /** Chains that wait for the ops that make their device a reader: of all devices, and of one. */
  maxEarly: 256,
  maxEarlyOfDevice: 16,
  /** The same peer is handed a chain again, of which it asks for keys, at most this often. */
  handAgainMs: MINUTE_MS,
} as const;

/** Content of channels brought together between two members: SPEC section 24. All of it counts for one peer and one guild. */
export const CSYNC = {
  /** As that of the log: it fits one frame on a peer link. */
  maxFrameBytes: 60 * 1024,
  digestBytes: 16,
  /** Channels in one frame of digests: 70 bytes each. */
  maxDigests: 800,
  /** Chains on one page: about 105 bytes each, so that bytes end a page first. */
  maxEntries: 800,
  /** In one entry; of a chain with more holes there are several entries. */
  maxRanges: 32,
  /** Ends that are named in one entry, the newest: an honest chain has one for each range. */
  maxTips: 64,
  /** Links to what is not here that are looked at, the newest of a chain: an honest chain has one for each gap. */
  maxAwaited: 1_024,
  /** Pages of one channel: a thousand devices take two. */
  maxPages: 64,
  /** Numbers in one want, and ids: about what one answer holds. */
  maxWanted: 128,
  maxWantedIds: 64,
  /** Items of one answer: two under each number that was asked for. */
  maxItems: 256,
  /** Ranges and ends of chains that are kept of what a peer offers; above that no page is asked for. */
  maxKept: 4_096,
  /** Bytes of an answer that are not entries or items, at most; those of an item beside its envelope, and of a chain. */
  answerBytes: 96,
  perItemBytes: 72,
  perChainBytes: 192,
  answerTimeoutMs: 10 * SECOND_MS,
  /** Requests in a row without an answer, after which what the peer offered is forgotten. */
  maxUnanswered: 3,
  /** After each of them it is not asked for so much longer, so that others are first. */
  slowPauseMs: 5 * SECOND_MS,
  maxSlowPauseMs: MINUTE_MS,
  /** After an answer that brought nothing. */
  fruitlessPauseMs: 2 * SECOND_MS,
  maxRetryAfterMs: MINUTE_MS,
  minRetryAfterMs: SECOND_MS,
  /** What came is told to others together with what comes until then. */
  tellAfterMs: 2 * SECOND_MS,
  /** Own content that is sent unasked; what is above that is told instead. */
  pushBurst: 64,
  pushesPerS: 8,
  /** Bytes of offers and digests that a peer may say unasked; above that its channels are asked for one by one. */
  saidBurstBytes: 1024 * 1024,
  saidBytesPerS: 32 * 1024,
  /** What a peer can have sent to it; a request that finds little costs this much, for the search. */
  servedBurstBytes: 8 * 1024 * 1024,
  servedBytesPerS: 1024 * 1024,
  minServedBytes: 8 * 1024,
  /** What a peer sends and nobody asked for, is here already or is not authentic, until it is asked no more for a while. */
  wasteBurstBytes: 4 * 1024 * 1024,
  wasteBytesPerS: 16 * 1024,
} as const;

export const PADDING = {
  /** Bytes of plaintext after padding; a message takes the smallest that holds it. */
  textBucketsBytes: [256, 1024, 4096, 16384],
} as const;

export const MESSAGE = {
  /** UTF-8 bytes of one text message, so that it fits the largest padding bucket with its envelope fields. */
  maxTextBytes: 15_000,
  /** Any content message, before padding. */
  maxContentBytes: 16_000,
  /** One in the outbox. */
  maxOutboxRecordBytes: 16_100,
  /** Sequence numbers that one receipt can list above the contiguous ones. */
  maxReceiptExtras: 256,
  /** Messages of a conversation that are kept in memory; older ones are read from the store when asked for. */
  windowCount: 200,
  /** Undelivered messages of one conversation. */
  maxOutbox: 5_000,
  /** How long an undelivered message waits on a live link before it is sent again. */
  resendAfterMs: 10 * SECOND_MS,
  /** Messages put on a link before their receipts have come back. */
  maxInFlight: 64,
  /** Messages that may be missing below the newest of an author; beyond that the newest is refused and sent again. */
  maxGap: 2_000,
  /** How far one message can move a conversation's Lamport time. */
  maxLamportStep: 2 ** 20,
  /** Messages of a conversation in memory after reading back; the earliest are then dropped from memory. */
  maxWindowCount: 4_000,
} as const;

export const NAME = { maxBytes: 64 } as const;

export const SAFETY_NUMBER = {
  /** As Signal's numeric fingerprint: it makes a second key with the same digits dearer to look for. */
  iterations: 5_200,
  /** Iterations between two breaths: about 2 ms, and a few where the machine is busy. */
  sliceIterations: 500,
  /** A pasted code or number, spaces included: room for the codes of later versions. */
  maxTextLength: 1_000,
} as const;

export const INVITE = {
  lifetimeMs: 7 * DAY_MS,
  maxOpen: 50,
  secretBytes: 32,
  /** Without the address of a mailbox some 200. */
  maxTokenBytes: 640,
  /** After its end, visitors on an invite still hear for this long that it has expired. */
  answerExpiredMs: DAY_MS,
  /** Ended invites kept in memory and on disk. */
  maxEnded: 50,
} as const;

export const TOPIC = {
  periodMs: DAY_MS,
  /** Around midnight UTC both days' topics are served, so that two clocks which disagree still meet. */
  overlapMs: 2 * HOUR_MS,
} as const;

export const LINK = {
  /** A link that has not proven its device by then is closed. */
  proofTimeoutMs: 15 * SECOND_MS,
  /** An introduction that has not been answered on a link by then is made again on another. */
  greetTimeoutMs: 15 * SECOND_MS,
  keepAliveMs: 15 * SECOND_MS,
  /** Silence after which a link counts as dead. */
  idleTimeoutMs: 40 * SECOND_MS,
  maxUnproven: 32,
  /** How long a relayed link outlives the direct one that took over, so that what is under way still arrives. */
  retireAfterMs: 5 * SECOND_MS,
  maxPerContact: 3,
  /** Frames accepted on one link: a token bucket. */
  framesPerSecond: 200,
  frameBurst: 2_000,
} as const;

export const RECONNECT = {
  firstDelayMs: 500,
  maxDelayMs: 30 * SECOND_MS,
  /** Failed dials of one PeerId, over some four minutes, before it is forgotten, if its registration has not ended before. */
  maxAttempts: 12,
  /** Tries at a direct connection beside a relayed link: a browser allows a tab only so many in its life. */
  maxUpgrades: 6,
  /** PeerIds that are known under topics of ours: each contact has a few, of runs that have ended. */
  maxPeers: 8_000,
  /** A link that lasted this long was a good one: after it the backoff begins anew. */
  stableAfterMs: 30 * SECOND_MS,
  /** The peer with the larger PeerId leaves the first try to the other one for this long. */
  politeDelayMs: 3 * SECOND_MS,
} as const;

export const CONTACT = {
  maxCount: 2_000,
  maxSessions: 3,
  /** A new session with a contact, asked for or begun, at most this often. */
  renewEveryMs: 10 * SECOND_MS,
} as const;

/** Spaces on a rendezvous, and the sealed mail in them: SPEC section 9a. */
export const MAILBOX = {
  /**
   * Bytes of mail after padding. The smaller holds every envelope of the text buckets up to 4,096, with a handshake in
   * front as well, and those are what short texts and parts of a KEM exchange take: a length tells nothing of turns.
   */
  bucketsBytes: [6 * 1024, 19 * 1024],
  /** A bundle after padding: the largest has 2,048 bytes. */
  bundleBytes: 2_304,
  maxServerBytes: 255,
  /** Name of the server, three keys, a seed, and the map around them. */
  maxAddressBytes: 512,
  /** Challenge, or key, space and signature, and the map around them. */
  maxEntryBytes: 256,
  /** Envelopes of sessions in one piece of mail. */
  maxInOneMail: 64,
  /** Mail in one deposit: where frames carry more, an acknowledgement costs less, and one is lost with more. */
  maxDeposited: 32,
  /** 32 of the smaller length, or 16 of the larger: the largest request. An upload of 20 bundles has 48 kB. */
  maxRequestBytes: 320 * 1024,
  /** Mail of the smaller length, 50 of them, or 16 of the larger: the largest answer. */
  maxAnswerBytes: 320 * 1024,
  maxFetched: 50,
  maxAcked: 500,
  maxBundlesAtOnce: 20,
  maxGrantsAtOnce: 100,
  maxJoinCodeBytes: 64,
  maxRetryAfterS: 3_600,
  /** The most that a grant can say. */
  maxWaiting: 5_000,
  maxWaitingBytes: 64 * 1024 * 1024,
  maxBundles: 100,
  /** One-time bundles that an owner leaves with its server, and below how many it is told to leave more. */
  stockCount: 20,
  lowStockCount: 5,
  /** Bundles made and uploaded in one step: 3 ms each. */
  uploadStepCount: 5,
  /** Mail that a device asks for at once: opening a piece takes milliseconds. */
  pageCount: 10,
  /** Contacts that are left mail in one step: 2 ms each, and as much again for each further text. */
  leaveStepCount: 2,
  /** Deposits, and bundles that are taken, at one time. */
  maxErrands: 64,
  /** Keys for contacts made in one step: a millisecond each. */
  keysStepCount: 10,
  /** Depositors whose revocation a server has yet to hear of: all contacts there can be, and invites. */
  maxRevoking: 4_000,
  /** Without a link for this long, a contact counts as away and is left mail. */
  patienceMs: 3 * SECOND_MS,
  /** The same while our own server has not registered the key by which the contact could answer. */
  grantPatienceMs: 15 * SECOND_MS,
  /** A text that was put on a link and has no receipt after this long is left as mail as well. */
  overdueMs: 5 * SECOND_MS,
  /** Texts of one deposit, and the bytes of their envelopes: so many the largest pieces stay below a request. */
  depositTexts: 64,
  depositBytes: 120 * 1024,
  /** The oldest undelivered messages of a conversation are left as mail; the others wait for those to arrive. */
  maxMailed: 2_000,
  /** Left again when there was no receipt for so long: servers keep mail for 30 days. */
  remailAfterMs: 25 * DAY_MS,
  /** A deposit that was refused is tried again after this long, twice that, and so on. */
  refusedRetryMs: 5 * MINUTE_MS,
  maxRetryMs: HOUR_MS,
  /** What our own server refused is asked again after this long, or later where it says so. */
  refusedPauseMs: MINUTE_MS,
  /** A contact that writes while we are away: 300 short texts, or 100 of the longest. */
  contactGrant: { maxWaiting: 500, maxWaitingBytes: 2 * 1024 * 1024, maxBundles: 10 },
  /** Whoever holds an invite: an introduction, and twice more where it was lost. */
  inviteGrant: { maxWaiting: 3, maxWaitingBytes: 32 * 1024, maxBundles: 3 },
} as const;

/** Call control messages (offers, answers, keys, WebRTC signals) inside ratchet messages. */
export const VOICE_CONTROL = { maxBytes: 12_000 } as const;

export const VOICE = {
  sampleRateHz: 48_000,
  bitrateBps: 64_000,
  maxPacketBytes: 1_200,
  /** Two frames and their heads fit one packet. */
  maxFrameBytes: 590,
  /** One WebRTC signal: an SDP with its candidates. */
  maxSignalBytes: 8 * 1024,
  /** A media secret is replaced after this time or this many packets, whichever comes first. */
  rekeyAfterMs: 30 * SECOND_MS,
  rekeyAfterPackets: 10_000,
  /** The next key is announced this long before the switch. */
  announceAheadMs: 2 * SECOND_MS,
  /** An announcement that was not acknowledged is sent again after this long. */
  keyResendMs: SECOND_MS,
  /** Receiving keys that are kept of one sender: current, next, and one whose packets are still on their way. */
  maxReceivingKeys: 3,
  /** People in one call. */
  maxPeers: 99,
  /** The old key opens packets for at most this long after the switch. */
  oldKeyMs: 10 * SECOND_MS,
  /** Where the receiver misses a larger part than this, each packet carries the frame before it as well. */
  redundancyAboveLoss: 0.02,
  /** Packets behind the newest that can still be accepted, each once. */
  replayWindow: 512,
  ringTimeoutMs: 45 * SECOND_MS,
  connectTimeoutMs: 20 * SECOND_MS,
} as const;

/** What client and rendezvous accept of each other; the server's own bounds stand in `rendezvous/limits.ts`. */
export const RENDEZVOUS = {
  /** A DISCOVER response, the largest message; requests are far smaller. */
  maxMessageBytes: 64 * 1024,
  /** Protobuf fields of one message. */
  maxFields: 256,
  /** libp2p/specs, rendezvous: a namespace has at most 255 bytes. */
  maxNamespaceBytes: 255,
  /** A signed peer record: a key of 36 bytes, a signature of 64, and a dozen relayed addresses. */
  maxRecordBytes: 4 * 1024,
  maxCookieBytes: 64,
  maxStatusTextBytes: 256,
  /** Registrations in one DISCOVER response. */
  maxRegistrations: 100,
  /** libp2p/specs, rendezvous: 2 hours unless asked otherwise, at most 72. */
  defaultTtlS: 2 * 3_600,
  maxTtlS: 72 * 3_600,
  /** Namespaces of one watch: each contact has one, or two around midnight, and each open invite. */
  maxWatched: 5_000,
  maxWatchBytes: 512 * 1024,
  maxPresenceBytes: 6 * 1024,
  /** The longest that a server can ask a client to stay away. */
  maxRetryAfterS: 300,
  maxPeerIdBytes: 128,
} as const;

export const PLAYOUT = {
  /** Packets kept per sender: more than any delay that is caught up with. */
  maxPackets: 128,
  /** Span of the histogram of transit times; packets outside of it move it. */
  histogramMs: 1_024,
  /** The most that is waited for slow packets. */
  maxTargetMs: 500,
  /** A stall that is longer is not caught up with: what is older than this above the target is skipped. */
  maxExcessMs: 400,
  /** Without a packet for this long the sender counts as silent, and playing starts anew with its next one. */
  idleAfterMs: 1_000,
} as const;
