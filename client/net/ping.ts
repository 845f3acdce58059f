/** Whether the other end of a connection still answers (libp2p/specs, ping). */
import type { Connection } from "@libp2p/interface";
import { byteStream } from "@libp2p/utils";
import { sameBytes } from "../../core/wire/bytes.ts";
import { NET } from "../limits.ts";

const PROTOCOL = "/ipfs/ping/1.0.0";
const PAYLOAD_BYTES = 32;

export async function answersPing(connection: Connection): Promise<boolean> {
  const signal = AbortSignal.timeout(NET.pingTimeoutMs);
  try {
    const stream = await connection.newStream(PROTOCOL, { signal });
    const bytes = byteStream(stream);
    const sent = crypto.getRandomValues(new Uint8Array(PAYLOAD_BYTES));
    await bytes.write(sent, { signal });
    const echoed = await bytes.read({ bytes: PAYLOAD_BYTES, signal });
    await stream.close({ signal });
    return sameBytes(echoed.subarray(), sent);
  } catch {
    return false;
  }
}
