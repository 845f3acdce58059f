/**
 * Short-lived TURN credentials (draft-uberti-behave-turn-rest-00): the user name is the second at which they expire and
 * a random id, the password an HMAC-SHA1 of that under the secret shared with coturn.
 */
import { createHmac, randomBytes } from "node:crypto";
import { CREDENTIALS } from "./limits.ts";

export interface TurnCredentials {
  readonly username: string;
  readonly credential: string;
  readonly expiresAtMs: number;
}

export interface CredentialsInit {
  readonly secret: string;
  readonly lifetimeMs: number;
  readonly nowMs: number;
  readonly randomId?: () => string;
}

/** Valid for `lifetimeMs`, at most an hour. The id names nobody: it is made anew each time. */
export function makeCredentials({ secret, lifetimeMs, nowMs, randomId = freshId }: CredentialsInit): TurnCredentials {
  const expiresAtS = Math.floor((nowMs + Math.min(lifetimeMs, CREDENTIALS.maxLifetimeMs)) / 1_000);
  const username = `${expiresAtS}:${randomId()}`;
  const credential = createHmac("sha1", secret).update(username).digest("base64");
  return { username, credential, expiresAtMs: expiresAtS * 1_000 };
}

const freshId = (): string => randomBytes(CREDENTIALS.idBytes).toString("hex");
