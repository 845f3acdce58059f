/** Suites given from outside run the whole session: nothing of the handshake or the ratchet is bound to our own. */
import assert from "node:assert/strict";
import { aesGcm } from "../../core/crypto/aead.ts";
import { sha512 } from "../../core/crypto/kdf.ts";
import { ok, refuse } from "../../core/errors.ts";
import { verifyBundle } from "../../core/identity/bundle.ts";
import { takeBundle } from "../../core/identity/prekeys.ts";
import {
  accept,
  decodeSession,
  encodeSession,
  initiate,
  open,
  seal,
  type Session,
} from "../../core/session/session.ts";
import { type RatchetSuite, SECURECOMM_SUITE, type Suite } from "../../core/session/suite.ts";
import { concat, framed } from "../../core/wire/bytes.ts";
import { decodeInnerHeader, encodeInnerHeader, INNER_HEADER_BYTES } from "../../core/wire/ratchetHeader.ts";
import { fromUtf8, utf8 } from "../../core/wire/text.ts";
import { ALICE_SEED, BOB_SEED, envOf, must, party } from "../support/world.ts";

const NONCE = new Uint8Array(12);

/** AES-256-GCM, and a header in clear behind the ciphertext instead of in front of it. */
const clear: RatchetSuite = {
  rootInfo: utf8("another root"),
  messageKeyInput: Uint8Array.of(1),
  chainKeyInput: Uint8Array.of(2),
  headerEncryption: null,
  postQuantum: null,
  seal(messageKey, header, plaintext, ad) {
    const head = encodeInnerHeader(header);
    return concat(aesGcm.seal(messageKey, NONCE, plaintext, concat(head, ad)), head);
  },
  readHeader: (message) => decodeInnerHeader(message.subarray(-INNER_HEADER_BYTES)),
  open(messageKey, message, ad) {
    const head = message.subarray(-INNER_HEADER_BYTES);
    const opened = aesGcm.open(messageKey, NONCE, message.subarray(0, -INNER_HEADER_BYTES), concat(head, ad));
    return opened.ok ? ok(opened.value) : refuse("ratchet.not-authentic");
  },
};

/** The same with sealed headers and a post-quantum part. */
const sealed: RatchetSuite = {
  ...clear,
  headerEncryption: {
    nonceBytes: 12,
    sealedBytes: 12 + INNER_HEADER_BYTES + 16,
    seal: (key, nonce, header) => concat(nonce, aesGcm.seal(key, nonce, encodeInnerHeader(header), utf8("header"))),
    open(key, bytes) {
      const opened = aesGcm.open(key, bytes.subarray(0, 12), bytes.subarray(12), utf8("header"));
      const header = opened.ok ? decodeInnerHeader(opened.value) : opened;
      return header.ok ? header.value : null;
    },
  },
  postQuantum: { rootInfo: utf8("another mixed root") },
  seal: (messageKey, _header, plaintext, ad) => aesGcm.seal(messageKey, NONCE, plaintext, ad),
  open(messageKey, message, ad) {
    const opened = aesGcm.open(messageKey, NONCE, message, ad);
    return opened.ok ? ok(opened.value) : refuse("ratchet.not-authentic");
  },
};

const other = (version: number, ratchet: RatchetSuite): Suite => ({
  name: `another ${version}`,
  version,
  earlier: [],
  handshake: {
    prefix: utf8("another prefix"),
    info: utf8("another info"),
    exportInfo: utf8("another export"),
    headerInfo: ratchet.headerEncryption === null ? null : utf8("another header"),
    transcript: (...parts) => sha512(framed(utf8("another transcript"), ...parts)).subarray(0, 32),
  },
  ratchet,
});

const restored = (suite: Suite, session: Session): Session => must(decodeSession(suite, encodeSession(session)));

for (const suite of [other(1, clear), other(2, sealed)]) {
  Deno.test(`[HS1] [RAT2] a suite from outside runs the whole session: ${suite.name}`, () => {
    const env = envOf(5);
    const [alice, bob] = [party(ALICE_SEED).device, party(BOB_SEED)];
    const { prekeys, bundle } = takeBundle(bob.prekeys, bob.device, env);
    const verified = must(verifyBundle(bundle, bob.device.user, env.nowMs));
    const first = must(initiate(suite, alice, verified, utf8("hello"), env));
    assert.equal(accept(SECURECOMM_SUITE, bob.device, prekeys, first.envelope, env).ok, false);
    const accepted = must(accept(suite, bob.device, prekeys, first.envelope, env));
    assert.deepEqual(accepted.exported, first.exported);
    let [from, to] = [accepted.session, first.session];
    // More than one post-quantum exchange takes, where there is one.
    for (let turn = 0; turn < 120; turn++) {
      const lost = seal(from, utf8("lost"), env);
      const sent = seal(lost.session, utf8(`${turn}`), env);
      const opened = must(open(to, sent.envelope));
      assert.equal(fromUtf8(opened.plaintext), `${turn}`);
      assert.equal(open(opened.session, sent.envelope).ok, false);
      [from, to] = [restored(suite, opened.session), restored(suite, sent.session)];
    }
    assert.equal(from.ratchet.mixed > 0, suite.ratchet.postQuantum !== null);
  });
}
