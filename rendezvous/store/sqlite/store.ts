/** Spaces in a SQLite file of this machine: the side of the store that the server talks to. */
import type { DepositorId, EnvelopeId, SpaceId } from "../../../core/ids.ts";
import type { Grant } from "../../../core/wire/spaceRequest.ts";
import type { BundleUpload, Expired, Refused, SpaceStore } from "../port.ts";
import type { Queue } from "./queue.ts";

export interface StoreParts {
  readonly queue: Queue;
  /** Ends the thread and gives up the lock. */
  end(): Promise<void>;
}

export class SqliteSpaceStore implements SpaceStore {
  readonly #parts: StoreParts;
  readonly #queue: Queue;
  #sweeping: Promise<Expired | Refused> | null = null;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#queue = parts.queue;
    // What the last run has left of spaces that were closed.
    void this.#sweep();
  }

  openSpace(space: SpaceId) {
    return this.#queue.ask({ t: "openSpace", space });
  }

  async closeSpace(space: SpaceId) {
    const answer = await this.#queue.ask({ t: "closeSpace", space });
    if (answer.t === "done") void this.#sweep();
    return answer;
  }

  hasSpace(space: SpaceId) {
    return this.#queue.ask({ t: "hasSpace", space });
  }

  setGrants(space: SpaceId, grants: readonly Grant[]) {
    return this.#queue.ask({ t: "setGrants", space, grants });
  }

  revoke(space: SpaceId, depositors: readonly DepositorId[]) {
    return this.#queue.ask({ t: "revoke", space, depositors });
  }

  putBundles(space: SpaceId, { oneTime, lastResort, replace }: BundleUpload) {
    const parts = lastResort === null ? oneTime : [...oneTime, lastResort];
    const sizes = parts.map(({ length }) => length);
    return this.#queue.ask({ t: "putBundles", space, sizes, hasLastResort: lastResort !== null, replace }, parts);
  }

  takeBundle(space: SpaceId, depositor: DepositorId, nowMs: number) {
    return this.#queue.ask({ t: "takeBundle", space, depositor, nowMs });
  }

  async deposit(space: SpaceId, depositor: DepositorId, envelopes: readonly Uint8Array[], nowMs: number) {
    const sizes = envelopes.map(({ length }) => length);
    const answer = await this.#queue.ask({ t: "deposit", space, depositor, sizes, nowMs }, envelopes);
    if (answer.t === "refused") return answer;
    return { t: "done", kept: answer.kept.map(({ serial, at }) => ({ serial, envelope: envelopes[at]! })) } as const;
  }

  fetch(space: SpaceId, after: number, limit: number, maxBytes: number) {
    return this.#queue.ask({ t: "fetch", space, after, limit, maxBytes });
  }

  ack(space: SpaceId, envelopes: readonly EnvelopeId[]) {
    return this.#queue.ask({ t: "ack", space, envelopes });
  }

  async expire(nowMs: number): Promise<Expired | Refused> {
    const marked = await this.#queue.ask({ t: "expire", nowMs });
    if (marked.t === "refused") return marked;
    const swept = await this.#sweep();
    return swept.t === "refused" ? swept : { ...swept, spaces: marked.spaces };
  }

  /** One at a time; who comes second waits for the first, and then looks again. */
  async #sweep(): Promise<Expired | Refused> {
    while (this.#sweeping !== null) await this.#sweeping;
    this.#sweeping = this.#sweepAll();
    const swept = await this.#sweeping;
    this.#sweeping = null;
    return swept;
  }

  async #sweepAll(): Promise<Expired | Refused> {
    let [envelopes, grants] = [0, 0];
    for (;;) {
      const slice = await this.#queue.ask({ t: "sweep" });
      if (slice.t === "refused") return slice;
      envelopes += slice.envelopes;
      grants += slice.grants;
      if (!slice.more) return { t: "done", envelopes, grants, spaces: 0 };
    }
  }

  usage() {
    return this.#queue.ask({ t: "usage" });
  }

  async close(): Promise<void> {
    await this.#queue.finish();
    await this.#parts.end();
  }
}
