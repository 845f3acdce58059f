/** Two connections in this page that may meet at the relay only: what one sends comes back from the other. */
import { CONNECTION_TEST } from "../limits.ts";
import type { ConnectionOutcome } from "../ui/port.ts";
import { PlainPeerConnection } from "./peerConnection.ts";
import { within } from "./within.ts";

const UNAUTHENTICATED = 401;

export async function tryRelayLoop(
  iceServers: readonly RTCIceServer[],
  signal: AbortSignal,
): Promise<ConnectionOutcome> {
  const open = () => new PlainPeerConnection({ iceServers: [...iceServers], iceTransportPolicy: "relay" });
  const [near, far] = [open(), open()];
  try {
    let [hasRelay, isRefused] = [false, false];
    far.ondatachannel = ({ channel }) => channel.onmessage = ({ data }) => channel.send(data);
    const came = within(signal, (settle) => {
      for (const [from, to] of [[near, far], [far, near]] as const) {
        from.onicecandidate = ({ candidate }) => {
          if (candidate !== null) hasRelay = true;
          else if (!hasRelay) settle(false);
          void to.addIceCandidate(candidate ?? undefined).catch(() => {});
        };
        from.onicecandidateerror = ({ errorCode }) => isRefused ||= errorCode === UNAUTHENTICATED;
      }
      echo(near.createDataChannel(""), settle);
    });
    await introduce(near, far);
    if (await came) return "good";
    if (isRefused) return "refused";
    return hasRelay ? "blocked" : "no-answer";
  } finally {
    near.close();
    far.close();
  }
}

/** Settles when all that was sent has come back. */
function echo(channel: RTCDataChannel, settle: (value: boolean) => void): void {
  let left: number = CONNECTION_TEST.messages;
  channel.onopen = () => {
    for (let n = 0; n < CONNECTION_TEST.messages; n++) channel.send(`${n}`);
  };
  channel.onmessage = () => {
    if (--left === 0) settle(true);
  };
}

async function introduce(near: RTCPeerConnection, far: RTCPeerConnection): Promise<void> {
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription!);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription!);
}
