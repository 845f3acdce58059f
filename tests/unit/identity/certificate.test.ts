import assert from "node:assert/strict";
import { issueCertificate, verifyCertificate } from "../../../core/identity/certificate.ts";
import { createIdentity, decodeIdentity, encodeIdentity } from "../../../core/identity/identity.ts";
import { signingKey } from "../../../core/crypto/sign.ts";
import { toHex } from "../../../core/ids.ts";
import { decodeCertificate, encodeCertificate } from "../../../core/wire/certificate.ts";
import { identityRecord } from "../../../core/wire/identityRecord.ts";
import { envOf, flipBit, must, mustRefuse, START_MS } from "../../support/world.ts";

Deno.test("[ID1] a new identity certifies its device, and the ids are the keys", () => {
  const { identity, device } = createIdentity(envOf(1));
  assert.equal(device.user, toHex(identity.publicKey));
  assert.equal(device.id, toHex(device.signing.publicKey));
  assert.equal(device.certificate.createdAtMs, START_MS);
  const { user, device: id, wire } = must(verifyCertificate(device.certificate));
  assert.deepEqual({ user, id, wire }, { user: device.user, id: device.id, wire: device.certificate });
});

Deno.test("[ID1] two identities have no key in common", () => {
  const made = [createIdentity(envOf(1)), createIdentity(envOf(2))].flatMap(({ identity, device }) => [
    toHex(identity.secret),
    toHex(device.signing.secret),
    toHex(device.dh.secret),
  ]);
  assert.equal(new Set(made).size, 6);
});

Deno.test("[ID2] a certificate signature that is not right is refused, whatever bit was changed", () => {
  const bytes = encodeCertificate(createIdentity(envOf(3)).device.certificate);
  for (let bit = 0; bit < 8 * bytes.length; bit += 19) {
    const changed = decodeCertificate(flipBit(bytes, bit));
    if (changed.ok) mustRefuse(verifyCertificate(changed.value), "crypto.bad-signature");
  }
});

Deno.test("[ID2] nobody certifies a device for somebody else", () => {
  const { identity, device } = createIdentity(envOf(4));
  const mallory = signingKey(envOf(5).rng.bytes(32));
  const own = issueCertificate(mallory, device.signing.publicKey, device.dh.publicKey, START_MS);
  mustRefuse(verifyCertificate({ ...own, user: identity.publicKey }), "crypto.bad-signature");
});

Deno.test("[ID8] an identity comes back from its record", () => {
  const made = createIdentity(envOf(6));
  assert.deepEqual(must(decodeIdentity(encodeIdentity(made))), made);
});

Deno.test("[ID8] a record whose secrets are not its certificate's is refused", () => {
  const made = createIdentity(envOf(7));
  const record = must(identityRecord.decode(encodeIdentity(made)));
  for (const field of ["identity", "signing", "dh"] as const) {
    const changed = identityRecord.encode({ ...record, [field]: flipBit(record[field], 100) });
    mustRefuse(decodeIdentity(changed), "identity.wrong-device");
  }
  const forged = { ...record.certificate, createdAtMs: 1 };
  mustRefuse(decodeIdentity(identityRecord.encode({ ...record, certificate: forged })), "crypto.bad-signature");
});
