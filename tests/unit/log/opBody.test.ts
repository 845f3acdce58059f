/** What ops say: each type comes back as it was, and bytes that are none of it are refused without a throw. */
import assert from "node:assert/strict";
import type { ChannelId, ContentId, DeviceId, OpId, RoleId, UserId } from "../../../core/ids.ts";
import { decodeOp, signOp } from "../../../core/log/signedOp.ts";
import { decodeOpBody, encodeOpBody, OP_TYPES, type OpBody } from "../../../core/wire/opBody.ts";
import { inviteBody } from "../../support/invite.ts";
import { must, party, seededRng } from "../../support/world.ts";

const id = "0a".repeat(32);
const [user, device, role, channel] = [id as UserId, id as DeviceId, id as RoleId, id as ChannelId];
const { certificate } = party(1).device;
const bytes32 = new Uint8Array(32).fill(9);
const capabilities = [{ action: "ban", channel: null }, { action: "send", channel }];
const seen = [{ channel, device, seq: 7, id: id as ContentId }];

const SAMPLES: readonly OpBody[] = [
  { t: "genesis", name: "guild", certificate, everyone: capabilities },
  { t: "device", certificate },
  { t: "device.revoke", device },
  { t: "device.reinstate", device, seq: 3 },
  { t: "add", user },
  { t: "remove", user, seen },
  { t: "ban", user, seen: [] },
  { t: "unban", user },
  { t: "leave" },
  { t: "role.create", name: "mod", rank: 5, capabilities },
  { t: "role.change", role, name: "mod", rank: 1001, capabilities: [] },
  { t: "role.delete", role },
  { t: "role.grant", role, user },
  { t: "role.revoke", role, user },
  { t: "channel.create", name: "talk", kind: "voice" },
  { t: "channel.change", channel, name: "talk", topic: "all of it", position: 4, history: "archive" },
  { t: "channel.delete", channel },
  { t: "channel.override", channel, subject: { t: "role", role }, allow: ["view"], deny: ["send"] },
  { t: "channel.override", channel, subject: { t: "member", user }, allow: [], deny: [] },
  { t: "channel.retention", channel, keepS: null },
  inviteBody({ key: bytes32, maxUses: 5, expiresAtMs: 7 }),
  { t: "invite.revoke", invite: id as OpId },
  { t: "redeem", invite: id as OpId, key: bytes32, proof: new Uint8Array(64), certificate },
  { t: "transfer", user },
  { t: "rendezvous", servers: ["chat.example.org"] },
  { t: "settings", name: "guild", icon: bytes32 },
];

Deno.test("[LOG1] [WIRE2] a body of every type comes back as it was", () => {
  assert.deepEqual([...new Set(SAMPLES.map(({ t }) => t))].sort(), [...OP_TYPES].sort());
  for (const body of SAMPLES) assert.deepEqual(must(decodeOpBody(body.t, encodeOpBody(body))), body);
  assert.deepEqual(must(decodeOpBody("poll.create", Uint8Array.of(0xff))), { t: "unknown" });
  assert.deepEqual(must(decodeOpBody("toString", Uint8Array.of())), { t: "unknown" });
});

Deno.test("[WIRE1] [WIRE4] bytes that were tampered with are refused, or are another op in its one encoding", () => {
  const rng = seededRng(5);
  const pick = (below: number) => (rng.bytes(1)[0]! << 8 | rng.bytes(1)[0]!) % below;
  let refusedCount = 0;
  for (let round = 0; round < 4_000; round++) {
    const body = SAMPLES[round % SAMPLES.length]!;
    const bytes = encodeOpBody(body).slice();
    for (let changes = 1 + pick(3); changes > 0 && bytes.length > 0; changes--) bytes[pick(bytes.length)] = pick(256);
    const decoded = decodeOpBody(body.t, bytes.subarray(0, pick(8) === 0 ? pick(bytes.length + 1) : bytes.length));
    if (!decoded.ok) refusedCount++;
    else if (decoded.value.t !== "unknown") assert.equal(encodeOpBody(decoded.value).length, bytes.length);
  }
  assert.ok(refusedCount > 1_000);
});

Deno.test("[LOG1] [LOG3] no bytes make the decoder of ops throw", () => {
  const { signing, id: device } = party(1).device;
  const placed = { guild: id as never, device, previous: id as OpId, parents: ["0b".repeat(32) as OpId], seq: 4 };
  const rng = seededRng(6);
  const pick = (below: number) => (rng.bytes(1)[0]! << 8 | rng.bytes(1)[0]!) % below;
  const samples = SAMPLES.filter(({ t }) => t !== "genesis").map((body) => signOp(signing, placed, body));
  for (let round = 0; round < 4_000; round++) {
    const bytes = samples[round % samples.length]!.slice();
    for (let changes = 1 + pick(4); changes > 0; changes--) bytes[pick(bytes.length)] = pick(256);
    const decoded = decodeOp(pick(10) === 0 ? bytes.subarray(0, pick(bytes.length)) : bytes);
    if (decoded.ok) assert.deepEqual(decoded.value.bytes, bytes);
  }
});
