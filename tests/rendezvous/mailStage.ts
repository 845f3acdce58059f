/** A rendezvous that keeps mail in memory, spaces on it, and mail that looks sealed. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { MAILBOX } from "../../core/limits.ts";
import { addressOf, depositorOf, grantOf, type SpaceKeys, spaceKeys } from "../../core/mailbox/space.ts";
import type { MailAddress } from "../../core/wire/mailAddress.ts";
import { SEALED_BUNDLE_BYTES } from "../../core/wire/sealedBundle.ts";
import { SEALED_LENGTHS } from "../../core/wire/sealedMail.ts";
import type { SpaceAnswer } from "../../core/wire/spaceAnswer.ts";
import type { Grant } from "../../core/wire/spaceRequest.ts";
import type { LoadProbe } from "../../rendezvous/load.ts";
import type { MailOptions } from "../../rendezvous/mail.ts";
import type { RendezvousOptions } from "../../rendezvous/server.ts";
import type { SpaceLimits } from "../../rendezvous/store/limits.ts";
import { MemorySpaceStore } from "../../rendezvous/store/memory.ts";
import type { SpaceStore } from "../../rendezvous/store/port.ts";
import {
  type DepositorClient,
  enterDepositor,
  enterOwner,
  enterTaker,
  enterUploader,
  type Line,
  type OwnerClient,
  type Unasked,
} from "./mailClient.ts";
import { type Client, type HandClock, withServer, type World } from "./support.ts";
import { WebSocket } from "../../rendezvous/ws/socket.ts";

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** Mail of the smaller length that a server cannot tell from any other. */
export function sealed(length: number = SEALED_LENGTHS[0]!): Uint8Array {
  const mail = random(length);
  mail[0] = 1;
  return mail;
}

export function sealedBundle(): Uint8Array {
  const bundle = random(SEALED_BUNDLE_BYTES);
  bundle[0] = 1;
  return bundle;
}

export const inMemory = (limits: Partial<SpaceLimits> = {}): MailOptions => ({
  folder: "nowhere",
  joinCode: null,
  openStore: ({ clock }) => Promise.resolve(new MemorySpaceStore(clock.nowMs(), limits)),
});

/** Keeps what it is given by hand. */
export const keptBy = (store: SpaceStore): MailOptions => ({ ...inMemory(), openStore: () => Promise.resolve(store) });

export interface Stage extends World {
  line(): Promise<Line>;
  /** A space that is made, its owner's stream, and an address of it that is granted. */
  space(grant?: Partial<Grant>): Promise<OwnSpace>;
}

export interface OwnSpace {
  readonly keys: SpaceKeys;
  readonly owner: OwnerClient;
  readonly line: Line;
  readonly address: MailAddress;
  grant(grant?: Partial<Grant>): Promise<MailAddress>;
}

export const lineOf = ({ node, server }: Client): Line => ({ connection: server, peer: node.peerId });

/** A busy test machine turns nobody away. */
const CALM: LoadProbe = { lagMs: () => 0, residentBytes: () => 0 };

export async function withMail(
  options: Partial<RendezvousOptions>,
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  await withServer({ mail: inMemory(), load: CALM, ...options }, async (world) => {
    const line = async () => lineOf(await world.client());
    await play({
      ...world,
      line,
      async space(granted) {
        const keys = spaceKeys(random(32));
        const ownLine = await line();
        const owner = await enterOwner(ownLine, keys);
        expectDone(await owner.ask({ t: "open", joinCode: null }));
        const grant = (changes?: Partial<Grant>) => grantAddress(owner, keys, changes);
        return { keys, owner, line: ownLine, address: await grant(granted), grant };
      },
    });
  });
}

export async function grantAddress(
  owner: OwnerClient,
  keys: SpaceKeys,
  changes: Partial<Grant> = {},
): Promise<MailAddress> {
  const address = newAddress(keys);
  expectDone(await owner.ask({ t: "grant", grants: [{ ...grantOf(address, null), ...changes }] }));
  return address;
}

export const newKeys = (): SpaceKeys => spaceKeys(random(32));
export const newAddress = (keys: SpaceKeys): MailAddress => addressOf(keys, "mail.example", random(32));

export const expectDone = (answer: SpaceAnswer | null): void => assert.equal(answer?.t, "done", JSON.stringify(answer));

export function expectRefused(answer: SpaceAnswer | null, reason: string): number {
  assert.ok(answer?.t === "refused" && answer.reason === reason, `${reason}, not ${JSON.stringify(answer)}`);
  return answer.retryAfterS;
}

type Mail = Extract<SpaceAnswer, { readonly t: "mail" }>;

export async function fetchPage(owner: OwnerClient, after = 0, limit: number = MAILBOX.maxFetched): Promise<Mail> {
  const answer = await owner.ask({ t: "fetch", after, limit });
  assert.equal(answer?.t, "mail", JSON.stringify(answer));
  return answer as Mail;
}

export async function deposit(depositor: DepositorClient, count = 1): Promise<readonly Uint8Array[]> {
  const envelopes = Array.from({ length: count }, () => sealed());
  expectDone(await depositor.ask({ t: "deposit", envelopes }));
  return envelopes;
}

export async function hears<T extends Unasked["t"]>(
  owner: OwnerClient,
  t: T,
): Promise<Extract<Unasked, { readonly t: T }>> {
  const heard = await owner.hear();
  assert.equal(heard?.t, t, JSON.stringify(heard));
  return heard as Extract<Unasked, { readonly t: T }>;
}

/** Lets time pass in steps between which clients can answer pings. */
export async function pass(clock: HandClock, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 20_000) {
    clock.advance(20_000);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Runs `play` with clients that a proxy says come from `address`. */
export async function from(address: string, play: () => Promise<void>): Promise<void> {
  class Forwarded extends WebSocket {
    constructor(url: string) {
      super(url, { headers: { "x-forwarded-for": address } });
    }
  }
  Object.assign(globalThis, { WebSocket: Forwarded });
  await play().finally(() => Object.assign(globalThis, { WebSocket }));
}

export { depositorOf, enterDepositor, enterOwner, enterTaker, enterUploader };
