/** What can be learned of the address under which others see this machine. Only the servers that were named are asked. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { tryStun } from "./client/trial.ts";
import { isPublic } from "./ranges.ts";

/** The IPv4 and IPv6 addresses of a name; none where it has none. */
export async function addressesOf(name: string): Promise<readonly string[]> {
  if (isIP(name) !== 0) return [name];
  try {
    return [...new Set((await lookup(name, { all: true })).map(({ address }) => address))];
  } catch {
    return [];
  }
}

/** What a STUN server sees us as; null where it does not answer, or is itself inside our network. */
export async function seenBy(server: string): Promise<string | null> {
  const at = server.lastIndexOf(":");
  const [host] = await addressesOf(server.slice(0, at).replace(/^\[|\]$/g, ""));
  const trial = host === undefined ? null : await tryStun(host, Number(server.slice(at + 1)));
  return trial?.t === "works" && isPublic(trial.mapped.host) ? trial.mapped.host : null;
}
