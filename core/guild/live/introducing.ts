/** A member's device that has not spoken yet is nobody's reader: it says whose it is. */
import { append } from "./acting.ts";
import { isQuiet } from "./quiet.ts";
import type { GuildTurn } from "./turn.ts";

export function introduceDevice(turn: GuildTurn): void {
  const { device, ruled } = turn.state;
  if (ruled.owners.has(device.id) || !ruled.guild.members.has(device.user) || isQuiet(turn)) return;
  append(turn, { t: "device", certificate: device.certificate });
}
