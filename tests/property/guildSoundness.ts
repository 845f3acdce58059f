/** Second looks at valid ops: each must be borne out by other valid ops, told from their places alone. */
import assert from "node:assert/strict";
import { type Rulings, VOID } from "../../core/guild/rulings.ts";
import { type RoleId, roleOfOp, type UserId } from "../../core/ids.ts";
import { GUILD } from "../../core/limits.ts";
import type { LoggedOp } from "../../core/log/log.ts";
import type { Capability } from "../../core/wire/guildCapability.ts";

interface Placed extends LoggedOp {
  readonly place: number;
  readonly level: number;
}

interface Scene {
  readonly valid: readonly Placed[];
  isPast(earlier: { readonly place: number }, later: { readonly place: number }): boolean;
}

export function checkSoundness(rulings: Rulings): void {
  const { history: { ops, isPast }, levels } = rulings;
  const all = ops.map((op, place) => ({ ...op, place, level: levels[place]! }));
  const scene: Scene = {
    valid: all.filter(({ level }) => level !== VOID),
    isPast: (earlier, later) => isPast(earlier.place, later.place),
  };
  for (const op of scene.valid) {
    checkReach(scene, op);
    checkGift(scene, op, rulings);
    checkReturn(scene, op, rulings);
    checkThrone(op, rulings);
    checkDoor(scene, op);
  }
}

const endsOf = (body: LoggedOp["body"], author: UserId, user: UserId, role: RoleId | null): boolean =>
  (body.t === "leave" && author === user) ||
  ((body.t === "remove" || body.t === "ban") && body.user === user) ||
  (body.t === "role.revoke" && body.user === user && body.role === role);

/** The greatest that any valid op says. */
function rankOf({ valid }: Scene, role: RoleId): number {
  const ranks = valid.flatMap(({ id, body }) =>
    (body.t === "role.create" && roleOfOp(id) === role) || (body.t === "role.change" && body.role === role)
      ? [body.rank]
      : []
  );
  return Math.max(...ranks, ranks.length === 0 ? GUILD.noRank : 0);
}

/** [GLD6] [GLD10] Nobody who is removed had, or got meanwhile, a role of the level or a more senior one. */
function checkReach(scene: Scene, op: Placed): void {
  const { body, level } = op;
  if (body.t !== "remove" && body.t !== "ban") return;
  for (const grant of scene.valid) {
    if (grant.body.t !== "role.grant" || grant.body.user !== body.user || scene.isPast(op, grant)) continue;
    const { role, user } = grant.body;
    const isOver = scene.valid.some((end) =>
      endsOf(end.body, end.author, user, role) && scene.isPast(end, op) && !scene.isPast(end, grant)
    );
    const isDeleted = scene.valid.some(({ body }) => body.t === "role.delete" && body.role === role);
    assert.ok(isOver || isDeleted || rankOf(scene, role) > level, `a removal at level ${level} reached a senior`);
  }
}

/** [GLD7] What a role grants, somebody senior had granted to its maker. */
function checkGift(scene: Scene, op: Placed, { reigns }: Rulings): void {
  if (op.body.t !== "role.create" && op.body.t !== "role.change") return;
  if (reigns.some(({ founder }) => founder === op.author)) return;
  const { rank, capabilities } = op.body;
  assert.ok(rank > op.level);
  const held = scene.valid.filter((grant) =>
    grant.body.t === "role.grant" && grant.body.user === op.author && scene.isPast(grant, op)
  ).map(({ body }) => body.t === "role.grant" ? body.role : null);
  const own: Capability[] = [];
  for (const given of scene.valid) {
    if (!scene.isPast(given, op)) continue;
    if (given.body.t === "genesis") own.push(...given.body.everyone);
    if (given.body.t === "role.create" && held.includes(roleOfOp(given.id))) own.push(...given.body.capabilities);
    if (given.body.t === "role.change" && held.includes(given.body.role)) own.push(...given.body.capabilities);
  }
  for (const one of capabilities) {
    assert.ok(own.some(({ action }) => action === one.action), `${one.action} from nowhere`);
  }
}

/** [GLD4] After a departure only a later grant gives rank. */
function checkReturn(scene: Scene, op: Placed, { reigns }: Rulings): void {
  if (op.level === GUILD.noRank || reigns.some(({ founder }) => founder === op.author)) return;
  const { author, level } = op;
  const departures = scene.valid.filter((end) =>
    endsOf(end.body, end.author, author, null) && scene.isPast(end, op) && end.level <= level
  );
  const isHeld = scene.valid.some((grant) =>
    grant.body.t === "role.grant" && grant.body.user === author && scene.isPast(grant, op) &&
    departures.every((end) => scene.isPast(end, grant))
  );
  assert.ok(isHeld, "a rank outlived a departure");
}

/** [GLD14] The founder's level is for ops of the founder's time. */
function checkThrone({ place, author, level }: Placed, { reigns, history: { isPast } }: Rulings): void {
  if (level !== 0) return;
  const isInTime = reigns.some(({ founder, from, to }) =>
    founder === author && (from === place || isPast(from, place)) && (to === null || to === place || isPast(place, to))
  );
  assert.ok(isInTime, "somebody acted as founder out of their time");
}

/** [GLD12] Nobody comes in past a departure of theirs that they had not seen. */
function checkDoor(scene: Scene, op: Placed): void {
  if (op.body.t !== "redeem") return;
  const stopped = scene.valid.some((end) =>
    end.level < GUILD.noRank && endsOf(end.body, end.author, op.author, null) && !scene.isPast(end, op) &&
    !scene.isPast(op, end)
  );
  assert.ok(!stopped, "a redemption stands against a departure");
}
