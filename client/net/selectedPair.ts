/** The pair of ICE candidates that a connection uses, from its statistics: how fast it is, and whether TURN is between. */

/** The fields of the reports of getStats that we read. */
interface Stat {
  readonly type: string;
  readonly selectedCandidatePairId?: string;
  readonly localCandidateId?: string;
  readonly remoteCandidateId?: string;
  readonly candidateType?: string;
  /** Seconds. */
  readonly currentRoundTripTime?: number;
}

export interface SelectedPair {
  readonly roundTripMs: number | null;
  /** Either end is reached through a TURN server. */
  readonly isRelayed: boolean;
}

/** `null` while no pair is selected. */
export async function selectedPair(connection: RTCPeerConnection): Promise<SelectedPair | null> {
  const reports = await connection.getStats() as unknown as ReadonlyMap<string, Stat>;
  for (const { type, selectedCandidatePairId } of reports.values()) {
    const pair = type === "transport" ? reports.get(selectedCandidatePairId ?? "") : undefined;
    if (pair === undefined) continue;
    const ends = [pair.localCandidateId, pair.remoteCandidateId].map((id) => reports.get(id ?? ""));
    const seconds = pair.currentRoundTripTime;
    return {
      roundTripMs: seconds === undefined ? null : seconds * 1_000,
      isRelayed: ends.some((end) => end?.candidateType === "relay"),
    };
  }
  return null;
}
