/** A guild with people of every rank, for the stories that tests tell. */
import { stateOf } from "../../../core/guild/state.ts";
import type { RoleId } from "../../../core/ids.ts";
import type { LoggedOp } from "../../../core/log/log.ts";
import { ALL_ACTIONS, everywhere, GuildStage, userNamed } from "../../support/guild.ts";
import { inviteBody } from "../../support/invite.ts";

export interface Town {
  readonly stage: GuildStage;
  readonly admin: RoleId;
  readonly mod: RoleId;
  readonly helper: RoleId;
  /** All that has happened when the story begins. */
  readonly start: readonly LoggedOp[];
}

/** Fay founded it; Ann and Abe are admins (2), Max and Mia moderators (5), Hal helps (8), Pip and Pat have no role. */
export function town(everyone = everywhere("view", "send")): Town {
  const stage = new GuildStage("fay", everyone);
  const admin = stage.role("fay", 2, ALL_ACTIONS);
  const mod = stage.role("fay", 5, everywhere("invite", "remove", "ban", "manageRoles", "view"));
  const helper = stage.role("fay", 8, everywhere("remove"));
  for (const name of ["ann", "abe"]) stage.grant("fay", admin, name);
  for (const name of ["max", "mia"]) stage.grant("fay", mod, name);
  stage.grant("fay", helper, "hal");
  for (const name of ["pip", "pat"]) stage.make("fay", { t: "add", user: userNamed(name) });
  for (const name of ["ann", "abe", "max", "mia", "hal", "pip", "pat"]) introduce(stage, name);
  return { stage, admin, mod, helper, start: stage.heads() };
}

export const introduce = (stage: GuildStage, name: string) =>
  stage.make(name, { t: "settings", name: "hello", icon: null });

export const removal = (name: string) => ({ t: "remove", user: userNamed(name), seen: [] }) as const;
export const ban = (name: string) => ({ t: "ban", user: userNamed(name), seen: [] }) as const;
export const invite = inviteBody({ key: new Uint8Array(32).fill(7), maxUses: 1 });

export const isMember = (stage: GuildStage, name: string) => stateOf(stage.resolve()).members.has(userNamed(name));
export const rolesOf = (
  stage: GuildStage,
  name: string,
) => [...stateOf(stage.resolve()).members.get(userNamed(name))?.roles ?? []];
