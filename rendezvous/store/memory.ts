/** Spaces in memory: for tests, and plain enough to hold the durable stores against. Nothing outlives the process. */
import { envelopeIdOf } from "../../core/crypto/spaceEntry.ts";
import type { DepositorId, EnvelopeId, SpaceId } from "../../core/ids.ts";
import type { Grant } from "../../core/wire/spaceRequest.ts";
import { type Calendar, firstSerial, lookAt, newCalendar } from "./calendar.ts";
import { DEFAULT_LIMITS, type SpaceLimits } from "./limits.ts";
import type {
  Acknowledged,
  BundleUpload,
  DepositRefusal,
  Done,
  Expired,
  Fetched,
  Kept,
  Refused,
  SpaceStore,
  TakenBundle,
  TakeRefusal,
  Trouble,
  Usage,
} from "./port.ts";

interface Mail {
  readonly serial: number;
  readonly depositor: DepositorId;
  readonly id: EnvelopeId;
  readonly envelope: Uint8Array;
  readonly day: number;
}

interface Depositor {
  readonly grant: Grant;
  taken: number;
  /** The day of service on which the grant was first seen as ended. */
  endedDay: number | null;
}

interface Space {
  nextSerial: number;
  readonly depositors: Map<DepositorId, Depositor>;
  mail: Mail[];
  oneTime: Uint8Array[];
  lastResort: Uint8Array | null;
  usedDay: number;
}

const DONE: Done = { t: "done" };
const refused = <R extends string>(reason: R) => ({ t: "refused", reason: reason as Exclude<R, Trouble> } as const);
const bytesOf = (all: readonly { readonly length: number }[]): number =>
  all.reduce((sum, { length }) => sum + length, 0);
const envelopesOf = (mail: readonly Mail[]) => mail.map(({ envelope }) => envelope);

export class MemorySpaceStore implements SpaceStore {
  readonly #spaces = new Map<SpaceId, Space>();
  readonly #limits: SpaceLimits;
  #calendar: Calendar;

  constructor(nowMs: number, limits: Partial<SpaceLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#calendar = newCalendar(nowMs);
  }

