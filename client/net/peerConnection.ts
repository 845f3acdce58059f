/**
 * A subclass of RTCPeerConnection, put in the place of the browser's own before @libp2p/webrtc looks for it. Import this
 * file first.
 */

/** What the ICE agents of this page found out about the TURN server. */
export type TurnVerdict = "works" | "refused";

type TurnListener = (verdict: TurnVerdict) => void;
const listeners = new Set<TurnListener>();

export function onTurnVerdict(listener: TurnListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const report = (verdict: TurnVerdict) => listeners.forEach((listener) => listener(verdict));

/** STUN error codes by which a TURN server turns us away (RFC 8489, section 9.2.4; RFC 8656, section 5). */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 431, 437, 438, 441, 442, 486, 508]);

export function watchTurn(connection: RTCPeerConnection): void {
  const hasTurn = () =>
    (connection.getConfiguration().iceServers ?? []).some(({ urls }) =>
      [urls].flat().some((url) => /^turns?:/.test(url))
    );
  let gotRelay = false;
  connection.addEventListener("icecandidate", ({ candidate }) => {
    if (candidate?.type !== "relay") return;
    gotRelay = true;
    report("works");
  });
  connection.addEventListener("icecandidateerror", ({ errorCode }) => {
    if (REFUSALS.has(errorCode)) report("refused");
  });
  // A server that does not answer gives an error for each interface, also for those that never could reach it. So the
  // end decides: credentials, and no relayed candidate.
  connection.addEventListener("icegatheringstatechange", () => {
    if (connection.iceGatheringState === "complete" && hasTurn() && !gotRelay) report("refused");
  });
}

/**
 * While connecting, the initiator waits for its channel "init" to open and then closes it. The responder closes it as
 * soon as it sees it, and when that is sooner the initiator waits until its dial times out. So the responder's `close`
 * does nothing here; the initiator's closes both ends.
 */
export function keepInitChannelOpen(connection: RTCPeerConnection): void {
  connection.addEventListener("datachannel", ({ channel }) => {
    if (channel.label === "init") channel.close = () => {};
  });
}

/** The browser's own, for trials that tell nothing of the connections that count. */
export const PlainPeerConnection = globalThis.RTCPeerConnection;

export function installPeerConnection(scope: { RTCPeerConnection?: typeof RTCPeerConnection }): void {
  const Original = scope.RTCPeerConnection;
  if (Original === undefined) return;
  scope.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      keepInitChannelOpen(this);
      watchTurn(this);
    }
  };
}

installPeerConnection(globalThis);
