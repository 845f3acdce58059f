/**
 * Records, envelopes and a distribution of version 1, kept as they were made (`tests/fixtures/groupVersion1.json`): they
 * must be read for ever. The file is never made anew.
 */
import assert from "node:assert/strict";
import { acceptDistribution } from "../../../core/group/accepting.ts";
import { createReceiver, decodeReceiver, encodeReceiver, openGroup } from "../../../core/group/receiver.ts";
import { decodeSender, encodeHolders, encodeSender, sealGroup } from "../../../core/group/sender.ts";
import { fromHex, toHex } from "../../../core/ids.ts";
import { utf8 } from "../../../core/wire/text.ts";
import fixtures from "../../fixtures/groupVersion1.json" with { type: "json" };
import { envOf, must, mustRefuse } from "../../support/world.ts";
import { ALICE, CHANNEL, EVERYBODY, read } from "./channel.ts";

Deno.test("[SK14] a receiver of version 1 is read, and opens what was on its way to it", () => {
  let receiver = must(decodeReceiver(fromHex(fixtures.receiver)));
  assert.equal(toHex(encodeReceiver(receiver)), fixtures.receiver);
  mustRefuse(openGroup(receiver, fromHex(fixtures.replayed)), "group.replayed");
  for (const { text, envelope } of fixtures.opens) {
    const opened = read(receiver, fromHex(envelope));
    assert.equal(opened.text, text);
    receiver = opened.receiver;
  }
});

Deno.test("[SK14] a sender of version 1 is read and goes on, for those who were handed its chain by version 1", () => {
  const sender = must(decodeSender(fromHex(fixtures.sender), fromHex(fixtures.holders)));
  assert.deepEqual([toHex(encodeSender(sender)), toHex(encodeHolders(sender))], [fixtures.sender, fixtures.holders]);
  const reader = must(acceptDistribution(createReceiver(CHANNEL, ALICE.id), fromHex(fixtures.distribution)));
  const { envelopes, handover } = sealGroup(sender, CHANNEL, ALICE, EVERYBODY, [utf8("seventh")], envOf(9));
  assert.equal(handover, null);
  assert.equal(read(reader, envelopes[0]!).text, "seventh");
});
