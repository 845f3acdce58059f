/** Sessions, prekeys and envelopes of version 2, kept as they were made: `tests/fixtures/version2.json`. */
import assert from "node:assert/strict";
import { decodeIdentity } from "../../../core/identity/identity.ts";
import { decodePrekeys } from "../../../core/identity/prekeys.ts";
import { accept, decodeSession, encodeSession, isCurrent, open, seal } from "../../../core/session/session.ts";
import { SECURECOMM_SUITE } from "../../../core/session/suite.ts";
import { fromUtf8, utf8 } from "../../../core/wire/text.ts";
import fixtures from "../../fixtures/version2.json" with { type: "json" };
import version1 from "../../fixtures/version1.json" with { type: "json" };
import { envOf, must, mustRefuse } from "../../support/world.ts";

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);
const bob = must(decodeIdentity(hex(fixtures.identity)));

for (const { state, record, opens } of fixtures.sessions) {
  Deno.test(`[RAT10] a session of version 2 goes on from its record: ${state}`, () => {
    let session = must(decodeSession(SECURECOMM_SUITE, hex(record)));
    assert.deepEqual(encodeSession(session), hex(record), "what is not used is kept as it was");
    assert.ok(isCurrent(session, SECURECOMM_SUITE));
    for (const { envelope, text } of opens) {
      const opened = must(open(session, hex(envelope)));
      assert.equal(fromUtf8(opened.plaintext), text);
      session = must(decodeSession(SECURECOMM_SUITE, encodeSession(opened.session)));
    }
    for (const { envelope } of opens) mustRefuse(open(session, hex(envelope)), "ratchet.replayed");
    assert.equal(seal(session, utf8("on"), envOf(1)).envelope[0], 2);
  });
}

Deno.test("[HS5] a first envelope of version 2 that was on its way begins a session", () => {
  const prekeys = must(decodePrekeys(hex(fixtures.first.prekeys)));
  const accepted = must(accept(SECURECOMM_SUITE, bob.device, prekeys, hex(fixtures.first.envelope), envOf(2)));
  assert.equal(fromUtf8(accepted.plaintext), fixtures.first.text);
});

Deno.test("[ID7] what was remembered in prekeys of version 2 is still refused when it comes again", () => {
  const prekeys = must(decodePrekeys(hex(fixtures.replayed.prekeys)));
  const accepted = accept(SECURECOMM_SUITE, bob.device, prekeys, hex(fixtures.replayed.envelope), envOf(3));
  mustRefuse(accepted, "session.replayed");
});

Deno.test("[HS5] an envelope of another version than its session is refused by name", () => {
  const [{ record, opens }] = fixtures.sessions as [(typeof fixtures.sessions)[number]];
  const session = must(decodeSession(SECURECOMM_SUITE, hex(record)));
  mustRefuse(open(session, hex(opens[0]!.envelope).with(0, 1)), "wire.unknown-version");
});

Deno.test("[HS5] a session of version 1 is not current, and one of a version to come is not read", () => {
  const record = hex(version1.sessions[0]!.record);
  assert.ok(!isCurrent(must(decodeSession(SECURECOMM_SUITE, record)), SECURECOMM_SUITE));
  mustRefuse(decodeSession(SECURECOMM_SUITE, record.with(0, 3)), "wire.unknown-version");
  mustRefuse(decodeSession(SECURECOMM_SUITE, new Uint8Array(0)), "wire.malformed");
});
