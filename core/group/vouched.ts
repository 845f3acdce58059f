/**
 * Which messages of a chain are its sender's. A signature vouches for a whole block and, by the digest of the block
 * before, for what came earlier: digests of all that is vouched for and not opened yet are kept, so that most
 * messages cost no signature check. SPEC section 6a.
 */
import { LABELS } from "../crypto/labels.ts";
import { verifyOften } from "../crypto/verifyOften.ts";
import { ok, refuse, type Result } from "../errors.ts";
import { GROUP } from "../limits.ts";
import { sameBytes } from "../wire/bytes.ts";
import type { GroupEnvelope } from "../wire/groupEnvelope.ts";
import type { ReceivingChain } from "../wire/groupRecords.ts";
import { landings } from "./block.ts";

/**
 * [SK9] [SK10] The digests that are vouched for after this message has been: the one that stood for it gives way to
 * those of its neighbours and, where the whole block was meant, of the block before.
 */
export function authenticate(
  chain: ReceivingChain,
  home: Uint8Array,
  envelope: GroupEnvelope,
): Result<readonly Uint8Array[], "group.bad-signature"> {
  for (const { digest, beside, isBlock } of landings(home, envelope)) {
    const known = chain.vouched.findIndex((each) => sameBytes(each, digest));
    if (known < 0 && !isBlock) continue;
    if (known < 0 && !verifyOften(chain.signer, envelope.signature, LABELS.groupBlock, digest)) break;
    const rest = known < 0 ? chain.vouched : chain.vouched.toSpliced(known, 1);
    const before = isBlock && isToCome(chain, envelope.first - 1) ? [envelope.previous] : [];
    if (beside.length + before.length === 0) return ok(rest);
    // Copies: what the path and the head show are views into the whole envelope.
    const added = [...before, ...beside].map((each) => each.slice());
    return ok([...rest, ...added].slice(-GROUP.maxVouched));
  }
  return refuse("group.bad-signature");
}

/** Whether message `index` was handed over to us and has not been opened. */
export const isToCome = ({ start, chain, skipped }: ReceivingChain, index: number): boolean =>
  index >= start && (index >= chain.index || skipped.some((each) => each.index === index));
