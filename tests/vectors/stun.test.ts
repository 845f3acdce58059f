/** STUN messages of RFC 5769, read, checked and made by the client that tries a relay. */
import assert from "node:assert/strict";
import { fromHex, toHex } from "../../core/ids.ts";
import {
  ATTRIBUTES,
  decodeStun,
  encodeStun,
  isAuthentic,
  longTermKey,
  type StunMessage,
  valueOf,
} from "../../turn/client/message.ts";
import { decodeXorAddress, encodeXorAddress, type Endpoint } from "../../turn/client/values.ts";
import { held } from "./held.ts";

const SHORT_TERM_KEY = new TextEncoder().encode("VOkJxbRl1RmTxUk/WvJxBt");
const RESPONSES = [
  "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643" +
  "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96",
  "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9fa" +
  "a5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c",
].map(fromHex);
const MAPPED: readonly Endpoint[] = [
  { host: "192.0.2.1", port: 32_853 },
  { host: "2001:db8:1234:5678:11:2233:4455:6677", port: 32_853 },
];
const LONG_TERM = fromHex(
  "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b90000" +
    "0015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b6578616d706c652e6f726700" +
    "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666",
);

const read = (bytes: Uint8Array): StunMessage => {
  const message = decodeStun(bytes);
  assert.ok(message !== null);
  return message;
};

Deno.test("STUN responses name the addresses that RFC 5769 says, and are authentic", () => {
  RESPONSES.forEach((bytes, at) => {
    const message = read(bytes);
    const value = valueOf(message, ATTRIBUTES.xorMappedAddress)!;
    assert.deepEqual(decodeXorAddress(value, message.transactionId), MAPPED[at]);
    assert.deepEqual(encodeXorAddress(MAPPED[at]!, message.transactionId), value);
    assert.ok(isAuthentic(bytes, SHORT_TERM_KEY));
    assert.ok(!isAuthentic(bytes, SHORT_TERM_KEY.slice(1)));
  });
  held("STUN responses", RESPONSES.length);
});

Deno.test("a STUN request with a long-term login comes out as RFC 5769 has it", () => {
  const message = read(LONG_TERM);
  const key = longTermKey("マトリックス", "example.org", "TheMatrIX");
  assert.ok(isAuthentic(LONG_TERM, key));
  const attributes = message.attributes.filter(({ type }) => type !== ATTRIBUTES.integrity);
  assert.equal(toHex(encodeStun({ ...message, attributes }, key)), toHex(LONG_TERM));
  held("STUN, long-term login", 1);
});
