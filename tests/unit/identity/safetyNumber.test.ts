import assert from "node:assert/strict";
import { compareSafety, safetyDigits, safetyNumber } from "../../../core/identity/safetyNumber.ts";
import {
  decodeSafetyCode,
  encodeSafetyCode,
  parseSafetyCode,
  safetyCodeText,
} from "../../../core/wire/safetyNumber.ts";
import { toBase64Url } from "../../../core/wire/base64url.ts";
import { SAFETY_NUMBER } from "../../../core/limits.ts";
import { must, mustRefuse, party, runThrough } from "../../support/world.ts";

const [alice, bob, eve, mallory] = [1, 2, 3, 4].map((seed) => party(seed).device.user) as [Id, Id, Id, Id];
type Id = ReturnType<typeof party>["device"]["user"];

const held = (by: Id, of: Id) => runThrough(safetyNumber(by, of));
const ours = held(alice, bob);

Deno.test("[SAFE1] a fingerprint is computed in slices that together are the 5,200 iterations", () => {
  let yields = 0;
  const slices = safetyNumber(alice, bob);
  while (slices.next().done !== true) yields++;
  assert.equal(yields, 2 * Math.floor((SAFETY_NUMBER.iterations - 1) / SAFETY_NUMBER.sliceIterations));
});

Deno.test("[SAFE3] both sides see the same 60 digits, and another pair sees others", () => {
  assert.match(safetyDigits(ours), /^\d{60}$/);
  assert.equal(safetyDigits(held(bob, alice)), safetyDigits(ours));
  assert.notEqual(safetyDigits(held(alice, eve)), safetyDigits(ours));
});

Deno.test("[SAFE4] the other's code and digits match, whatever spaces are in them", () => {
  assert.equal(compareSafety(ours, safetyCodeText(held(bob, alice))), "match");
  assert.equal(compareSafety(ours, ` ${safetyDigits(ours).replace(/(.{5})/g, "$1 \n")}`), "match");
});

Deno.test("[SAFE4] a number of another pair in which one of us is, is another person's", () => {
  for (const other of [held(bob, eve), held(eve, alice), held(eve, bob), held(alice, eve)]) {
    assert.equal(compareSafety(ours, safetyCodeText(other)), "other-person");
    assert.equal(compareSafety(ours, safetyDigits(other)), "other-person");
  }
});

Deno.test("[SAFE4] our own code proves nothing: it is not the other's", () => {
  assert.equal(compareSafety(ours, safetyCodeText(ours)), "other-person");
});

Deno.test("[SAFE4] with somebody in between neither key is the same: a mismatch", () => {
  const toAlice = held(alice, eve);
  const toBob = held(bob, mallory);
  assert.equal(compareSafety(toAlice, safetyCodeText(toBob)), "mismatch");
  assert.equal(compareSafety(toAlice, safetyDigits(toBob)), "mismatch");
});

Deno.test("[SAFE4] a code of another version is told as such, and nothing else of it is read", () => {
  const code = encodeSafetyCode(held(bob, alice));
  mustRefuse(decodeSafetyCode(code.with(1, 2)), "wire.unknown-version");
  assert.equal(compareSafety(ours, toBase64Url(code.with(1, 2))), "other-version");
  assert.equal(compareSafety(ours, toBase64Url(Uint8Array.of(8, 9, 1, 2, 3))), "other-version");
});

Deno.test("[SAFE4] what is neither code nor number is not compared", () => {
  const code = encodeSafetyCode(ours);
  const texts = ["", "hello", "1".repeat(59), "1".repeat(61), toBase64Url(code.subarray(1)), " ".repeat(2_000)];
  for (const text of texts) assert.equal(compareSafety(ours, text), null, text);
  for (const at of [0, 2, 3, 4, 5, 38, 39, 40, 41]) mustRefuse(decodeSafetyCode(code.with(at, 0)), "wire.malformed");
  mustRefuse(decodeSafetyCode(code.subarray(0, 73)), "wire.malformed");
  mustRefuse(decodeSafetyCode(Uint8Array.of(...code, 0)), "wire.malformed");
  assert.deepEqual(must(parseSafetyCode(safetyCodeText(ours))), ours);
});
