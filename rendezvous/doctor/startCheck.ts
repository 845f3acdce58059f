/** The short check at the start: does coturn relay, with the logins that clients get? */
import { tryRelay } from "../../turn/client/trial.ts";
import type { TurnServer } from "../../turn/supervisor.ts";
import { DOCTOR } from "../limits.ts";

export interface StartCheck {
  readonly udp: boolean;
  readonly tcp: boolean;
}

/** On this machine alone: nothing outside is asked. */
export async function checkTurn(turn: TurnServer, nowMs: number): Promise<StartCheck> {
  const login = turn.credentials(DOCTOR.loginLifetimeMs, nowMs);
  const works = async (transport: "udp" | "tcp") => {
    const trial = await tryRelay({ transport, host: turn.address.listenIp, port: turn.port, login });
    return trial.t === "works";
  };
  const [udp, tcp] = await Promise.all([works("udp"), works("tcp")]);
  return { udp, tcp };
}
