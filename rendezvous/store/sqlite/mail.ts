/** Sealed mail: left, fetched in order, and deleted when its reader has it. */
import { hash } from "node:crypto";
import { fromHex } from "../../../core/ids.ts";
import type { Waiting } from "../port.ts";
import { type Core, refused } from "./core.ts";
import { granted, type GrantOperations } from "./grants.ts";
import type { Answers, Request } from "./messages.ts";
import type { DepositorRow, SpaceRow } from "./rows.ts";

const ID_BYTES = 16;

/** As core/crypto's `envelopeIdOf`, by the platform's SHA-256, which takes a tenth of the time. */
const idOf = (envelope: Uint8Array): Uint8Array => hash("sha256", envelope, "buffer").subarray(0, ID_BYTES);

export class MailOperations {
  readonly #sql;

  constructor(private readonly core: Core, private readonly grants: GrantOperations) {
    const { db } = core;
    this.#sql = {
      insert: db.prepare(
        "INSERT INTO mail (space, serial, depositor, id, day, envelope) VALUES (?, ?, ?, ?, ?, ?) " +
          "ON CONFLICT (space, id, depositor) DO NOTHING",
      ),
      copy: db.prepare("SELECT 1 FROM mail WHERE space = ? AND id = ? AND depositor = ?"),
      after: db.prepare(
        "SELECT serial, depositor, envelope FROM mail WHERE space = ? AND serial > ? ORDER BY serial LIMIT ?",
      ),
      named: db.prepare("SELECT number, depositor, length(envelope) bytes FROM mail WHERE space = ? AND id = ?"),
      delete: db.prepare("DELETE FROM mail WHERE number = ?"),
    };
  }

  deposit(request: Request<"deposit">, envelopes: readonly Uint8Array[]): Answers["deposit"] {
    const found = granted(this.core, request);
    if (found.t === "refused") return found;
    const { space, depositor } = found;
    const ids = envelopes.map(idOf);
    let fresh = envelopes.map((_, at) => at);
    let reason = this.#refusal(space, depositor, envelopes);
    if (reason !== null) {
      // Copies take no room: they are looked for only where it matters.
      fresh = this.#fresh(space, depositor, ids);
      reason = this.#refusal(space, depositor, fresh.map((at) => envelopes[at]!));
    }
    if (reason !== null) return refused(reason);
    const kept = fresh.flatMap((at) =>
      this.#keep(space, depositor, ids[at]!, envelopes[at]!) ? [{ serial: space.nextSerial++, at }] : []
    );
    return { t: "done", kept };
  }

  #refusal(space: SpaceRow, depositor: DepositorRow, added: readonly Uint8Array[]): "quota" | "full" | null {
    if (added.length === 0) return null;
    const addedBytes = added.reduce((sum, { length }) => sum + length, 0);
    const { maxWaiting, maxWaitingBytes } = this.core.limits;
    const isOver = depositor.waiting + added.length > depositor.maxWaiting ||
      depositor.waitingBytes + addedBytes > depositor.maxWaitingBytes ||
      space.waiting + added.length > maxWaiting ||
      space.waitingBytes + addedBytes > maxWaitingBytes;
    if (isOver) return "quota";
    return this.core.hasRoomFor(addedBytes) ? null : "full";
  }

  #fresh(space: SpaceRow, depositor: DepositorRow, ids: readonly Uint8Array[]): number[] {
    const seen = new Set<string>();
    return [...ids.keys()].filter((at) => {
      const name = ids[at]!.join();
      const isFresh = !seen.has(name) && this.#sql.copy.get(space.number, ids[at]!, depositor.number) === undefined;
      seen.add(name);
      return isFresh;
    });
  }

  #keep(space: SpaceRow, depositor: DepositorRow, id: Uint8Array, envelope: Uint8Array): boolean {
    const day = this.core.calendar.serviceDay;
    const { changes } = this.#sql.insert.run(space.number, space.nextSerial, depositor.number, id, day, envelope);
    if (changes === 0) return false;
    this.count(space, depositor, 1, envelope.length);
    return true;
  }

  /** Mail that came, or, with negative numbers, that went. */
  count(space: SpaceRow, depositor: DepositorRow, envelopes: number, bytes: number): void {
    const { rows, totals } = this.core;
    space.waiting += envelopes;
    space.waitingBytes += bytes;
    depositor.waiting += envelopes;
    depositor.waitingBytes += bytes;
    totals.envelopes += envelopes;
    totals.bytes += bytes;
    rows.changedSpace(space);
    rows.changedDepositor(depositor);
    if (!depositor.isGranted && depositor.waiting === 0) this.grants.forget(space, depositor);
  }

  fetch({ space: id, after, limit, maxBytes }: Request<"fetch">): Answers["fetch"] {
    const { rows, calendar } = this.core;
    const space = rows.space(id);
    if (space === null) return refused("unknown-space");
    if (space.usedDay !== calendar.serviceDay) {
      space.usedDay = calendar.serviceDay;
      rows.changedSpace(space);
    }
    const waiting: Waiting[] = [];
    let bytes = 0;
    for (const row of this.#sql.after.iterate(space.number, after, limit + 1)) {
      const envelope = row["envelope"] as Uint8Array;
      bytes += envelope.length;
      if (waiting.length === limit || (bytes > maxBytes && waiting.length > 0)) {
        return { t: "mail", waiting, more: true };
      }
      const depositor = rows.depositorByNumber(space, row["depositor"] as number).key;
      waiting.push({ serial: row["serial"] as number, depositor, envelope });
    }
    return { t: "mail", waiting, more: false };
  }

  ack({ space: id, envelopes }: Request<"ack">): Answers["ack"] {
    const space = this.core.rows.space(id);
    if (space === null) return refused("unknown-space");
    let deleted = 0;
    for (const envelope of envelopes) {
      // Deleting and returning in one statement takes longer: it writes what it returns into a table of its own.
      for (const row of this.#sql.named.all(space.number, fromHex(envelope))) {
        this.#sql.delete.run(row["number"] as number);
        const depositor = this.core.rows.depositorByNumber(space, row["depositor"] as number);
        this.count(space, depositor, -1, -(row["bytes"] as number));
        deleted++;
      }
    }
    return { t: "done", deleted };
  }
}
