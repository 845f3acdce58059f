import assert from "node:assert/strict";
import { VOICE } from "../../../core/limits.ts";
import type { Env } from "../../../core/ports.ts";
import type { KeyCommand } from "../../../core/voice/action.ts";
import {
  addPeer,
  countSealed,
  endKeys,
  keyCoverage,
  keyDeadlineMs,
  type KeySchedule,
  type KeyStep,
  receiveKeyControl,
  removePeer,
  startKeys,
  tickKeys,
} from "../../../core/voice/keySchedule.ts";
import { generationOf, kidOf, senderOf } from "../../../core/voice/voiceKey.ts";
import { wrapMediaSecret } from "../../../core/voice/keyAgreement.ts";
import { must, mustRefuse, seededRng } from "../../support/world.ts";
import { agree, alice, bob, CALL, carol, type Person } from "./people.ts";

const rng = seededRng(41);
const at = (nowMs: number): Env => ({ nowMs, rng });
const START_MS = 1_000_000;

/** One member's schedule, with all that was ever sent and installed. */
class Member {
  state: KeySchedule;
  outbox: KeyStep["send"][number][] = [];
  readonly installed: KeyCommand[] = [];

  constructor(readonly who: Person) {
    const started = startKeys(CALL, at(START_MS));
    this.state = started.state;
    this.installed.push(...started.install);
  }

  apply(step: KeyStep): void {
    this.state = step.state;
    this.outbox.push(...step.send);
    this.installed.push(...step.install);
  }

  /** The key that frames are sealed with, and those that are opened. */
  get sendingKid(): number {
    const use = this.installed.filter(({ type }) => type === "UseSendingKey").at(-1);
    assert.ok(use?.type === "UseSendingKey");
    return Number(use.key.kid);
  }
  get receivingKids(): readonly number[] {
    const kids = new Set<number>();
    for (const command of this.installed) {
      if (command.type === "AcceptReceivingKey") kids.add(Number(command.key.kid));
      if (command.type === "DropReceivingKey") kids.delete(Number(command.kid));
    }
    return [...kids];
  }
}

/** Hands over everything that is on its way, and what comes of it. */
function deliver(members: readonly Member[], nowMs: number): void {
  for (let round = 0; round < 5; round++) {
    for (const member of members) {
      const sent = member.outbox;
      member.outbox = [];
      for (const { to, control } of sent) {
        const receiver = members.find(({ who }) => who.peer.device === to.device);
        if (receiver === undefined) continue;
        receiver.apply(must(receiveKeyControl(receiver.state, member.who.peer.device, control, at(nowMs))));
      }
    }
  }
}

function pair(): readonly [Member, Member] {
  const [a, b] = [new Member(alice), new Member(bob)];
  const [forA, forB] = agree(alice, bob);
  a.apply(addPeer(a.state, bob.peer, forA, at(START_MS)));
  b.apply(addPeer(b.state, alice.peer, forB, at(START_MS)));
  return [a, b];
}

const ANNOUNCE_MS = START_MS + VOICE.rekeyAfterMs - VOICE.announceAheadMs;

Deno.test("[VK6] each side seals with a key of its own from the start, and the other opens it", () => {
  const [a, b] = pair();
  deliver([a, b], START_MS);
  assert.deepEqual(b.receivingKids, [a.sendingKid]);
  assert.deepEqual(a.receivingKids, [b.sendingKid]);
  assert.notEqual(a.sendingKid, b.sendingKid);
});

Deno.test("[VK11] coverage counts who has acknowledged the key in use", () => {
  const [a, b] = pair();
  assert.deepEqual(keyCoverage(a.state), { holding: 1, total: 2 });
  deliver([a, b], START_MS);
  assert.deepEqual(keyCoverage(a.state), { holding: 2, total: 2 });
});

Deno.test("[VK6] [VK7] the next key is announced 2 s ahead and used as soon as it is acknowledged", () => {
  const [a, b] = pair();
  deliver([a, b], START_MS);
  assert.equal(keyDeadlineMs(a.state), ANNOUNCE_MS);
  const before = a.sendingKid;
  a.apply(tickKeys(a.state, at(ANNOUNCE_MS - 1)));
  assert.equal(a.outbox.length, 0);
  a.apply(tickKeys(a.state, at(ANNOUNCE_MS)));
  assert.equal(a.outbox.length, 1);
  assert.equal(a.sendingKid, before, "not used before it is acknowledged");
  deliver([a, b], ANNOUNCE_MS + 50);
  assert.equal(generationOf(a.sendingKid), 1);
  assert.equal(senderOf(a.sendingKid), senderOf(before));
  assert.deepEqual(b.receivingKids, [before, a.sendingKid], "the old key still opens what is on its way");
});

