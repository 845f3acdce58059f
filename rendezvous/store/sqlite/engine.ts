/** Runs batches of operations, each batch as one transaction: one sync for all that waits. */
import type { DatabaseSync } from "node:sqlite";
import type { SpaceLimits } from "../limits.ts";
import { BundleOperations } from "./bundles.ts";
import { Core, refused, type Room } from "./core.ts";
import { isDamage, isFull, isLocked } from "./database.ts";
import { GrantOperations } from "./grants.ts";
import { MailOperations } from "./mail.ts";
import type { Answer, Operation, OperationName, StoreTrouble } from "./messages.ts";
import { SpaceOperations } from "./spaces.ts";
import { SweepOperations } from "./sweep.ts";

export interface Disk extends Room {
  /** Gives up what was held for the day on which the disk is full. */
  release(): void;
}

/** What a full disk refuses by its name; to the others it is a failure like any. */
const GROWING: ReadonlySet<OperationName> = new Set(["openSpace", "setGrants", "putBundles", "takeBundle", "deposit"]);

export class Engine {
  readonly #core: Core;
  readonly #spaces: SpaceOperations;
  readonly #grants: GrantOperations;
  readonly #bundles: BundleOperations;
  readonly #mail: MailOperations;
  readonly #sweep: SweepOperations;
  /** Said once, not for every operation until the disk works again. */
  #isFailing = false;

  constructor(
    private readonly db: DatabaseSync,
    limits: SpaceLimits,
    private readonly disk: Disk,
    private readonly tell: (trouble: StoreTrouble) => void,
  ) {
    this.#core = new Core(db, limits, disk);
    this.#spaces = new SpaceOperations(this.#core);
    this.#grants = new GrantOperations(this.#core);
    this.#bundles = new BundleOperations(this.#core);
    this.#mail = new MailOperations(this.#core, this.#grants);
    this.#sweep = new SweepOperations(this.#core, this.#grants, this.#mail);
  }

  /** One answer for each operation; `bytes` holds their byte strings, one after another. All is synced on return. */
  batch(operations: readonly Operation[], bytes: Uint8Array): readonly Answer[] {
    const parts = split(operations, bytes);
    let outcome = this.#attempt(operations, parts);
    if (isFull(outcome)) {
      this.#makeRoom();
      // Without the room that was given up, what grows is refused, and the rest can go.
      outcome = this.#attempt(operations, parts);
    }
    if (Array.isArray(outcome)) {
      this.#isFailing = false;
      return outcome;
    }
    // One by one each of them would wait for the lock.
    if (isLocked(outcome)) return operations.map(() => this.#failed(outcome));
    // One by one, so that whatever cannot be done does not spoil the others.
    return operations.map((operation, at) => this.#alone(operation, parts[at]!));
  }

  #alone(operation: Operation, parts: readonly Uint8Array[]): Answer {
    const outcome = this.#attempt([operation], [parts]);
    if (Array.isArray(outcome)) return outcome[0]!;
    if (isFull(outcome) && GROWING.has(operation.t)) return refused("full") as Answer;
    return this.#failed(outcome);
  }

  #failed(error: Error): Answer {
    if (!this.#isFailing) this.tell(isDamage(error) ? "damaged" : "disk-failed");
    this.#isFailing = true;
    return refused("failed");
  }

  /** The answers, or the error after which nothing of it was done. */
  #attempt(operations: readonly Operation[], parts: readonly (readonly Uint8Array[])[]): Answer[] | Error {
    const saved = this.#core.save();
    try {
      this.db.exec("BEGIN");
      const answers = operations.map((operation, at) => this.#answer(operation, parts[at]!));
      this.#core.rows.flush();
      this.db.exec("COMMIT");
      return answers;
    } catch (error) {
      this.#rollBack();
      this.#core.restore(saved);
      return error instanceof Error ? error : new Error("unknown");
    }
  }

  #rollBack(): void {
    try {
      this.db.exec("ROLLBACK");
    } catch {
      // Some errors have rolled back already.
    }
  }

  #makeRoom(): void {
    this.disk.release();
    try {
      this.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // What is still in the log stays there: it is as durable as the rest.
    }
  }

  #answer(operation: Operation, parts: readonly Uint8Array[]): Answer {
    switch (operation.t) {
      case "openSpace":
        return this.#spaces.open(operation);
      case "closeSpace":
        return this.#spaces.close(operation);
      case "hasSpace":
        return this.#spaces.has(operation);
      case "setGrants":
        return this.#grants.set(operation);
      case "revoke":
        return this.#grants.revoke(operation);
      case "putBundles":
        return this.#bundles.put(operation, parts);
      case "takeBundle":
        return this.#bundles.take(operation);
      case "deposit":
        return this.#mail.deposit(operation, parts);
      case "fetch":
        return this.#mail.fetch(operation);
      case "ack":
        return this.#mail.ack(operation);
      case "expire":
        return this.#sweep.expire(operation);
      case "sweep":
        return this.#sweep.sweep();
      case "usage":
        return this.#spaces.usage();
    }
  }
}

function split(operations: readonly Operation[], bytes: Uint8Array): readonly (readonly Uint8Array[])[] {
  let at = 0;
  return operations.map((operation) =>
    "sizes" in operation ? operation.sizes.map((size) => bytes.subarray(at, at += size)) : []
  );
}
