/** What goes between the store and the thread that owns its file. Bytes travel in one buffer, beside the operations. */
import type { DepositorId, EnvelopeId, SpaceId } from "../../../core/ids.ts";
import type { Grant } from "../../../core/wire/spaceRequest.ts";
import type { SpaceLimits } from "../limits.ts";
import type { DepositRefusal, Refused, SpaceStore, Usage } from "../port.ts";

/** How the disk is used; the defaults stand in `rendezvous/limits.ts`. */
export interface DiskSettings {
  /** OFF is for tests: of what a missing sync shows, and of all that has nothing to do with syncs. */
  readonly synchronous: "FULL" | "OFF";
  readonly reserveBytes: number;
  readonly retryFullMs: number;
}

/** `sizes` are those of byte strings that stand one after another in the batch's buffer. */
interface Requests {
  openSpace: { readonly space: SpaceId };
  closeSpace: { readonly space: SpaceId };
  hasSpace: { readonly space: SpaceId };
  setGrants: { readonly space: SpaceId; readonly grants: readonly Grant[] };
  revoke: { readonly space: SpaceId; readonly depositors: readonly DepositorId[] };
  putBundles: {
    readonly space: SpaceId;
    readonly sizes: readonly number[];
    /** Whether the last byte string is the bundle of last resort. */
    readonly hasLastResort: boolean;
    readonly replace: boolean;
  };
  takeBundle: { readonly space: SpaceId; readonly depositor: DepositorId; readonly nowMs: number };
  deposit: {
    readonly space: SpaceId;
    readonly depositor: DepositorId;
    readonly sizes: readonly number[];
    readonly nowMs: number;
  };
  fetch: { readonly space: SpaceId; readonly after: number; readonly limit: number; readonly maxBytes: number };
  ack: { readonly space: SpaceId; readonly envelopes: readonly EnvelopeId[] };
  /** Moves the calendar, and marks what has ended. */
  expire: { readonly nowMs: number };
  /** Deletes a slice of what was marked, and of old mail. */
  sweep: Readonly<Record<never, never>>;
  usage: Readonly<Record<never, never>>;
}

type AnswerOf<Method extends Exclude<keyof SpaceStore, "close">> = Awaited<ReturnType<SpaceStore[Method]>>;

export interface Answers {
  openSpace: AnswerOf<"openSpace">;
  closeSpace: AnswerOf<"closeSpace">;
  hasSpace: AnswerOf<"hasSpace">;
  setGrants: AnswerOf<"setGrants">;
  revoke: AnswerOf<"revoke">;
  putBundles: AnswerOf<"putBundles">;
  takeBundle: AnswerOf<"takeBundle">;
  /** `at` says which of the envelopes was kept. */
  deposit:
    | { readonly t: "done"; readonly kept: readonly { readonly serial: number; readonly at: number }[] }
    | Refused<DepositRefusal>;
  fetch: AnswerOf<"fetch">;
  ack: AnswerOf<"ack">;
  expire: { readonly t: "done"; readonly spaces: number } | Refused;
  sweep:
    | { readonly t: "done"; readonly envelopes: number; readonly grants: number; readonly more: boolean }
    | Refused;
  usage: Usage | Refused;
}

export type OperationName = keyof Requests;
export type Request<T extends OperationName> = { readonly t: T } & Requests[T];
export type Operation = { [T in OperationName]: Request<T> }[OperationName];
export type Answer = Answers[OperationName];

export type ToThread =
  | {
    readonly t: "open";
    readonly folder: string;
    readonly limits: SpaceLimits;
    readonly disk: DiskSettings;
    readonly nowMs: number;
  }
  | { readonly t: "batch"; readonly operations: readonly Operation[]; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly t: "close" };

export type FromThread =
  | { readonly t: "opened" }
  | { readonly t: "cannot"; readonly sentence: string }
  /** `bytes` is the batch's buffer, to be filled again. */
  | { readonly t: "answers"; readonly answers: readonly Answer[]; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly t: "trouble"; readonly trouble: StoreTrouble }
  | { readonly t: "closed" };

/** What an operator should hear of. */
export type StoreTrouble = "damaged" | "disk-full" | "disk-has-room" | "disk-failed" | "stopped";
