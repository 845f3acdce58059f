/**
 * Records and envelopes of version 1, kept as they were made, must be read for ever. `tests/fixtures/version1.json`
 * holds every kind of record, a session in each state of its ratchet, and envelopes that were on their way.
 */
import assert from "node:assert/strict";
import type { Result } from "../../../core/errors.ts";
import { decodeIdentity } from "../../../core/identity/identity.ts";
import { decodePrekeys, encodePrekeys } from "../../../core/identity/prekeys.ts";
import { accept, decodeSession, encodeSession, open, seal } from "../../../core/session/session.ts";
import { SECURECOMM_SUITE } from "../../../core/session/suite.ts";
import { contentCodec } from "../../../core/wire/content.ts";
import { contactRecord, inviteRecord, messageRecord, profileRecord } from "../../../core/wire/nodeRecords.ts";
import { fromUtf8, utf8 } from "../../../core/wire/text.ts";
import fixtures from "../../fixtures/version1.json" with { type: "json" };
import { envOf, must, mustRefuse } from "../../support/world.ts";

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);

const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => Result<unknown>>> = {
  identity: decodeIdentity,
  prekeys: decodePrekeys,
  contact: (bytes) => contactRecord.decode(bytes),
  invite: (bytes) => inviteRecord.decode(bytes),
  message: (bytes) => messageRecord.decode(bytes),
  outbox: (bytes) => contentCodec.decode(bytes),
  profile: (bytes) => profileRecord.decode(bytes),
};

for (const { kind, name, hex: record } of fixtures.records) {
  Deno.test(`[WIRE5] a record of version 1 is read: ${kind} (${name})`, () => {
    must(DECODERS[kind]!(hex(record)));
  });
}

for (const { state, record, opens } of fixtures.sessions) {
  Deno.test(`[RAT10] a session of version 1 goes on from its record: ${state}`, () => {
    let session = must(decodeSession(SECURECOMM_SUITE, hex(record)));
    assert.deepEqual(encodeSession(session), hex(record), "what is not used is kept as it was");
    for (const { envelope, text } of opens) {
      const opened = must(open(session, hex(envelope)));
      assert.equal(fromUtf8(opened.plaintext), text);
      session = must(decodeSession(SECURECOMM_SUITE, encodeSession(opened.session)));
    }
    for (const { envelope } of opens) mustRefuse(open(session, hex(envelope)), "ratchet.replayed");
    if (state !== "waiting") assert.equal(seal(session, utf8("on"), envOf(1)).envelope[0], 1);
  });
}

const bob = must(decodeIdentity(hex(fixtures.records.find(({ name }) => name === "bob")!.hex)));

Deno.test("[HS5] a first envelope of version 1 that was on its way begins a session of version 1", () => {
  const prekeys = must(decodePrekeys(hex(fixtures.first.prekeys)));
  const { envelope, text } = fixtures.first;
  const accepted = must(accept(SECURECOMM_SUITE, bob.device, prekeys, hex(envelope), envOf(2)));
  assert.equal(fromUtf8(accepted.plaintext), text);
  assert.equal(encodeSession(accepted.session)[0], 1);
});

Deno.test("[ID7] what was remembered in prekeys of version 1 is still refused when it comes again", () => {
  const prekeys = must(decodePrekeys(hex(fixtures.replayed.prekeys)));
  const again = must(decodePrekeys(encodePrekeys(prekeys)));
  for (const kept of [prekeys, again]) {
    const accepted = accept(SECURECOMM_SUITE, bob.device, kept, hex(fixtures.replayed.envelope), envOf(3));
    mustRefuse(accepted, "session.replayed");
  }
});
