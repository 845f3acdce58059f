import assert from "node:assert/strict";
import { decode } from "cborg";
import { encode } from "../../../core/wire/cbor.ts";
import { contentCodec } from "../../../core/wire/content.ts";
import { concat } from "../../../core/wire/bytes.ts";
import { decodeInviteToken, encodeInviteToken } from "../../../core/wire/inviteToken.ts";
import { toBase64Url } from "../../../core/wire/base64url.ts";
import { contactRecord, inviteRecord, NO_MAIL, outboxRecord, spaceRecord } from "../../../core/wire/nodeRecords.ts";
import fixture from "../../fixtures/devicesVersion1.json" with { type: "json" };
import { envOf, must, mustRefuse, party } from "../../support/world.ts";

const { rng } = envOf(50);
const { user } = party(1).device;

const recordsOf = (kind: string): readonly Uint8Array[] =>
  [fixture.alice, fixture.bob].flatMap((device) =>
    Object.entries(device).flatMap(([key, hex]) => key.startsWith(`${kind}/`) ? [Uint8Array.fromHex(hex)] : [])
  );
const [contact1] = recordsOf("contact");
const [invite1] = recordsOf("invite");
const [outbox1] = recordsOf("outbox");

const record = (version: number, fields: object) => concat(Uint8Array.of(version), encode(fields));

Deno.test("[WIRE5] a contact of version 1 or 2 is read, with nothing of mail, and written as version 3", () => {
  const fields: Record<string, unknown> = decode(contact1!.subarray(1));
  const contact2 = record(2, { ...fields, verified: { atMs: 7 } });
  for (const [bytes, verified] of [[contact1!, null], [contact2, { atMs: 7 }]] as const) {
    const contact = must(contactRecord.decode(bytes));
    assert.deepEqual([contact.verified, contact.mail, contact.theirSinceMs], [verified, NO_MAIL, null]);
    assert.equal(contact.name, fields.name);
    const written = contactRecord.encode(contact);
    assert.equal(written[0], 3);
    assert.deepEqual(must(contactRecord.decode(written)), contact);
  }
  mustRefuse(contactRecord.decode(record(3, fields)), "wire.wrong-shape");
  mustRefuse(contactRecord.decode(record(4, fields)), "wire.unknown-version");
});

Deno.test("[WIRE5] an invite of version 1 is read, without a key, and written as version 2", () => {
  const invite = must(inviteRecord.decode(invite1!));
  assert.equal(invite.mail, null);
  const written = inviteRecord.encode(invite);
  assert.equal(written[0], 2);
  assert.deepEqual(must(inviteRecord.decode(written)), invite);
});

Deno.test("[WIRE5] what waited before there was mail is read as left nowhere", () => {
  const { content, mailedAtMs } = must(outboxRecord.decode(outbox1!));
  assert.deepEqual([content.t, mailedAtMs], ["text", null]);
  const written = outboxRecord.encode({ content, mailedAtMs: 5 });
  assert.equal(written[0], 1);
  assert.deepEqual(must(outboxRecord.decode(written)), { content, mailedAtMs: 5 });
});

Deno.test("[DISK3] nothing but a text is read out of the outbox", () => {
  const receipt = contentCodec.encode({ t: "receipt", upTo: 1, also: [] });
  mustRefuse(outboxRecord.decode(receipt), "wire.wrong-shape");
  mustRefuse(outboxRecord.decode(record(1, { content: receipt, mailedAtMs: null })), "wire.wrong-shape");
});

Deno.test("[MAIL1] a space is kept with what its server has yet to hear", () => {
  const depositor = "0a".repeat(32) as Parameters<typeof spaceRecord.encode>[0]["revoking"][number];
  const space = {
    seed: rng.bytes(32),
    server: "https://mail.example",
    joinCode: "welcome",
    isOpen: true,
    uploaded: { signedId: 21, count: 20 },
    revoking: Array.from({ length: 4_000 }, () => depositor),
  };
  assert.deepEqual(must(spaceRecord.decode(spaceRecord.encode(space))), space);
});

Deno.test("[INV1] tokens of both versions are read, and none says one and is the other", () => {
  const secrets = { secret: rng.bytes(32), name: "Alice", expiresAtMs: 1 };
  const userBytes = Uint8Array.fromHex(user);
  const mail = { server: "https://mail.example", space: rng.bytes(32), secret: rng.bytes(32), sealing: rng.bytes(32) };
  const token = (fields: object) => toBase64Url(encode({ ...secrets, user: userBytes, ...fields }));
  assert.equal(must(decodeInviteToken(token({ v: 1 }))).mail, null);
  const second = must(decodeInviteToken(token({ v: 2, mail })));
  assert.equal(second.mail?.server, mail.server);
  assert.equal(encodeInviteToken(second), token({ v: 2, mail }));
  for (const bad of [{ v: 2 }, { v: 1, mail }, { v: 0 }, { v: 2, mail: null }, { v: 3, mail }]) {
    mustRefuse(decodeInviteToken(token(bad)), "invite.broken");
  }
  const long = { ...mail, server: `https://${"m".repeat(247)}` };
  const longest = encodeInviteToken({
    ...second,
    name: "n".repeat(64),
    mail: { ...second.mail!, server: long.server },
  });
  assert.equal(must(decodeInviteToken(longest)).mail?.server, long.server);
});
