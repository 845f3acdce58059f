/** What a text costs between two people: set-up, bursts, turns, the disk. Beside libolm, which does less, in turns. */
import type { Env } from "../../core/ports.ts";
import { decodeSession, encodeSession, open, seal, type Session } from "../../core/session/session.ts";
import { SECURECOMM_SUITE } from "../../core/session/suite.ts";
import { fromUtf8, utf8 } from "../../core/wire/text.ts";
import { must, pair } from "../support/world.ts";
import { interleaved, report } from "./cpuTime.ts";
import { free, olmPair, olmPass } from "./libolm.ts";

const PEER = "libolm";
const env: Env = { nowMs: 0, rng: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) } };
const perSecond = (us: readonly number[]): readonly number[] => us.map((one) => 1e6 / one);

interface Sides {
  alice: Session;
  bob: Session;
}

/** Both have heard from each other, so that envelopes carry no handshake any more. */
function talk(): Sides {
  const { alice, bob } = pair(1);
  const reply = seal(bob, utf8("reply"), env);
  return { alice: must(open(alice, reply.envelope)).session, bob: reply.session };
}

/** Text to bytes on one side, bytes to text on the other; both keep their next state. */
function pass(sides: Sides, from: keyof Sides, text: string): void {
  const to = from === "alice" ? "bob" : "alice";
  const sealed = seal(sides[from], utf8(text), env);
  const opened = must(open(sides[to], sealed.envelope));
  sides[from] = sealed.session;
  sides[to] = opened.session;
  if (fromUtf8(opened.plaintext) !== text) throw new Error("another text came out");
}

function setUps(): void {
  const [ours, theirs] = interleaved(20, () => void pair(1), () => free(olmPair("hello")));
  report({
    figure: "set-ups per CPU second, bundle to first message read",
    unit: "/s",
    ours: perSecond(ours),
    peer: PEER,
    theirs: perSecond(theirs),
  });
}

function burst(sizeBytes: number): void {
  const text = "x".repeat(sizeBytes);
  const [sides, olm] = [talk(), olmPair("hello")];
  olmPass(olm.bob, olm.alice, "reply");
  const [ours, theirs] = interleaved(1_000, () => pass(sides, "alice", text), () => {
    olmPass(olm.alice, olm.bob, text);
  });
  free(olm);
  const goal = { ratio: 1, better: "less" } as const;
  report({ figure: `burst, ${sizeBytes} B, sealed and opened`, unit: "us CPU", ours, peer: PEER, theirs, goal });
}

/** Each message is an answer, and so a Diffie-Hellman step; the post-quantum exchange goes on beside it. */
function pingPong(sizeBytes: number): void {
  const text = "x".repeat(sizeBytes);
  const [sides, olm] = [talk(), olmPair("hello")];
  let [turn, olmTurn] = [0, 0];
  const [ours, theirs] = interleaved(100, () => pass(sides, turn++ % 2 === 0 ? "alice" : "bob", text), () => {
    const [from, to] = olmTurn++ % 2 === 0 ? [olm.bob, olm.alice] : [olm.alice, olm.bob];
    olmPass(from, to, text);
  });
  free(olm);
  const goal = { ratio: 1, better: "less" } as const;
  report({ figure: `ping-pong, ${sizeBytes} B, sealed and opened`, unit: "us CPU", ours, peer: PEER, theirs, goal });
}

function stored(): void {
  const { alice } = talk();
  const olm = olmPair("hello");
  const [key, record] = ["key", encodeSession(alice)];
  const pickle = olm.alice.pickle(key);
  const [out, olmOut, back, olmBack] = interleaved(
    500,
    () => void encodeSession(alice),
    () => void olm.alice.pickle(key),
    () => void must(decodeSession(SECURECOMM_SUITE, record)),
    () => void olm.alice.unpickle(key, pickle),
  );
  free(olm);
  report({ figure: "session to its record", unit: "us CPU", ours: out, peer: PEER, theirs: olmOut });
  report({ figure: "session from its record", unit: "us CPU", ours: back, peer: PEER, theirs: olmBack });
}

setUps();
for (const sizeBytes of [200, 2048]) burst(sizeBytes);
for (const sizeBytes of [200, 2048]) pingPong(sizeBytes);
stored();
