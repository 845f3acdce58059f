/** Many lean clients: connected a few at a time, each under its topics, and back again when they were sent away. */
import { peerIdFromPublicKey } from "@libp2p/peer-id";
import { publicKeyFromProtobuf } from "@libp2p/crypto/keys";
import { backoffMs } from "../../client/net/backoff.ts";
import { RENDEZVOUS_PROTOCOL, rendezvousMessage } from "../../core/wire/rendezvous.ts";
import { LeanClient, Refused } from "./lean/client.ts";
import type { Identity } from "./lean/noise.ts";
import { signedRecord } from "./lean/record.ts";

export const TOPICS = 20;
const TTL_S = 7_200;

/** Clients that are connected at one time by one generator: more would measure its own queue. */
const AT_ONCE = 48;

let topics = 0;
const newTopic = (): string => (topics++).toString(16).padStart(64, "0");

export const peerIdOf = ({ publicKey }: Identity): string =>
  peerIdFromPublicKey(publicKeyFromProtobuf(publicKey)).toString();

/** Under topics of its own, all of them confirmed; the stream is then closed, as our own client does. */
export async function register(client: LeanClient): Promise<void> {
  const stream = await client.open(RENDEZVOUS_PROTOCOL);
  const signedPeerRecord = signedRecord(client.identity);
  for (let i = 0; i < TOPICS; i++) {
    const request = { t: "register", register: { ns: newTopic(), signedPeerRecord, ttlS: TTL_S } } as const;
    await stream.sendFrame(rendezvousMessage.encode(request));
  }
  for (let i = 0; i < TOPICS; i++) {
    const answer = rendezvousMessage.decode(await stream.input.readFrame());
    if (!answer.ok || answer.value.t !== "register-response" || answer.value.status !== "OK") {
      throw new Error("a registration was refused");
    }
  }
  stream.close();
}

/** Runs `action` for each number below `count`, `AT_ONCE` of them at a time. */
export async function each(count: number, action: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await action(next++);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, work));
}

export interface Return {
  /** From the moment at which all began. */
  readonly afterMs: number;
  readonly attempts: number;
  readonly client: LeanClient;
}

/** One client's way back, as `client/net` goes it: at the second it was told, and else in a growing window. */
export async function comeBack(url: string, beganMs: number, firstPauseMs: number): Promise<Return> {
  let pauseMs = firstPauseMs;
  for (let attempts = 1;; attempts++) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    try {
      const client = await LeanClient.connect(url);
      await register(client);
      return { afterMs: performance.now() - beganMs, attempts, client };
    } catch (error) {
      const told = error instanceof Refused ? error.retryAfterS * 1_000 : 0;
      pauseMs = Math.max(told, backoffMs(attempts - 1, Math.random()));
    }
  }
}

/** So many more clients that are connected and registered, also where the server is behind and asks some to wait. */
export async function grow(url: string, crowd: LeanClient[], count: number): Promise<void> {
  await each(count, async () => void crowd.push((await comeBack(url, performance.now(), 0)).client));
}