  // deno-lint-ignore require-await
  async openSpace(id: SpaceId) {
    if (this.#spaces.has(id)) return DONE;
    if (this.#spaces.size >= this.#limits.maxCount) return refused("full");
    this.#spaces.set(id, {
      nextSerial: firstSerial(this.#calendar),
      depositors: new Map(),
      mail: [],
      oneTime: [],
      lastResort: null,
      usedDay: this.#calendar.serviceDay,
    });
    return DONE;
  }

  // deno-lint-ignore require-await
  async closeSpace(id: SpaceId) {
    this.#spaces.delete(id);
    return DONE;
  }

  hasSpace(id: SpaceId) {
    const space = this.#spaces.get(id);
    return Promise.resolve({ t: "done", isThere: space !== undefined, left: space?.oneTime.length ?? 0 } as const);
  }

  // deno-lint-ignore require-await
  async setGrants(id: SpaceId, grants: readonly Grant[]) {
    const space = this.#spaces.get(id);
    if (space === undefined) return refused("unknown-space");
    const added = new Set(grants.map(({ depositor }) => depositor).filter((one) => !space.depositors.has(one))).size;
    if (space.depositors.size + added > this.#limits.maxGrants) return refused("quota");
    if (this.#usage().grants + added > this.#limits.maxGrantsTotal) return refused("full");
    for (const grant of grants) space.depositors.set(grant.depositor, { grant, taken: 0, endedDay: null });
    return DONE;
  }

  // deno-lint-ignore require-await
  async revoke(id: SpaceId, depositors: readonly DepositorId[]) {
    const space = this.#spaces.get(id);
    if (space === undefined) return refused("unknown-space");
    for (const depositor of depositors) space.depositors.delete(depositor);
    return DONE;
  }

  // deno-lint-ignore require-await
  async putBundles(id: SpaceId, { oneTime, lastResort, replace }: BundleUpload) {
    const space = this.#spaces.get(id);
    if (space === undefined) return refused("unknown-space");
    const all = [...(replace ? [] : space.oneTime), ...oneTime.map((sealed) => sealed.slice())];
    if (all.length > this.#limits.maxOneTimeBundles) return refused("quota");
    const isReplaced = lastResort !== null;
    const before = bytesOf(space.oneTime) + (isReplaced ? space.lastResort?.length ?? 0 : 0);
    const grownBytes = bytesOf(all) + (lastResort?.length ?? 0) - before;
    if (grownBytes > 0 && this.#usage().bytes + grownBytes > this.#limits.maxTotalBytes) return refused("full");
    space.oneTime = all;
    space.lastResort = lastResort?.slice() ?? space.lastResort;
    return { t: "done", left: all.length } as const;
  }

  // deno-lint-ignore require-await
  async takeBundle(id: SpaceId, depositorId: DepositorId, nowMs: number): Promise<TakenBundle | Refused<TakeRefusal>> {
    const found = this.#depositor(id, depositorId, nowMs);
    if (found.t === "refused") return found;
    const { space, depositor } = found;
    if (depositor.taken >= depositor.grant.maxBundles) return refused("quota");
    const sealed = space.oneTime.shift() ?? space.lastResort;
    if (sealed === null) return refused("no-bundle");
    depositor.taken++;
    return { t: "bundle", sealed: sealed.slice(), left: space.oneTime.length };
  }

  // deno-lint-ignore require-await
  async deposit(
    id: SpaceId,
    depositorId: DepositorId,
    envelopes: readonly Uint8Array[],
    nowMs: number,
  ): Promise<Kept | Refused<DepositRefusal>> {
    const found = this.#depositor(id, depositorId, nowMs);
    if (found.t === "refused") return found;
    const { space, depositor: { grant } } = found;
    const own = space.mail.filter(({ depositor }) => depositor === depositorId);
    const ids = new Set(own.map((mail) => mail.id));
    const added = envelopes.map((envelope) => ({ id: envelopeIdOf(envelope), envelope }))
      .filter((one) => !ids.has(one.id) && ids.add(one.id));
    const addedBytes = bytesOf(added.map(({ envelope }) => envelope));
    const { maxWaiting, maxWaitingBytes, maxTotalBytes } = this.#limits;
    const hasNoRoom = added.length > 0 && (
      own.length + added.length > grant.maxWaiting ||
      bytesOf(envelopesOf(own)) + addedBytes > grant.maxWaitingBytes ||
      space.mail.length + added.length > maxWaiting ||
      bytesOf(envelopesOf(space.mail)) + addedBytes > maxWaitingBytes
    );
    if (hasNoRoom) return refused("quota");
    if (added.length > 0 && this.#usage().bytes + addedBytes > maxTotalBytes) return refused("full");
    const kept = added.map((one) => ({ ...one, serial: space.nextSerial++ }));
    const day = this.#calendar.serviceDay;
    for (const { id, serial, envelope } of kept) {
      space.mail.push({ id, serial, depositor: depositorId, envelope: envelope.slice(), day });
    }
    return { t: "done", kept: kept.map(({ serial, envelope }) => ({ serial, envelope })) };
  }

  // deno-lint-ignore require-await
  async fetch(
    id: SpaceId,
    after: number,
    limit: number,
    maxBytes: number,
  ): Promise<Fetched | Refused<"unknown-space">> {
    const space = this.#spaces.get(id);
    if (space === undefined) return refused("unknown-space");
    space.usedDay = this.#calendar.serviceDay;
    const all = space.mail.filter(({ serial }) => serial > after);
    let bytes = 0;
    const taken = all.slice(0, limit).filter(({ envelope }, at) => (bytes += envelope.length) <= maxBytes || at === 0);
    const waiting = taken.map(({ serial, depositor, envelope }) => ({ serial, depositor, envelope: envelope.slice() }));
    return { t: "mail", waiting, more: all.length > waiting.length };
  }

  // deno-lint-ignore require-await
  async ack(id: SpaceId, envelopes: readonly EnvelopeId[]): Promise<Acknowledged | Refused<"unknown-space">> {
    const space = this.#spaces.get(id);
    if (space === undefined) return refused("unknown-space");
    const before = space.mail.length;
    const gone = new Set(envelopes);
    space.mail = space.mail.filter((mail) => !gone.has(mail.id));
    return { t: "done", deleted: before - space.mail.length };
  }

  // deno-lint-ignore require-await
  async expire(nowMs: number): Promise<Expired> {
    this.#calendar = lookAt(nowMs, this.#calendar);
    const { serviceDay } = this.#calendar;
    const before = this.#usage();
    for (const [id, space] of this.#spaces) {
      if (serviceDay - space.usedDay > this.#limits.unusedDays) this.#spaces.delete(id);
    }
    const spaces = before.spaces - this.#spaces.size;
    const left = this.#usage();
    for (const space of this.#spaces.values()) {
      space.mail = space.mail.filter(({ day }) => serviceDay - day <= this.#limits.maxMailAgeDays);
      for (const [id, depositor] of space.depositors) {
        depositor.endedDay = hasEnded(depositor.grant, nowMs) ? depositor.endedDay ?? serviceDay : null;
        const isOver = depositor.endedDay !== null && serviceDay - depositor.endedDay >= this.#limits.endedGrantDays;
        if (isOver) space.depositors.delete(id);
      }
    }
    const after = this.#usage();
    return { t: "done", envelopes: left.envelopes - after.envelopes, grants: left.grants - after.grants, spaces };
  }

  usage() {
    return Promise.resolve(this.#usage());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #usage(): Usage {
    const all = [...this.#spaces.values()];
    const count = (of: (space: Space) => number) => all.reduce((sum, space) => sum + of(space), 0);
    return {
      t: "done",
      spaces: all.length,
      envelopes: count(({ mail }) => mail.length),
      bytes: count(({ mail, oneTime, lastResort }) =>
        bytesOf(envelopesOf(mail)) + bytesOf(oneTime) + (lastResort?.length ?? 0)
      ),
      grants: count(({ depositors }) => depositors.size),
      bundles: count(({ oneTime }) => oneTime.length),
    };
  }

  #depositor(id: SpaceId, depositorId: DepositorId, nowMs: number) {
    const space = this.#spaces.get(id);
    if (space === undefined) return refused("unknown-space");
    const depositor = space.depositors.get(depositorId);
    if (depositor === undefined || hasEnded(depositor.grant, nowMs)) return refused("unknown-depositor");
    return { t: "found", space, depositor } as const;
  }
}

const hasEnded = ({ expiresAtMs }: Grant, nowMs: number): boolean => expiresAtMs !== null && nowMs >= expiresAtMs;
