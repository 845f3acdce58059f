/** What a contact can say inside a session besides content: the parts of the post-quantum exchange, in any order. */
import assert from "node:assert/strict";
import { RATCHET } from "../../core/limits.ts";
import type { Env } from "../../core/ports.ts";
import { sealMessage } from "../../core/session/ratchet.ts";
import { decodeSession, encodeSession, open, seal, type Session } from "../../core/session/session.ts";
import { SECURECOMM_SUITE } from "../../core/session/suite.ts";
import { concat } from "../../core/wire/bytes.ts";
import { envelopeHead } from "../../core/wire/envelope.ts";
import { pad } from "../../core/wire/padding.ts";
import { decodeRatchetBody } from "../../core/wire/ratchetBody.ts";
import { utf8 } from "../../core/wire/text.ts";
import { envOf, must, pair, START_MS } from "../support/world.ts";
import { mutateBytes } from "./mutate.ts";
import * as samples from "./samples.ts";
import type { Target } from "./target.ts";

/** A KEM key to check, an encapsulation or decapsulation, two Diffie-Hellman steps. */
const MAX_BODY_MS = 200;
const MAX_BODY_BYTES = 4_000;
/** Bodies said in one session before both begin anew. */
const LIFE = 40;

/** An authentic envelope with any bytes where a ratchet body should be. */
function sealBody(session: Session, body: Uint8Array, env: Env): { session: Session; envelope: Uint8Array } {
  const { suite, id, transcript, ratchet } = session;
  const head = envelopeHead(id, null, suite.version);
  const sealed = sealMessage(suite.ratchet, ratchet, pad(body), concat(transcript, head), env);
  return { session: { ...session, ratchet: sealed.state }, envelope: concat(head, sealed.message) };
}

/** Both sides have spoken; who hears offers keys, or answers them. */
function sides(hears: "offers" | "answers"): { readonly own: Session; readonly contact: Session } {
  const { alice, bob, env } = pair(11);
  const reply = seal(bob, utf8("reply"), env);
  const heard = must(open(alice, reply.envelope)).session;
  return hears === "offers" ? { own: heard, contact: reply.session } : { own: reply.session, contact: heard };
}

function bodies(hears: "offers" | "answers"): Target {
  const env = envOf(81, START_MS + RATCHET.mixAfterMs);
  let { own, contact } = sides(hears);
  let age = 0;
  return {
    name: `session bodies, who ${hears}`,
    cost: "costly",
    maxInputMs: MAX_BODY_MS,
    seeds: samples.ratchetBodies,
    mutate: (random, seed, other) => mutateBytes(random, seed, other).subarray(0, MAX_BODY_BYTES),
    run(input) {
      if (age++ % LIFE === 0) ({ own, contact } = sides(hears));
      const said = sealBody(contact, input, env);
      const before = encodeSession(own);
      const opened = open(own, said.envelope);
      assert.deepEqual(encodeSession(own), before, "the state was changed");
      const passedFirstParse = decodeRatchetBody(input).ok;
      if (!opened.ok) return { passedFirstParse, reason: opened.reason };
      // What was taken in does not keep us from answering, nor our record from being read.
      const answer = seal(opened.value.session, utf8("answer"), env);
      must(decodeSession(SECURECOMM_SUITE, encodeSession(answer.session)));
      const heard = open(said.session, answer.envelope);
      // A ciphertext that is none leads to a secret that nobody has: the contact has cut itself off.
      if (heard.ok) [own, contact] = [answer.session, heard.value.session];
      else age = 0;
      return { passedFirstParse, reason: null };
    },
  };
}

export const BODIES: readonly Target[] = [bodies("offers"), bodies("answers")];
