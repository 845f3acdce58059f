/** What all operations share: rows, totals, calendar, and whether there is room. They run inside a transaction. */
import type { DatabaseSync } from "node:sqlite";
import type { Calendar } from "../calendar.ts";
import type { SpaceLimits } from "../limits.ts";
import type { Refused, Trouble, Usage } from "../port.ts";
import { loadCalendar } from "./database.ts";
import { Rows, type SpaceRow } from "./rows.ts";

export type Totals = { -readonly [K in Exclude<keyof Usage, "t">]: number };

export interface Saved {
  readonly totals: Totals;
  readonly calendar: Calendar;
}

export const DONE = { t: "done" } as const;

export const refused = <R extends string>(reason: R): Refused<Exclude<R, Trouble>> => ({
  t: "refused",
  reason: reason as Exclude<R, Trouble> | Trouble,
});

/** Whether the disk has room for more than what deletes and marks. */
export interface Room {
  mayGrow(): boolean;
}

export class Core {
  readonly rows: Rows;
  calendar: Calendar;
  /** Of spaces that are not closed. */
  totals: Totals;

  constructor(readonly db: DatabaseSync, readonly limits: SpaceLimits, readonly room: Room) {
    this.rows = new Rows(db);
    this.calendar = loadCalendar(db);
    this.totals = loadTotals(db);
  }

  /** What is to be given to `restore` after a transaction that came to nothing. */
  save(): Saved {
    return { totals: { ...this.totals }, calendar: this.calendar };
  }

  restore({ totals, calendar }: Saved): void {
    this.rows.clear();
    this.calendar = calendar;
    this.totals = totals;
  }

  /** Bytes of bundles count with those of mail. */
  hasRoomFor(bytes: number): boolean {
    return bytes <= 0 || (this.totals.bytes + bytes <= this.limits.maxTotalBytes && this.room.mayGrow());
  }

  /** The space is gone for everybody; `sweep` deletes what was in it. */
  closeSpace(space: SpaceRow): void {
    this.db.prepare("UPDATE spaces SET id = NULL WHERE number = ?").run(space.number);
    this.rows.forgetSpace(space);
    this.totals.spaces--;
    this.totals.envelopes -= space.waiting;
    this.totals.bytes -= space.waitingBytes + space.bundleBytes;
    this.totals.grants -= space.grants;
    this.totals.bundles -= space.bundles;
  }
}

function loadTotals(db: DatabaseSync): Totals {
  const row = db.prepare(
    `SELECT count(*) spaces, total(waiting) envelopes, total(waiting_bytes + bundle_bytes) bytes, total(grants) grants,
       total(bundles) bundles FROM spaces WHERE id IS NOT NULL`,
  ).get()!;
  const number = (name: string): number => Number(row[name]);
  return {
    spaces: number("spaces"),
    envelopes: number("envelopes"),
    bytes: number("bytes"),
    grants: number("grants"),
    bundles: number("bundles"),
  };
}
