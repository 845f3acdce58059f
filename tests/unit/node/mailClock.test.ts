/** Whatever happened before, in whatever order: a node that asks for a tick moves on with it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { deadline, loadNode } from "../../../core/node/index.ts";
import type { AskOutcome } from "../../../core/node/index.ts";
import { ORIGIN } from "../../sim/postOffice.ts";
import { contactOf, MailStage, says, userOf } from "./mailStage.ts";
import type { Actor } from "./stage.ts";

const OUTCOMES: readonly (AskOutcome | "answer lost" | null)[] = [
  null,
  "answer lost",
  { t: "lost" },
  { t: "refused", reason: "busy", retryAfterS: 1 },
  { t: "refused", reason: "quota", retryAfterS: 0 },
  { t: "refused", reason: "unknown-space", retryAfterS: 0 },
  { t: "refused", reason: "join-code", retryAfterS: 0 },
  { t: "refused", reason: "no-bundle", retryAfterS: 3_600 },
];

/** What people, servers and networks do, each with a number that says how. */
const ACTS: readonly ((stage: MailStage, actor: Actor, other: Actor, how: number) => void | Promise<void>)[] = [
  (_, actor, other, how) => {
    for (let i = how % 5; i >= 0; i--) says(actor, other, `text ${i}`);
  },
  (stage, actor) => stage.leaves(actor),
  (stage) => stage.cutAll(),
  (stage) => stage.discover(),
  (stage, _actor, _other, how) => {
    const outcome = OUTCOMES[how % OUTCOMES.length]!;
    const share = how % 3;
    let count = 0;
    stage.meddle = () => (count++ % 3 >= share ? outcome : null);
  },
  (stage, _actor, _other, how) => {
    if (how % 4 === 0) stage.server.spaces.clear();
  },
  (stage, actor) => stage.disconnect(actor),
  (stage, actor) => stage.reconnect(actor),
  (_, actor, _other, how) => actor.do({ type: "StockLow", left: how % 21 }) && undefined,
  (_, actor, _other, how) => actor.do({ type: "SetJoinCode", code: `code ${how}` }) && undefined,
  (_, actor, _other, how) =>
    actor.do({ type: "RendezvousChanged", state: (["online", "offline", "connecting"] as const)[how % 3]! }) &&
    undefined,
  (stage, actor, other) => {
    if (!stage.present.includes(other) || actor.view().invites.length > 5) return;
    other.do({ type: "AcceptInvite", token: actor.token() });
  },
  (_, actor) => {
    for (const invite of actor.state.invites.keys()) actor.do({ type: "RevokeInvite", invite });
  },
  (_, actor, other, how) => {
    if (how % 3 === 0 && contactOf(actor, other) !== undefined) {
      actor.do({ type: "RemoveContact", contact: userOf(other) });
    }
  },
  (_, actor, other) => {
    const contact = contactOf(actor, other);
    if (contact === undefined) return;
    const contacts = new Map(actor.state.contacts).set(contact.id, { ...contact, sessions: [] });
    actor.state = { ...actor.state, contacts };
  },
  (_, actor, _other, how) =>
    actor.do({ type: "MailOffered", server: how % 2 === 0 ? ORIGIN : "https://other.example" }) && undefined,
];

const acts = fc.array(
  fc.record({
    who: fc.nat(1),
    act: fc.nat(ACTS.length - 1),
    how: fc.nat(1_000),
    thenMs: fc.constantFrom(0, 10, 3_000, 15_000, 60_000, 3_600_000),
  }),
  { minLength: 5, maxLength: 30 },
);

/** Keeping links alive takes a tick each 15 s; what is refused or lost is repeated more slowly than that. */
const MAX_EFFECTS = 6 * 3_600;

Deno.test("[MAIL5] [MBX12] whatever happens, a tick at the deadline moves the deadline on", async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (history) => {
      const stage = new MailStage();
      const actors = [stage.actor("Alice"), stage.actor("Bob")] as const;
      stage.friends(...actors);
      for (const { who, act, how, thenMs } of history) {
        const [actor, other] = [actors[who]!, actors[1 - who]!];
        if (actor.isAway) await stage.comes(actor);
        else await ACTS[act]!(stage, actor, other, how);
        stage.lasts(thenMs);
      }
      const before = actors.map(({ effects }) => effects.length);
      stage.lasts(6 * 3_600_000);
      for (const [place, actor] of actors.entries()) {
        if (!actor.isAway) assert.ok((deadline(actor.state) ?? Infinity) > stage.nowMs);
        assert.ok(actor.effects.length - before[place]! < MAX_EFFECTS, `${actor.name} did not rest`);
        const loaded = await loadNode(actor.store);
        assert.ok(loaded.ok, loaded.ok ? "" : `${loaded.key}: ${loaded.reason}`);
      }
    }),
    { seed: 20261124, numRuns: 12 },
  );
});
