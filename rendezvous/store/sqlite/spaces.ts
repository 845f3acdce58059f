/** Making, closing and counting spaces. */
import { fromHex } from "../../../core/ids.ts";
import { firstSerial } from "../calendar.ts";
import { type Core, DONE, refused } from "./core.ts";
import type { Answers, Request } from "./messages.ts";

export class SpaceOperations {
  readonly #insert;

  constructor(private readonly core: Core) {
    this.#insert = core.db.prepare("INSERT INTO spaces (id, next_serial, used_day) VALUES (?, ?, ?)");
  }

  open({ space }: Request<"openSpace">): Answers["openSpace"] {
    const { rows, totals, limits, room, calendar } = this.core;
    if (rows.space(space) !== null) return DONE;
    if (totals.spaces >= limits.maxCount || !room.mayGrow()) return refused("full");
    this.#insert.run(fromHex(space), firstSerial(calendar), calendar.serviceDay);
    totals.spaces++;
    return DONE;
  }

  close({ space }: Request<"closeSpace">): Answers["closeSpace"] {
    const row = this.core.rows.space(space);
    if (row !== null) this.core.closeSpace(row);
    return DONE;
  }

  has({ space }: Request<"hasSpace">): Answers["hasSpace"] {
    const row = this.core.rows.space(space);
    return { t: "done", isThere: row !== null, left: row?.bundles ?? 0 };
  }

  usage(): Answers["usage"] {
    return { t: "done", ...this.core.totals };
  }
}
