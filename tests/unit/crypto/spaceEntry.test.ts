import assert from "node:assert/strict";
import { type MailConnection, signRequest, spaceIdOf, verifyRequest } from "../../../core/crypto/mailRequest.ts";
import { addressOf, depositorRequest, ownerRequest, spaceKeys } from "../../../core/mailbox/space.ts";
import { signedRequestCodec } from "../../../core/wire/mailRequest.ts";
import { envOf, flipBit, must, mustRefuse } from "../../support/world.ts";

const { rng } = envOf(31);
const keys = spaceKeys(rng.bytes(32));
const address = addressOf(keys, "mail.example", rng.bytes(32));
const connection: MailConnection = { server: "mail.example", challenge: rng.bytes(32) };
const take = depositorRequest(address, connection, 3, { t: "take" });
const fetch = ownerRequest(keys, connection, 4, { t: "fetch", after: 0, limit: 10 });

Deno.test("[MBX7] a request says which space, by whom, and what, and passes where it was meant for", () => {
  const owners = must(verifyRequest(fetch, connection, 3));
  assert.equal(owners.space, spaceIdOf(owners.signer));
  assert.deepEqual(owners.request, { t: "fetch", after: 0, limit: 10 });
  const depositors = must(verifyRequest(take, connection, 0));
  assert.equal(depositors.space, keys.id);
  assert.notDeepEqual(depositors.signer, keys.owner.publicKey);
});

Deno.test("[MBX8] a request is good once on its connection", () => {
  mustRefuse(verifyRequest(take, connection, 3), "mail.replayed");
  mustRefuse(verifyRequest(take, connection, 7), "mail.replayed");
});

Deno.test("[MBX8] a request is good on no other connection, and at no other server with the same challenge", () => {
  for (const bytes of [take, fetch]) {
    mustRefuse(verifyRequest(bytes, { ...connection, challenge: rng.bytes(32) }, 0), "crypto.bad-signature");
    mustRefuse(verifyRequest(bytes, { ...connection, server: "mail.example.org" }, 0), "crypto.bad-signature");
  }
});

Deno.test("[MBX8] no changed bit of a request passes", () => {
  for (let bit = 0; bit < take.length * 8; bit += 7) {
    assert.equal(verifyRequest(flipBit(take, bit), connection, 0).ok, false, `bit ${bit}`);
  }
});

Deno.test("[MBX8] only the key that the space is named after asks as its owner", () => {
  const other = spaceKeys(rng.bytes(32));
  const request = { t: "close" } as const;
  const stolen = signRequest(other.owner, connection, { space: keys.id, number: 1, request });
  mustRefuse(verifyRequest(stolen, connection, 0), "mail.not-owner");
});

Deno.test("[MBX7] what a depositor signed counts as no owner's request, even by one key", () => {
  const decoded = must(signedRequestCodec.decode(signRequest(keys.owner, connection, {
    space: keys.id,
    number: 1,
    request: { t: "take" },
  })));
  const bent = signedRequestCodec.encode({ ...decoded, request: { t: "close" } });
  mustRefuse(verifyRequest(bent, connection, 0), "crypto.bad-signature");
});
