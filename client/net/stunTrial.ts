/** Whether a STUN server tells this browser its address. */
import type { ConnectionOutcome } from "../ui/port.ts";
import { PlainPeerConnection } from "./peerConnection.ts";
import { within } from "./within.ts";

/**
 * A browser that has the address which others see it at says nothing of what it heard. So silence of the server shows as
 * an error, for each interface that asked in vain, and as nothing else.
 */
export async function tryStun(iceServers: readonly RTCIceServer[], signal: AbortSignal): Promise<ConnectionOutcome> {
  const connection = new PlainPeerConnection({ iceServers: [...iceServers] });
  try {
    let failures = 0;
    const wasSeen = within(signal, (settle) => {
      connection.onicecandidate = ({ candidate }) => {
        if (candidate?.type === "srflx") settle(true);
        if (candidate === null) settle(failures === 0);
      };
      connection.onicecandidateerror = () => failures++;
    });
    connection.createDataChannel("");
    await connection.setLocalDescription();
    return await wasSeen ? "good" : "no-answer";
  } finally {
    connection.close();
  }
}
