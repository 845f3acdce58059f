/** Faults in handshake, ratchet and post-quantum exchange. */
import type { Mutation } from "./mutations.ts";

const session = "tests/unit/session";

export const SESSION_MUTATIONS: readonly Mutation[] = [
  {
    fault: "the header's authentication is left out on both sides",
    file: "core/session/suite.ts",
    find: "seal: (messageKey, _header, plaintext, ad) => chachaPoly.seal(messageKey, ONLY_NONCE, plaintext, ad),\n" +
      '  readHeader: () => refuse("wire.malformed"),\n  open(messageKey, message, ad) {\n',
    put: "seal: (messageKey, _header, plaintext, ad) =>\n" +
      "    chachaPoly.seal(messageKey, ONLY_NONCE, plaintext, ad.subarray(0, -72)),\n" +
      '  readHeader: () => refuse("wire.malformed"),\n  open(messageKey, message, whole) {\n' +
      "    const ad = whole.subarray(0, -72);\n",
    caughtBy: {
      file: `${session}/ratchetHeaders.test.ts`,
      test: "[RAT11] the sealed header is authenticated with the message, under one key only",
    },
  },
  {
    fault: "a header key seals two headers under one nonce",
    file: "core/session/ratchet.ts",
    find: "encryption.seal(headerKey, rng.bytes(encryption.nonceBytes), header)",
    put: "encryption.seal(headerKey, rng.bytes(encryption.nonceBytes).fill(0), header)",
    caughtBy: {
      file: `${session}/ratchetHeaders.test.ts`,
      test: "[RAT11] header keys change with each turn, and no header key and nonce seal twice",
    },
  },
  {
    fault: "the header key stays the same over turns",
    file: "core/session/ratchet.ts",
    find: "next: turn.next === null || headerKey === null ? null : { ...turn.next, sending: headerKey },",
    put: "next: turn.next,",
    caughtBy: {
      file: `${session}/ratchetHeaders.test.ts`,
      test: "[RAT12] a message of any kept chain finds it, and what belongs to none costs a bounded number of tries",
    },
  },
  {
    fault: "the post-quantum secret is not mixed into the root",
    file: "core/session/ratchet.ts",
    find: "const input = secret === null ? shared.value : concat(shared.value, secret);",
    put: "const input = shared.value;",
    caughtBy: {
      file: `${session}/compromise.test.ts`,
      test: "[RAT16] a quantum thief of alice's state reads on through all turns, until a fresh secret goes in",
    },
  },
  {
    fault: "the post-quantum secret stays in the state after it was mixed in",
    file: "core/session/ratchet.ts",
    find: "{ ...state, mixed: state.mix.number, mix: null }",
    put: "{ ...state, mixed: state.mix.number }",
    caughtBy: {
      file: `${session}/exchange.test.ts`,
      test: "[RAT8] [RAT15] the secrets of an exchange are in no state after it",
    },
  },
  {
    fault: "a part of an exchange is carried once and never again",
    file: "core/session/exchange.ts",
    find: "(everywhere || isPowerOfTwo(step.sentCount + 1))",
    put: "step.sentCount === 0",
    caughtBy: {
      file: `${session}/exchange.test.ts`,
      test: "[RAT14] whatever is lost, two messages that arrive after the next turns complete an exchange",
    },
  },
  {
    fault: "an exchange is never due by time",
    file: "core/session/exchange.ts",
    find: " || nowMs - sinceMs >= RATCHET.mixAfterMs;",
    put: ";",
    caughtBy: {
      file: `${session}/exchange.test.ts`,
      test: "[RAT13] after seven days an exchange begins with the first message, however few there were",
    },
  },
  {
    fault: "other encodings of an X25519 key are taken",
    file: "core/crypto/dh.ts",
    find: "publicKey.length !== 32 || publicKey[31]! > 0x7f",
    put: "publicKey.length !== 32",
    caughtBy: {
      file: "tests/unit/crypto/publicKeys.test.ts",
      test: "[KEY3] X25519 keys of low order, not reduced, or with the highest bit set are none",
    },
  },
  {
    fault: "a signing key with a part of low order is taken",
    file: "core/crypto/sign.ts",
    find: "!point.isSmallOrder() && point.isTorsionFree()",
    put: "!point.isSmallOrder()",
    caughtBy: {
      file: "tests/unit/crypto/publicKeys.test.ts",
      test: "[KEY2] [KEY3] Ed25519 keys of low order, with a part of low order, or in another encoding are none",
    },
  },
  {
    fault: "what version 1 remembered of first messages is forgotten",
    file: "core/wire/prekeysRecord.ts",
    find: "seenBefore: seen }",
    put: "seenBefore: [] }",
    caughtBy: {
      file: `${session}/version1.test.ts`,
      test: "[ID7] what was remembered in prekeys of version 1 is still refused when it comes again",
    },
  },
];