Deno.test("[VK6] every key is fresh", () => {
  const [a, b] = pair();
  const keys = new Set<string>();
  for (let nowMs = START_MS; nowMs < START_MS + 10 * VOICE.rekeyAfterMs; nowMs += 500) {
    for (const member of [a, b]) member.apply(tickKeys(member.state, at(nowMs)));
    deliver([a, b], nowMs);
  }
  const uses = [...a.installed, ...b.installed].filter((command) => command.type === "UseSendingKey");
  for (const { key } of uses) keys.add(key.baseKey.join()).add(key.macKey.join());
  assert.equal(uses.length, 22);
  assert.equal(keys.size, 44);
});

Deno.test("[VK7] the switch comes at the bound when an acknowledgement is missing, and the key is sent again", () => {
  const [a, b] = pair();
  deliver([a, b], START_MS);
  a.apply(tickKeys(a.state, at(ANNOUNCE_MS)));
  const lost = a.outbox.splice(0);
  assert.equal(lost.length, 1);
  a.apply(tickKeys(a.state, at(ANNOUNCE_MS + VOICE.keyResendMs)));
  assert.deepEqual(a.outbox.map(({ control }) => control), lost.map(({ control }) => control));
  a.outbox = [];
  a.apply(tickKeys(a.state, at(ANNOUNCE_MS + VOICE.announceAheadMs)));
  assert.equal(generationOf(a.sendingKid), 1);
  assert.deepEqual(keyCoverage(a.state), { holding: 1, total: 2 });
  deliver([a, b], ANNOUNCE_MS + VOICE.announceAheadMs + 100);
  assert.ok(b.receivingKids.includes(a.sendingKid));
  assert.deepEqual(keyCoverage(a.state), { holding: 2, total: 2 });
});

Deno.test("[VK6] after 10,000 packets the key is replaced, whatever the time", () => {
  const [a, b] = pair();
  deliver([a, b], START_MS);
  a.apply(countSealed(a.state, 9_700, at(START_MS + 10)));
  assert.equal(a.outbox.length, 0);
  a.apply(countSealed(a.state, 9_800, at(START_MS + 20)));
  assert.equal(a.outbox.length, 1);
  a.outbox = [];
  a.apply(countSealed(a.state, 10_000, at(START_MS + 30)));
  assert.equal(generationOf(a.sendingKid), 1);
});

Deno.test("[VK8] the old receiving key is dropped 10 s after the next one came, and no sooner", () => {
  const [a, b] = pair();
  deliver([a, b], START_MS);
  const old = a.sendingKid;
  a.apply(tickKeys(a.state, at(ANNOUNCE_MS)));
  deliver([a, b], ANNOUNCE_MS);
  b.apply(tickKeys(b.state, at(ANNOUNCE_MS + VOICE.oldKeyMs - 1)));
  assert.ok(b.receivingKids.includes(old));
  assert.ok(keyDeadlineMs(b.state)! <= ANNOUNCE_MS + VOICE.oldKeyMs);
  b.apply(tickKeys(b.state, at(ANNOUNCE_MS + VOICE.oldKeyMs)));
  assert.deepEqual(b.receivingKids, [a.sendingKid]);
});

Deno.test("[VK8] no more than three receiving keys of one sender are kept, however fast it announces", () => {
  const [a, b] = pair();
  deliver([a, b], START_MS);
  for (let i = 0; i < 10; i++) {
    a.apply(countSealed(a.state, 10_000, at(START_MS + i)));
    deliver([a, b], START_MS + i);
    a.apply(tickKeys(a.state, at(START_MS + i)));
    assert.ok(b.receivingKids.length <= VOICE.maxReceivingKeys);
    assert.ok(b.receivingKids.includes(a.sendingKid));
  }
});

