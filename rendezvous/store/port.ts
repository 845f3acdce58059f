/**
 * Where the spaces of a rendezvous are kept: grants, prekey bundles and sealed mail. SPEC section 9a.
 *
 * A promise resolves only after its change is committed and synced: what was answered survives a loss of power. What a
 * store learns is what it must compare: keys, lengths, the order of mail in its space, and the day of its service (a
 * count of days, no date) on which mail came and a space was last used. It is told no address, no name and no time of
 * mail.
 */
import type { DepositorId, EnvelopeId, SpaceId } from "../../core/ids.ts";
import type { Grant } from "../../core/wire/spaceRequest.ts";

export interface SpaceStore {
  /** Makes the space; done as well where it is there. `full`: the server keeps as many spaces as it may. */
  openSpace(space: SpaceId): Promise<Done | Refused<"full">>;
  /** Deletes the space with everything in it; done as well where there is none. */
  closeSpace(space: SpaceId): Promise<Done | Refused>;
  /** Whether it is there, and how many one-time bundles are in it. */
  hasSpace(space: SpaceId): Promise<{ readonly t: "done"; readonly isThere: boolean; readonly left: number } | Refused>;

  /**
   * All of them, or none. A grant for a known depositor replaces its old one and forgets the bundles that it took, not
   * what it has waiting. `quota`: more depositors than a space may have. Ended ones count until `expire` finds them.
   */
  setGrants(space: SpaceId, grants: readonly Grant[]): Promise<Done | Refused<"unknown-space" | "quota" | "full">>;
  /** What a revoked depositor left stays until it is acknowledged. Unknown ones are passed over. */
  revoke(space: SpaceId, depositors: readonly DepositorId[]): Promise<Done | Refused<"unknown-space">>;

  /** All of it, or nothing. `quota`: more one-time bundles than a space may have. */
  putBundles(space: SpaceId, bundles: BundleUpload): Promise<BundlesLeft | Refused<"unknown-space" | "quota" | "full">>;
  /** Each one-time bundle is handed out once, the earliest first; when there is none, the one of last resort. */
  takeBundle(space: SpaceId, depositor: DepositorId, nowMs: number): Promise<TakenBundle | Refused<TakeRefusal>>;

  /**
   * All of them, or none. Copies of what waits from this depositor are answered `done` and not kept again.
   * `quota`: what the depositor's grant or the space has no room for; `full`: what the server has no room for.
   * Deposits into one space resolve in the order of their serials: live delivery goes by that.
   */
  deposit(
    space: SpaceId,
    depositor: DepositorId,
    envelopes: readonly Uint8Array[],
    nowMs: number,
  ): Promise<Kept | Refused<DepositRefusal>>;
  /**
   * Mail with a serial above `after`, the earliest first: at most `limit`, and at most `maxBytes` of envelopes, but one
   * at least where there is any. Counts as a use of the space.
   */
  fetch(
    space: SpaceId,
    after: number,
    limit: number,
    maxBytes: number,
  ): Promise<Fetched | Refused<"unknown-space">>;
  /** Deletes this mail, whoever left it. Unknown ids are passed over. */
  ack(space: SpaceId, envelopes: readonly EnvelopeId[]): Promise<Acknowledged | Refused<"unknown-space">>;

  /**
   * Deletes old mail, ended grants and unused spaces, a slice at a time, so that others get their turns in between.
   * To be called about once an hour: a call moves the store's calendar by one day at most, whatever the clock says, so
   * that a clock which jumps ahead for a while deletes nothing that it should not.
   */
  expire(nowMs: number): Promise<Expired | Refused>;
  usage(): Promise<Usage | Refused>;
  /** Waits for what has begun. */
  close(): Promise<void>;
}

/**
 * `busy`: too much waits for the store, nothing was done, ask again later. `failed`: the disk did not do it, and
 * nothing is known to have been done.
 */
export type Trouble = "busy" | "failed";

export type Refused<Reason extends string = never> = { readonly t: "refused"; readonly reason: Reason | Trouble };
export type Done = { readonly t: "done" };

/** A depositor that is unknown, revoked or has ended hears the same. */
type NoDepositor = "unknown-space" | "unknown-depositor";
/** `full`: the disk takes no more, and a hand-out that cannot be written down is not made. */
export type TakeRefusal = NoDepositor | "quota" | "no-bundle" | "full";
export type DepositRefusal = NoDepositor | "quota" | "full";

export interface BundleUpload {
  readonly oneTime: readonly Uint8Array[];
  /** Takes the place of the one there; `null` leaves it. */
  readonly lastResort: Uint8Array | null;
  /** Whether the one-time bundles that are there are deleted first. */
  readonly replace: boolean;
}

/** `left` counts one-time bundles. */
export type BundlesLeft = { readonly t: "done"; readonly left: number };
export type TakenBundle = { readonly t: "bundle"; readonly sealed: Uint8Array; readonly left: number };

/** What was kept of a deposit, without the copies. */
export type Kept = {
  readonly t: "done";
  readonly kept: readonly { readonly serial: number; readonly envelope: Uint8Array }[];
};

export interface Waiting {
  /**
   * Goes up with each deposit into the space, with gaps. Never used again, after a restart or a restore neither; only a
   * space that its owner closed, and made again on the same day, begins anew.
   */
  readonly serial: number;
  readonly depositor: DepositorId;
  readonly envelope: Uint8Array;
}
export type Fetched = { readonly t: "mail"; readonly waiting: readonly Waiting[]; readonly more: boolean };
export type Acknowledged = { readonly t: "done"; readonly deleted: number };
export type Expired = {
  readonly t: "done";
  readonly envelopes: number;
  readonly grants: number;
  readonly spaces: number;
};

export type Usage = {
  readonly t: "done";
  readonly spaces: number;
  readonly envelopes: number;
  /** Of envelopes and bundles. */
  readonly bytes: number;
  readonly grants: number;
  /** One-time ones. */
  readonly bundles: number;
};
