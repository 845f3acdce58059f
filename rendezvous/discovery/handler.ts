/** `/rendezvous/1.0.0`: streams, frames and rates around the answers in `requests.ts`. */
import type { Connection } from "@libp2p/interface";
import { rendezvousMessage } from "../../core/wire/rendezvous.ts";
import { Bucket } from "../bucket.ts";
import { frameStream } from "../frames.ts";
import { REGISTRATIONS } from "../limits.ts";
import { type StreamHandler, violation } from "../service.ts";
import { type Discovery, Registrant, REQUEST_RATE } from "./requests.ts";

interface Seat {
  readonly registrant: Registrant;
  readonly bucket: Bucket;
}

export function rendezvousHandler(discovery: Discovery): StreamHandler {
  const seats = new WeakMap<Connection, Seat>();

  function seatOf(connection: Connection): Seat {
    const known = seats.get(connection);
    if (known !== undefined) return known;
    const bucket = new Bucket(REQUEST_RATE, discovery.clock.nowMs());
    const seat = { registrant: new Registrant(discovery, connection.remotePeer), bucket };
    seats.set(connection, seat);
    return seat;
  }

  return async (stream, connection) => {
    const { clock } = discovery;
    const { registrant, bucket } = seatOf(connection);
    const frames = frameStream(stream, REGISTRATIONS.maxRequestBytes, clock, REGISTRATIONS.streamIdleMs);
    while (true) {
      const frame = await frames.next();
      if (frame.t === "end") return await stream.close();
      if (frame.t !== "frame") return violation(discovery, `rendezvous.${frame.t}`, connection);
      if (!bucket.take(clock.nowMs())) return violation(discovery, "rendezvous.flood", connection);
      const request = rendezvousMessage.decode(frame.bytes);
      if (!request.ok) return violation(discovery, "rendezvous.malformed", connection);
      switch (request.value.t) {
        case "register": {
          const { answer, isForged } = await registrant.register(request.value);
          await frames.send(rendezvousMessage.encode(answer));
          if (!isForged) break;
          discovery.counters.count("libp2p.violation");
          return await connection.close();
        }
        case "unregister":
          registrant.unregister(request.value);
          break;
        case "discover":
          await frames.send(rendezvousMessage.encode(registrant.discover(request.value)));
          break;
        default:
          return violation(discovery, "rendezvous.unexpected-message", connection);
      }
    }
  };
}