Deno.test("[VK5] a repeated announcement is acknowledged again and installs nothing", () => {
  const [a, b] = pair();
  const [announced] = a.outbox;
  deliver([a, b], START_MS);
  const again = must(receiveKeyControl(b.state, alice.peer.device, announced!.control, at(START_MS + 1)));
  assert.deepEqual(again.install, []);
  assert.equal(again.send[0]!.control.t, "keyAck");
  assert.equal(again.state, b.state);
});

Deno.test("[VK5] an announcement sealed with a wrong key changes nothing", () => {
  const [, b] = pair();
  const wrapped = wrapMediaSecret(rng.bytes(32), CALL, kidOf(5, 0), rng.bytes(32));
  const control = { t: "key", call: CALL, kid: kidOf(5, 0), wrapped } as const;
  mustRefuse(receiveKeyControl(b.state, alice.peer.device, control, at(START_MS)), "crypto.not-authentic");
  mustRefuse(receiveKeyControl(b.state, carol.peer.device, control, at(START_MS)), "call.unknown");
});

Deno.test("[VK9] a key under our own sender bits or another member's, or of the past, is refused", () => {
  const [a, b] = pair();
  deliver([a, b], START_MS);
  const [forA] = agree(alice, bob);
  const announce = (kid: number) => {
    const wrapped = wrapMediaSecret(forA.sealKey, CALL, kid, rng.bytes(32));
    return receiveKeyControl(b.state, alice.peer.device, { t: "key", call: CALL, kid, wrapped }, at(START_MS));
  };
  mustRefuse(announce(kidOf(senderOf(b.sendingKid), 9)), "voice.unknown-key");
  mustRefuse(announce(kidOf(senderOf(a.sendingKid) ^ 1, 9)), "voice.unknown-key");
  const step = must(announce(kidOf(senderOf(a.sendingKid), 9)));
  b.apply(step);
  mustRefuse(announce(kidOf(senderOf(a.sendingKid), 4)), "voice.too-old");
});

Deno.test("[VK7] an acknowledgement of a key that we never announced is refused", () => {
  const [a, b] = pair();
  deliver([a, b], START_MS);
  const control = { t: "keyAck", call: CALL, kid: kidOf(7, 7) } as const;
  mustRefuse(receiveKeyControl(a.state, bob.peer.device, control, at(START_MS)), "voice.unknown-key");
});

function three(): readonly [Member, Member, Member] {
  const [a, b] = pair();
  deliver([a, b], START_MS);
  const c = new Member(carol);
  for (const member of [a, b]) {
    const [forMember, forCarol] = agree(member.who, carol);
    member.apply(addPeer(member.state, carol.peer, forMember, at(START_MS + 100)));
    c.apply(addPeer(c.state, member.who.peer, forCarol, at(START_MS + 100)));
  }
  return [a, b, c];
}

Deno.test("[VK10] a newcomer gets the next key and never the one that was in use before", () => {
  const [a, b, c] = three();
  const before = [a.sendingKid, b.sendingKid];
  deliver([a, b, c], START_MS + 150);
  assert.deepEqual([...c.receivingKids].sort(), [a.sendingKid, b.sendingKid].sort());
  for (const kid of before) assert.ok(!c.receivingKids.includes(kid));
  assert.deepEqual(keyCoverage(a.state), { holding: 3, total: 3 });
});

Deno.test("[VK10] after a removal a fresh key is used at once, and those of who left open nothing", () => {
  const [a, b, c] = three();
  deliver([a, b, c], START_MS + 150);
  const before = a.sendingKid;
  a.apply(removePeer(a.state, carol.peer.device, at(START_MS + 200)));
  assert.ok(a.sendingKid > before);
  assert.ok(!a.receivingKids.includes(c.sendingKid));
  assert.deepEqual(a.outbox.map(({ to }) => to.device), [bob.peer.device]);
  deliver([a, b], START_MS + 250);
  assert.ok(b.receivingKids.includes(a.sendingKid));
  assert.ok(!c.receivingKids.includes(a.sendingKid));
  assert.deepEqual(keyCoverage(a.state), { holding: 2, total: 2 });
});

Deno.test("[CALL6] at the end every receiving key is dropped", () => {
  const [a, b] = pair();
  deliver([a, b], START_MS);
  b.installed.push(...endKeys(b.state));
  assert.deepEqual(b.receivingKids, []);
});
