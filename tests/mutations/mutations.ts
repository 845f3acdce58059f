/** Faults that somebody could introduce in one line, each with the test that must notice it. */
import { CROWD_MUTATIONS } from "./crowdMutations.ts";
import { GUILD_MUTATIONS } from "./guildMutations.ts";
import { HOSTING_MUTATIONS } from "./hostingMutations.ts";
import { JOIN_MUTATIONS } from "./joinMutations.ts";
import { LIVE_MUTATIONS } from "./liveMutations.ts";
import { MAIL_CLIENT_MUTATIONS } from "./mailClientMutations.ts";
import { MAIL_MUTATIONS } from "./mailMutations.ts";
import { MAIL_SERVER_MUTATIONS } from "./mailServerMutations.ts";
import { SESSION_MUTATIONS } from "./sessionMutations.ts";
import { STORE_MUTATIONS } from "./storeMutations.ts";

export interface Mutation {
  readonly fault: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly put: string;
  readonly caughtBy: { readonly file: string; readonly test: string };
}

const session = "tests/unit/session";
const voice = "tests/unit/voice";
const group = "tests/unit/group";

export const MUTATIONS: readonly Mutation[] = [
  {
    fault: "anybody may enter as the owner of a space",
    file: "core/crypto/spaceEntry.ts",
    find: "spaceIdOf(signer) !== space)",
    put: "false)",
    caughtBy: {
      file: "tests/unit/crypto/spaceEntry.test.ts",
      test: "[MBX8] only the key that the space is named after enters as its owner",
    },
  },
  {
    fault: "an entry is good on any connection",
    file: "core/crypto/spaceEntry.ts",
    find: "utf8(clientPeer), challenge,",
    put: "",
    caughtBy: {
      file: "tests/unit/crypto/spaceEntry.test.ts",
      test: "[MBX8] an entry is good on no other stream, connection, protocol or server",
    },
  },
  {
    fault: "mail does not depend on the secret of the address",
    file: "core/mailbox/mail.ts",
    find: "hkdfSha256(concat(shared, secret),",
    put: "hkdfSha256(concat(shared),",
    caughtBy: {
      file: "tests/unit/mailbox/mail.test.ts",
      test: "[MBX5] mail opens in its own space and under its own depositor only",
    },
  },
  {
    fault: "a depositor may write in the name of another",
    file: "core/mailbox/mail.ts",
    find: "sender === null ||",
    put: "true ||",
    caughtBy: {
      file: "tests/unit/mailbox/mail.test.ts",
      test: "[MBX6] mail of somebody else than the one who was given the depositor's key is refused",
    },
  },
  {
    fault: "what the person found about a safety number is not kept",
    file: "core/node/persist.ts",
    find: "before.verified !== after.verified",
    put: "false",
    caughtBy: { file: "tests/unit/node/verification.test.ts", test: "[SAFE5] verified outlives a restart" },
  },
  {
    fault: "our own code counts as the other's",
    file: "core/identity/safetyNumber.ts",
    find: "if (sameBytes(local, ours.remote) && sameBytes(remote, ours.local))",
    put: "if (sameBytes(local, ours.local) || sameBytes(local, ours.remote))",
    caughtBy: {
      file: "tests/unit/identity/safetyNumber.test.ts",
      test: "[SAFE4] our own code proves nothing: it is not the other's",
    },
  },
  {
    fault: "the signature of a device certificate is not checked",
    file: "core/identity/certificate.ts",
    find: "if (!verify(user, signature,",
    put: "if (false && !verify(user, signature,",
    caughtBy: {
      file: "tests/unit/identity/certificate.test.ts",
      test: "[ID2] a certificate signature that is not right is refused, whatever bit was changed",
    },
  },
  {
    fault: "the signature of a prekey bundle is not checked",
    file: "core/identity/bundle.ts",
    find: "if (!verify(bundle.certificate.device,",
    put: "if (false && !verify(bundle.certificate.device,",
    caughtBy: {
      file: "tests/unit/identity/prekeys.test.ts",
      test: "[ID5] a bundle whose signature is not right is refused, whatever field was changed",
    },
  },
  {
    fault: "the signature of a device proof is not checked",
    file: "core/identity/proofKeys.ts",
    find: "if (!verify(certificate.device,",
    put: "if (false && !verify(certificate.device,",
    caughtBy: {
      file: "tests/unit/identity/proof.test.ts",
      test: "[PROOF4] a proof whose signature is not by the certificate's device is refused",
    },
  },
  {
    fault: "the signature of a call offer is not checked",
    file: "core/voice/keyAgreement.ts",
    find: "const genuine = verify(deviceKey(caller), ",
    put: "const genuine = true || verify(deviceKey(caller), ",
    caughtBy: { file: `${voice}/call.test.ts`, test: "[VK2] an offer whose signature is wrong does not ring" },
  },
  {
    fault: "the HMAC of a voice frame is not checked",
    file: "core/voice/frame.ts",
    find: "if (!equalSecret(mac,",
    put: "if (false && !equalSecret(mac,",
    caughtBy: {
      file: `${voice}/frame.test.ts`,
      test: "[VF4] a frame whose code was tampered with is refused, and leaves no trace",
    },
  },
  {
    fault: "the replay window is off",
    file: "core/voice/replay.ts",
    find: 'return this.#has(ctr) ? refuse("voice.replayed") : ok(undefined);',
    put: "return ok(undefined);",
    caughtBy: { file: `${voice}/frame.test.ts`, test: "[VF8] a replayed frame is refused" },
  },
  {
    fault: "a voice frame's counter is used up before the frame is authenticated",
    file: "core/voice/frame.ts",
    find: "if (!equalSecret(mac,",
    put: "key.window.accept(ctr);\n    if (!equalSecret(mac,",
    caughtBy: {
      file: `${voice}/frame.test.ts`,
      test: "[VF5] whoever holds the mac key alone can neither forge a frame nor use up its counter",
    },
  },
  {
    fault: "the ratchet's state is committed before the message is authenticated",
    file: "core/session/ratchet.ts",
    find: "const opened = suite.open(taken.value.messageKey, message, ad);",
    put: "Object.assign(chain, taken.value.chain);\n  const opened = suite.open(taken.value.messageKey, message, ad);",
    caughtBy: {
      file: `${session}/ratchet.test.ts`,
      test: "[RAT3] a forged message leaves no trace, even one that begins a new chain or skips far ahead",
    },
  },
  {
    fault: "an import goes in the wrong direction",
    file: "core/wire/bytes.ts",
    find: "export function concat(",
    put: 'import "../crypto/kdf.ts";\nexport function concat(',
    caughtBy: { file: "tests/arch/arch.test.ts", test: "every import goes in the direction of the layers" },
  },
  {
    fault: "an invite can be redeemed twice",
    file: "core/node/receiving.ts",
    find: 'turn.setInvite({ ...invite, fate: { t: "used", by: user } });',
    put: "",
    caughtBy: {
      file: "tests/unit/node/invites.test.ts",
      test: "[INV4] the first to redeem an invite burns it; the second is told that it was used",
    },
  },
  {
    fault: "a receipt is not asked for again: a message that was lost is never sent again",
    file: "core/node/delivery.ts",
    find: "sent === null || turn.nowMs >= sent.atMs + MESSAGE.resendAfterMs",
    put: "sent === null",
    caughtBy: {
      file: "tests/unit/node/delivery.test.ts",
      test: "[MSG4] a message without a receipt is sent again on the same link, and shown once",
    },
  },
  {
    fault: "WebRTC signaling is allowed before the person is a contact",
    file: "core/node/discovery.ts",
    find: 'phase.t === "proven" && turn.contact(phase.user)?.standing.t === "established"',
    put: 'phase.t === "proven"',
    caughtBy: {
      file: "tests/unit/node/invites.test.ts",
      test: "[LINK6] nobody may exchange addresses with us before the invite was redeemed",
    },
  },
  {
    fault: "the signature of a sender key message is not checked",
    file: "core/group/vouched.ts",
    find: "if (known < 0 && !verifyOften(",
    put: "if (false && !verifyOften(",
    caughtBy: {
      file: `${group}/receiver.test.ts`,
      test: "[SK9] a member who holds the chain cannot speak for its sender",
    },
  },
  {
    fault: "what a group message vouches for is kept before it has decrypted",
    file: "core/group/receiver.ts",
    find: "return vouched.ok ? decrypt(",
    put:
      "if (vouched.ok) Object.assign(receiver.chains[place]!, { vouched: vouched.value });\n  return vouched.ok ? decrypt(",
    caughtBy: {
      file: `${group}/receiver.test.ts`,
      test: "[SK9] a signed message that does not decrypt leaves no trace",
    },
  },
  {
    fault: "a sender's chain goes on after somebody left",
    file: "core/group/holders.ts",
    find: "return { hasSurplus: holders.size + missing.length > entitled.size, missing };",
    put: "return { hasSurplus: false, missing };",
    caughtBy: {
      file: "tests/property/group.test.ts",
      test: "[SK3] from all that a removed reader holds no later key follows, chain after chain",
    },
  },
  {
    fault: "a late joiner is handed the chain from its beginning",
    file: "core/group/sender.ts",
    find: "return { state: { ...begun, holders: entitled, chain, previous }, ...sealed, handover };",
    put: "return { state: { ...begun, holders: entitled, chain: begun.chain, previous }, ...sealed, handover };",
    caughtBy: {
      file: `${group}/accepting.test.ts`,
      test: "[SK7] a late joiner reads from the index it was given, whatever it was sent before",
    },
  },
  {
    fault: "a chain counts as that of whoever hands it over",
    file: "core/group/distribution.ts",
    find: "return isOwnedBy(owner, decoded.value, decoded.value.ownership) ? decoded",
    put: "return owner.length > 0 ? decoded",
    caughtBy: {
      file: `${group}/accepting.test.ts`,
      test: "[SK6] a chain counts only as that of the device that signed for it",
    },
  },
  {
    fault: "a skipped key of a group message is kept after its use",
    file: "core/group/receivingKeys.ts",
    find: "skipped: receiving.skipped.toSpliced(place, 1)",
    put: "skipped: receiving.skipped",
    caughtBy: { file: `${group}/receiver.test.ts`, test: "[SK8] messages open in any order, each once" },
  },
  {
    fault: "a chain is never replaced for its age",
    file: "core/group/sender.ts",
    find: "if (ageMs < 0 || ageMs >= GROUP.reseedAfterMs) return false;",
    put: "",
    caughtBy: {
      file: `${group}/sender.test.ts`,
      test: "[SK4] a chain is replaced after 7 days, and when the clock stands before its beginning",
    },
  },
  {
    fault: "a block's nonce stands still, so that a store that was set back repeats it with its key",
    file: "core/group/sender.ts",
    find: "nonce: rng.bytes(12),",
    put: "nonce: new Uint8Array(12),",
    caughtBy: {
      file: `${group}/sender.test.ts`,
      test: "[SK8] a state whose index came again after a rollback seals under another nonce",
    },
  },
  {
    fault: "a signature has a second form when the key is remembered",
    file: "core/crypto/verifyOften.ts",
    find: "if (response >= Fn.ORDER) return false;",
    put: "",
    caughtBy: {
      file: "tests/unit/crypto/verifyOften.test.ts",
      test: "[KEY2] a second form of a signature, a key that is none and one of low order are refused",
    },
  },
  {
    fault: "a chain that was replaced goes on for whoever stole its keys",
    file: "core/group/accepting.ts",
    find: "{ ...known, end: replaces.count }",
    put: "known",
    caughtBy: {
      file: `${group}/accepting.test.ts`,
      test: "[SK4] who stole a chain can say nothing in it once it was replaced; what was sent in it still opens",
    },
  },
  ...GUILD_MUTATIONS,
  ...JOIN_MUTATIONS,
  ...LIVE_MUTATIONS,
  ...SESSION_MUTATIONS,
  ...STORE_MUTATIONS,
  ...HOSTING_MUTATIONS,
  ...CROWD_MUTATIONS,
  ...MAIL_MUTATIONS,
  ...MAIL_SERVER_MUTATIONS,
  ...MAIL_CLIENT_MUTATIONS,
  {
    fault: "a contact that lost its sessions does not ask for new ones",
    file: "core/node/receiving.ts",
    find: "return isClaim(turn, source) ? undefined : noteUnopened(turn, source, contact.id);",
    put: "return;",
    caughtBy: {
      file: "tests/unit/node/renewing.test.ts",
      test: "[REN1] [REN2] a peer that lost its sessions gets the message all the same, in a new one",
    },
  },
  {
    fault: "each side keeps sealing with the session that it began itself",
    file: "core/node/contacts.ts",
    find: "(ours.opening !== null || beganLately) &&\n    ours.id < theirs.id",
    put: "(ours.opening !== null || beganLately)",
    caughtBy: {
      file: "tests/unit/node/renewing.test.ts",
      test: "[REN3] sessions begun by both at once settle on one, and no message is lost",
    },
  },
];
