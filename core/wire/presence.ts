/**
 * Frames of `/securecomm/presence/1`: what the poll-based rendezvous protocol lacks. A client opens one stream, says
 * which namespaces it watches, and is told of each registration under them as it is made. Each frame is CBOR behind an
 * unsigned varint length.
 */
import { RENDEZVOUS } from "../limits.ts";
import { bytes, codec, list, struct, text, type TypeOf, uint, union } from "./schema.ts";

export const PRESENCE_PROTOCOL = "/securecomm/presence/1";

const namespace = text(RENDEZVOUS.maxNamespaceBytes);

/** Client to server: the whole list of namespaces, which replaces the one sent before on this stream. */
export const watchFrame = codec(
  union({ watch: struct({ namespaces: list(namespace, RENDEZVOUS.maxWatched) }) }),
  RENDEZVOUS.maxWatchBytes,
);
export type WatchFrame = TypeOf<typeof watchFrame>;

/**
 * Server to client. `present`: somebody else registered (again) under a watched namespace, or was registered when the
 * watch began; `absent`: that peer unregistered or ran out.
 */
export const presenceFrame = codec(
  union({
    present: struct({
      namespace,
      signedPeerRecord: bytes(1, RENDEZVOUS.maxRecordBytes),
      /** Seconds that the registration has left. */
      ttlS: uint(RENDEZVOUS.maxTtlS),
    }),
    absent: struct({ namespace, peerId: text(RENDEZVOUS.maxPeerIdBytes) }),
  }),
  RENDEZVOUS.maxPresenceBytes,
);
export type PresenceFrame = TypeOf<typeof presenceFrame>;
