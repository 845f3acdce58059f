/** Signal's numeric fingerprint, as in libsignal's own tests (`rust/protocol/src/fingerprint.rs`, vectors of version 1). */
import assert from "node:assert/strict";
import { fingerprint, safetyDigits } from "../../core/identity/safetyNumber.ts";
import { fromHex, toHex } from "../../core/ids.ts";
import { encodeSafetyCode } from "../../core/wire/safetyNumber.ts";
import { utf8 } from "../../core/wire/text.ts";
import { held } from "./held.ts";
import { runThrough } from "../support/world.ts";

const ALICE = {
  key: fromHex("0506863bc66d02b40d27b8d49ca7c09e9239236f9d7d25d6fcca5ce13c7064d868"),
  name: utf8("+14152222222"),
  fingerprint: "1e301a0353dce3dbe7684cb8336e85136cdc0ee96219494ada305d62a7bd61df",
};
const BOB = {
  key: fromHex("05f781b6fb32fed9ba1cf2de978d4d5da28dc34046ae814402b5c0dbd96fda907b"),
  name: utf8("+14153333333"),
  fingerprint: "d62cbf73a11592015b6b9f1682ac306fea3aaf3885b84d12bca631e9d4fb3a4d",
};
const DIGITS = "300354477692869396892869876765458257569162576843440918079131";

const [alice, bob] = [ALICE, BOB].map(({ key, name }) => runThrough(fingerprint(key, name))) as [
  Uint8Array,
  Uint8Array,
];

Deno.test("5,200 iterations of SHA-512 give the fingerprints of libsignal's vectors", () => {
  assert.equal(toHex(alice), ALICE.fingerprint);
  assert.equal(toHex(bob), BOB.fingerprint);
  held("Safety numbers, fingerprints", 2);
});

Deno.test("both sides display the 60 digits of libsignal's vector", () => {
  assert.equal(safetyDigits({ local: alice, remote: bob }), DIGITS);
  assert.equal(safetyDigits({ local: bob, remote: alice }), DIGITS);
  held("Safety numbers, digits", 2);
});

Deno.test("the scannable code has the bytes of libsignal's vectors of version 1", () => {
  assert.equal(
    toHex(encodeSafetyCode({ local: alice, remote: bob })),
    `080112220a20${ALICE.fingerprint}1a220a20${BOB.fingerprint}`,
  );
  assert.equal(
    toHex(encodeSafetyCode({ local: bob, remote: alice })),
    `080112220a20${BOB.fingerprint}1a220a20${ALICE.fingerprint}`,
  );
  held("Safety numbers, scannable codes", 2);
});
