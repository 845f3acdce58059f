/** What goes by itself: old mail, ended grants, unused spaces, and what was in closed ones. */
import { STORE } from "../../limits.ts";
import { lookAt } from "../calendar.ts";
import type { Core } from "./core.ts";
import { saveCalendar } from "./database.ts";
import type { GrantOperations } from "./grants.ts";
import type { MailOperations } from "./mail.ts";
import type { Answers, Request } from "./messages.ts";
import type { SpaceRow } from "./rows.ts";

/** The tables whose rows belong to a space. */
const CONTENTS = ["mail", "bundles", "depositors"] as const;

export class SweepOperations {
  readonly #sql;

  constructor(
    private readonly core: Core,
    private readonly grants: GrantOperations,
    private readonly mail: MailOperations,
  ) {
    const { db } = core;
    this.#sql = {
      unused: db.prepare("SELECT number FROM spaces WHERE id IS NOT NULL AND used_day < ?"),
      markEnded: db.prepare(
        "UPDATE depositors SET ended_day = ? WHERE expires_at_ms IS NOT NULL AND expires_at_ms <= ? AND ended_day IS NULL",
      ),
      unmark: db.prepare("UPDATE depositors SET ended_day = NULL WHERE ended_day IS NOT NULL AND expires_at_ms > ?"),
      ended: db.prepare(
        "SELECT number, space FROM depositors WHERE ended_day IS NOT NULL AND ended_day <= ? ORDER BY ended_day LIMIT ?",
      ),
      earliest: db.prepare(
        "SELECT number, space, depositor, day, length(envelope) bytes FROM mail ORDER BY number LIMIT ?",
      ),
      deleteMail: db.prepare("DELETE FROM mail WHERE number = ?"),
      closed: db.prepare("SELECT number FROM spaces WHERE id IS NULL ORDER BY number LIMIT 1"),
      contents: CONTENTS.map((table) =>
        db.prepare(`DELETE FROM ${table} WHERE number IN (SELECT number FROM ${table} WHERE space = ? LIMIT ?)`)
      ),
      deleteLastResort: db.prepare("DELETE FROM last_resorts WHERE space = ?"),
      deleteSpace: db.prepare("DELETE FROM spaces WHERE number = ?"),
    };
  }

  expire({ nowMs }: Request<"expire">): Answers["expire"] {
    const { core } = this;
    const calendar = lookAt(nowMs, core.calendar);
    if (calendar.serviceDay !== core.calendar.serviceDay || calendar.clockDay !== core.calendar.clockDay) {
      core.calendar = calendar;
      saveCalendar(core.db, calendar);
    }
    // The days on which spaces were used are compared in the table.
    core.rows.flush();
    const unused = this.#sql.unused.all(calendar.serviceDay - core.limits.unusedDays);
    for (const { number } of unused) {
      const space = core.rows.spaceByNumber(number as number);
      if (space !== null) core.closeSpace(space);
    }
    this.#sql.unmark.run(nowMs);
    this.#sql.markEnded.run(calendar.serviceDay, nowMs);
    return { t: "done", spaces: unused.length };
  }

  sweep(): Answers["sweep"] {
    // Closed spaces first: what the others find is of open ones.
    if (this.#sweepClosed()) return { t: "done", envelopes: 0, grants: 0, more: true };
    const envelopes = this.#sweepMail();
    const grants = this.#sweepGrants();
    return { t: "done", envelopes, grants, more: envelopes === STORE.sliceRows || grants === STORE.sliceRows };
  }

  /** Mail in its order is mail in the order of its days, so what is old stands in front. */
  #sweepMail(): number {
    const { calendar, limits, rows } = this.core;
    let deleted = 0;
    for (const row of this.#sql.earliest.all(STORE.sliceRows)) {
      if (calendar.serviceDay - (row["day"] as number) <= limits.maxMailAgeDays) break;
      this.#sql.deleteMail.run(row["number"] as number);
      const space = this.#space(row["space"] as number);
      const depositor = rows.depositorByNumber(space, row["depositor"] as number);
      this.mail.count(space, depositor, -1, -(row["bytes"] as number));
      deleted++;
    }
    return deleted;
  }

  #sweepGrants(): number {
    const { calendar, limits, rows } = this.core;
    const ended = this.#sql.ended.all(calendar.serviceDay - limits.endedGrantDays, STORE.sliceRows);
    for (const row of ended) {
      const space = this.#space(row["space"] as number);
      this.grants.end(space, rows.depositorByNumber(space, row["number"] as number));
    }
    return ended.length;
  }

  #space(number: number): SpaceRow {
    const space = this.core.rows.spaceByNumber(number);
    if (space === null) throw new Error("a row of no open space");
    return space;
  }

  /** Whether there is more of it. */
  #sweepClosed(): boolean {
    const number = this.#sql.closed.get()?.["number"] as number | undefined;
    if (number === undefined) return false;
    for (const statement of this.#sql.contents) {
      if (Number(statement.run(number, STORE.sliceRows).changes) === STORE.sliceRows) return true;
    }
    this.#sql.deleteLastResort.run(number);
    this.#sql.deleteSpace.run(number);
    return this.#sql.closed.get() !== undefined;
  }
}
