/** Taking over a chain that was handed to us. SPEC section 6a. */
import { equalSecret } from "../crypto/equal.ts";
import { ok, refuse, type Result } from "../errors.ts";
import { GROUP } from "../limits.ts";
import { sameBytes } from "../wire/bytes.ts";
import type { Distribution } from "../wire/distribution.ts";
import type { GroupReceiver, ReceivingChain } from "../wire/groupRecords.ts";
import { advance } from "./chain.ts";
import { type DistributionReason, verifyDistribution } from "./distribution.ts";
import { collect, withinBounds } from "./receivingKeys.ts";

export type AcceptDistributionReason = DistributionReason | "group.conflict";

/**
 * [SK6] A distribution that came over a pairwise session with the very device that `receiver` is of. A chain that is
 * known already is compared; a distribution of an earlier index opens what lies between.
 */
export function acceptDistribution(
  receiver: GroupReceiver,
  bytes: Uint8Array,
): Result<GroupReceiver, AcceptDistributionReason> {
  const checked = verifyDistribution(receiver.channel, receiver.sender, bytes);
  if (!checked.ok) return checked;
  const given = checked.value;
  const place = receiver.chains.findIndex(({ id }) => sameBytes(id, given.chain));
  const known = receiver.chains[place];
  if (known === undefined) {
    const chains = withinBounds([...receiver.chains.map((each) => ended(each, given)), chainOf(given)]);
    return ok({ ...receiver, chains });
  }
  if (!isSameChain(known, given)) return refuse("group.conflict");
  if (given.index >= known.start) return ok(receiver);
  const earlier = collect({ key: given.key, index: given.index }, known.start).skipped;
  const extended = { ...known, start: given.index, skipped: [...earlier, ...known.skipped] };
  return ok({ ...receiver, chains: withinBounds(receiver.chains.with(place, extended)) });
}

/** [SK4] A chain that was replaced has no further messages: whoever stole its keys speaks no more. */
const ended = (known: ReceivingChain, { replaces }: Distribution): ReceivingChain =>
  replaces !== null && sameBytes(known.id, replaces.chain) ? { ...known, end: replaces.count } : known;

const chainOf = ({ chain, index, key, signer, ownership }: Distribution): ReceivingChain => ({
  id: chain,
  signer,
  ownership,
  start: index,
  end: GROUP.maxMessages,
  chain: { key, index },
  skipped: [],
  vouched: [],
});

/** Whichever of the two is behind is stepped to where the other is: there the keys have to be equal. */
function isSameChain({ signer, chain }: ReceivingChain, given: Distribution): boolean {
  const index = Math.max(chain.index, given.index);
  const isSameKey = equalSecret(advance(chain, index).key, advance(given, index).key);
  return isSameKey && sameBytes(signer, given.signer);
}
