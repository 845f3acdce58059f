import assert from "node:assert/strict";
import { type EntryContext, signEntry, verifyEntry } from "../../../core/crypto/spaceEntry.ts";
import { addressOf, depositorEntry, depositorOf, ownerEntry, spaceKeys } from "../../../core/mailbox/space.ts";
import { entryCodec, MAILBOX_PROTOCOL, PREKEYS_PROTOCOL } from "../../../core/wire/spaceEntry.ts";
import { envOf, flipBit, must, mustRefuse } from "../../support/world.ts";

const { rng } = envOf(31);
const keys = spaceKeys(rng.bytes(32));
const address = addressOf(keys, "https://mail.example", rng.bytes(32));
const stream: EntryContext = {
  protocol: MAILBOX_PROTOCOL,
  serverPeer: "12D3KooWServer",
  clientPeer: "12D3KooWClient",
  challenge: rng.bytes(32),
};
const asOwner = ownerEntry(keys, stream);
const asDepositor = depositorEntry(address, stream);

Deno.test("[MBX7] an entry says who speaks on the stream, and of which space", () => {
  assert.deepEqual(must(verifyEntry(asOwner, stream)), { role: "owner", space: keys.id });
  const depositor = depositorOf(address);
  assert.deepEqual(must(verifyEntry(asDepositor, stream)), { role: "depositor", space: keys.id, depositor });
});

Deno.test("[MBX8] an entry is good on no other stream, connection, protocol or server", () => {
  const others: readonly EntryContext[] = [
    { ...stream, challenge: rng.bytes(32) },
    { ...stream, clientPeer: "12D3KooWOther" },
    { ...stream, serverPeer: "12D3KooWOther" },
    { ...stream, protocol: PREKEYS_PROTOCOL },
  ];
  for (const other of others) {
    for (const bytes of [asOwner, asDepositor]) mustRefuse(verifyEntry(bytes, other), "crypto.bad-signature");
  }
});

Deno.test("[MBX8] no changed bit of an entry passes", () => {
  for (let bit = 0; bit < asDepositor.length * 8; bit += 7) {
    assert.equal(verifyEntry(flipBit(asDepositor, bit), stream).ok, false, `bit ${bit}`);
  }
});

Deno.test("[MBX8] only the key that the space is named after enters as its owner", () => {
  const other = spaceKeys(rng.bytes(32));
  mustRefuse(verifyEntry(signEntry(other.owner, "owner", keys.id, stream), stream), "mail.not-owner");
});

Deno.test("[MBX7] what a depositor signed makes nobody an owner, even by one key", () => {
  const decoded = must(entryCodec.decode(signEntry(keys.owner, "depositor", keys.id, stream)));
  mustRefuse(verifyEntry(entryCodec.encode({ ...decoded, role: "owner" }), stream), "crypto.bad-signature");
});
