/**
 * A voice packet: what one datagram carries. `kind | loss | frame`, or, with redundancy,
 * `kind | loss | length of the newer frame (2) | newer frame | older frame`, both sealed long before.
 * `loss` tells the receiver of this packet how much of its own stream went missing, in 1/256: it only decides whether
 * that one carries frames twice, so a lie costs bandwidth and nothing else.
 */
import { ok, refuse, type Result } from "../errors.ts";
import { VOICE } from "../limits.ts";

export interface VoicePacket {
  /** Fraction lost of what the packet's sender should have got, 0 to 255 of 256. */
  readonly loss256: number;
  readonly frame: Uint8Array;
  /** The frame sealed before `frame`, a second time. */
  readonly previous: Uint8Array | null;
}

const enum Kind {
  Single = 1,
  Redundant = 2,
}

export function encodeVoicePacket({ loss256, frame, previous }: VoicePacket): Uint8Array<ArrayBuffer> {
  const headBytes = previous === null ? 2 : 4;
  const packet = new Uint8Array(headBytes + frame.length + (previous?.length ?? 0));
  packet[0] = previous === null ? Kind.Single : Kind.Redundant;
  packet[1] = loss256;
  packet.set(frame, headBytes);
  if (previous !== null) {
    packet[2] = frame.length >> 8;
    packet[3] = frame.length & 0xff;
    packet.set(previous, headBytes + frame.length);
  }
  return packet;
}

/** The frames are views of `packet`. */
export function decodeVoicePacket(packet: Uint8Array): Result<VoicePacket, "voice.malformed"> {
  if (packet.length < 3 || packet.length > VOICE.maxPacketBytes) return refuse("voice.malformed");
  const loss256 = packet[1]!;
  if (packet[0] === Kind.Single) return ok({ loss256, frame: packet.subarray(2), previous: null });
  if (packet[0] !== Kind.Redundant || packet.length < 6) return refuse("voice.malformed");
  const end = 4 + ((packet[2]! << 8) | packet[3]!);
  if (end === 4 || end >= packet.length) return refuse("voice.malformed");
  return ok({ loss256, frame: packet.subarray(4, end), previous: packet.subarray(end) });
}
