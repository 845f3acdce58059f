/** Two who talk Olm: our ratchet with the foreign suite, and libolm itself. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import Olm from "@matrix-org/olm";
import { x25519Key } from "../../core/crypto/dh.ts";
import type { Env } from "../../core/ports.ts";
import { openMessage, type RatchetState, sealMessage } from "../../core/session/ratchet.ts";
import type { Random } from "../sim/random.ts";
import { decodeFirst, decodeMessage, encodeFirst, type OlmFirstMessage } from "./olmMessage.ts";
import { acceptOlm, initiateOlm, OLM_RATCHET } from "./olmSuite.ts";

await Olm.init();

export interface OlmEnvelope {
  /** 0: with the handshake around it; 1: the message alone. */
  readonly type: 0 | 1;
  readonly body: Uint8Array;
}

export interface OlmParty {
  send(text: string): OlmEnvelope;
  /** The text, or `null` where it was refused. */
  receive(envelope: OlmEnvelope): string | null;
}

export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64").replaceAll("=", "");
export const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));

const NO_AD = new Uint8Array(0);

/** Ours. Until the first answer it sends the handshake along, as Olm has it. */
export class OwnParty implements OlmParty {
  #opening: Omit<OlmFirstMessage, "message"> | null = null;
  readonly #env: Env;

  constructor(public state: RatchetState, rng: Random, opening: Omit<OlmFirstMessage, "message"> | null) {
    this.#env = { nowMs: 0, rng };
    this.#opening = opening;
  }

  send(text: string): OlmEnvelope {
    const { state, message } = sealMessage(OLM_RATCHET, this.state, new TextEncoder().encode(text), NO_AD, this.#env);
    this.state = state;
    if (this.#opening === null) return { type: 1, body: message };
    return { type: 0, body: encodeFirst({ ...this.#opening, message }) };
  }

  receive({ type, body }: OlmEnvelope): string | null {
    const message = type === 1 ? body : decodeFirst(body)?.message;
    if (message === undefined) return null;
    const before = structuredClone(this.state);
    const opened = openMessage(OLM_RATCHET, this.state, message, NO_AD);
    assert.deepEqual(this.state, before);
    if (!opened.ok) return null;
    this.state = opened.value.state;
    this.#opening = null;
    return new TextDecoder().decode(opened.value.plaintext);
  }
}

export class LibolmParty implements OlmParty {
  constructor(readonly session: Olm.Session) {}

  send(text: string): OlmEnvelope {
    const { type, body } = this.session.encrypt(text);
    return { type: type === 0 ? 0 : 1, body: fromBase64(body) };
  }

  receive({ type, body }: OlmEnvelope): string | null {
    try {
      return this.session.decrypt(type, toBase64(body));
    } catch {
      return null;
    }
  }
}

export interface Talk {
  readonly own: OwnParty;
  readonly libolm: LibolmParty;
}

function libolmAccount() {
  const account = new Olm.Account();
  account.create();
  account.generate_one_time_keys(1);
  const [oneTime] = Object.values<string>(JSON.parse(account.one_time_keys()).curve25519);
  return {
    account,
    identity: fromBase64(JSON.parse(account.identity_keys()).curve25519),
    oneTime: fromBase64(oneTime!),
  };
}

/** We begin, with `text`, and libolm has read it. */
export function weInitiate(rng: Random, text: string): Talk {
  const { account, identity, oneTime } = libolmAccount();
  const keys = {
    identity: x25519Key(rng.bytes(32)),
    base: x25519Key(rng.bytes(32)),
    ratchet: x25519Key(rng.bytes(32)),
  };
  const opening = { oneTime, base: keys.base.publicKey, identity: keys.identity.publicKey };
  const own = new OwnParty(initiateOlm(keys, identity, oneTime), rng, opening);
  const first = own.send(text);
  const session = new Olm.Session();
  session.create_inbound(account, toBase64(first.body));
  account.remove_one_time_keys(session);
  const libolm = new LibolmParty(session);
  assert.equal(libolm.receive(first), text);
  return { own, libolm };
}

/** libolm begins, with `text`, and we have read it. */
export function libolmInitiates(rng: Random, text: string): Talk {
  const { account } = libolmAccount();
  const own = { identity: x25519Key(rng.bytes(32)), oneTime: x25519Key(rng.bytes(32)) };
  const session = new Olm.Session();
  session.create_outbound(account, toBase64(own.identity.publicKey), toBase64(own.oneTime.publicKey));
  const libolm = new LibolmParty(session);
  const envelope = libolm.send(text);
  assert.equal(envelope.type, 0);
  const first = decodeFirst(envelope.body)!;
  assert.deepEqual(first.oneTime, own.oneTime.publicKey);
  const ratchet = decodeMessage(first.message)!.key.slice();
  const party = new OwnParty(acceptOlm(own, first.identity, first.base, ratchet), rng, null);
  assert.equal(party.receive(envelope), text);
  return { own: party, libolm };
}
