/** `/securecomm/presence/1`: watch lists come in, presence goes out. */
import type { Connection } from "@libp2p/interface";
import { RENDEZVOUS } from "../../core/limits.ts";
import { watchFrame } from "../../core/wire/presence.ts";
import { Bucket } from "../bucket.ts";
import { type FrameStream, frameStream } from "../frames.ts";
import { PRESENCE } from "../limits.ts";
import { type Service, type StreamHandler, violation } from "../service.ts";
import { Watcher, type Watchers } from "./watchers.ts";

export interface PresenceService extends Service {
  readonly watchers: Watchers;
}

export function presenceHandler(service: PresenceService): StreamHandler {
  const buckets = new WeakMap<Connection, Bucket>();

  function bucketOf(connection: Connection): Bucket {
    const rate = { perSecond: PRESENCE.listsPerSecond, burst: PRESENCE.listBurst };
    const bucket = buckets.get(connection) ?? new Bucket(rate, service.clock.nowMs());
    buckets.set(connection, bucket);
    return bucket;
  }

  return async (stream, connection) => {
    const watcher = new Watcher(connection.remotePeer.toString());
    const frames = frameStream(stream, RENDEZVOUS.maxWatchBytes, service.clock, null);
    const telling = tell(frames, watcher).then((end) => {
      if (end !== "overflown") return;
      service.counters.count("presence.slow-reader");
      stream.abort(new Error("presence.slow-reader"));
    });
    try {
      await listen(service, frames, watcher, bucketOf(connection), connection);
    } finally {
      service.watchers.leave(watcher);
      await telling;
      await stream.close().catch(() => {});
    }
  };
}

async function tell(frames: FrameStream, watcher: Watcher): Promise<"overflown" | "ended"> {
  while (true) {
    const next = await watcher.next();
    if (typeof next === "string") return next;
    try {
      await frames.send(next);
    } catch {
      return "ended";
    }
  }
}

async function listen(
  service: PresenceService,
  frames: FrameStream,
  watcher: Watcher,
  bucket: Bucket,
  connection: Connection,
): Promise<void> {
  while (true) {
    const frame = await frames.next();
    if (frame.t === "end") return;
    if (frame.t !== "frame") return violation(service, `presence.${frame.t}`, connection);
    const nowMs = service.clock.nowMs();
    if (!bucket.take(nowMs)) return violation(service, "presence.flood", connection);
    const list = watchFrame.decode(frame.bytes);
    if (!list.ok) return violation(service, "presence.malformed", connection);
    if (!service.watchers.watch(watcher, new Set(list.value.namespaces), nowMs)) {
      return violation(service, "presence.full", connection);
    }
    service.counters.count("presence.watching");
  }
}
