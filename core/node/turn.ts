/**
 * One step in the making: the state so far and the effects so far. Handlers replace `state` with changed copies and never
 * touch what it points to, so the state a step began with stays whole.
 */
import type { Reason } from "../errors.ts";
import { bytesUint } from "../wire/bytes.ts";
import type { InviteId, LinkId, PeerId, UserId } from "../ids.ts";
import type { Peer } from "../net/peer.ts";
import type { Upgrade } from "../net/upgrade.ts";
import type { Env, RecordWrite } from "../ports.ts";
import type { NodeEffect } from "./effect.ts";
import type { Session } from "../session/session.ts";
import type { Asked, Contact, Invite, Link, MailRun, Network, NodeState } from "./state.ts";

export class Turn {
  readonly effects: NodeEffect[] = [];
  /** Records that no comparison of states would find: messages and their place in the outbox. */
  readonly writes: RecordWrite[] = [];
  refusal: Reason | null = null;
  readonly #sealedWith = new Set<Session>();

  constructor(public state: NodeState, readonly env: Env) {}

  get nowMs(): number {
    return this.env.nowMs;
  }

  emit(effect: NodeEffect): void {
    this.effects.push(effect);
  }

  /** Counts a refusal, and names it to whoever dispatched the event. */
  refuse(reason: Reason): void {
    this.refusal = reason;
    const count = (this.state.refusals[reason] ?? 0) + 1;
    this.state = { ...this.state, refusals: { ...this.state.refusals, [reason]: count } };
  }

  /** Uniform in [0, 1). */
  random(): number {
    return bytesUint(this.env.rng.bytes(4)) / 2 ** 32;
  }

  get network(): Network {
    return this.state.network;
  }

  setNetwork(change: Partial<Network>): void {
    this.state = { ...this.state, network: { ...this.state.network, ...change } };
  }

  contact(id: UserId): Contact | undefined {
    return this.state.contacts.get(id);
  }

  setContact(contact: Contact): void {
    this.state = { ...this.state, contacts: replaced(this.state.contacts, contact.id, contact) };
  }

  /** A state of a session seals once: whoever seals with it again has put an old contact in the place of the current. */
  sealsWith(session: Session): void {
    if (this.#sealedWith.has(session)) throw new Error("a message key would be used twice");
    this.#sealedWith.add(session);
  }

  setInvite(invite: Invite): void {
    this.state = { ...this.state, invites: replaced(this.state.invites, invite.id, invite) };
  }

  dropInvite(id: InviteId): void {
    this.state = { ...this.state, invites: without(this.state.invites, id) };
  }

  setMail(change: Partial<MailRun>): void {
    this.state = { ...this.state, mail: { ...this.state.mail, ...change } };
  }

  /** The number under which a server's answer to `asked` will come. */
  ask(asked: Asked): number {
    const { nextAsk, asks } = this.state.mail;
    this.setMail({ nextAsk: nextAsk + 1, asks: replaced(asks, nextAsk, asked) });
    return nextAsk;
  }

  /** What an answer is to; `null` where nobody asked, or nobody waits any more. */
  answered(ask: number): Asked | null {
    const { asks } = this.state.mail;
    this.setMail({ asks: without(asks, ask) });
    return asks.get(ask) ?? null;
  }

  setLink(link: Link): void {
    this.setNetwork({ links: replaced(this.network.links, link.id, link) });
  }

  dropLink(id: LinkId): void {
    this.setNetwork({ links: without(this.network.links, id) });
  }

  setPeer(peer: PeerId, value: Peer | null): void {
    const { peers } = this.network;
    this.setNetwork({ peers: value === null ? without(peers, peer) : replaced(peers, peer, value) });
  }

  setUpgrade(peer: PeerId, value: Upgrade | null): void {
    const { upgrades } = this.network;
    this.setNetwork({ upgrades: value === null ? without(upgrades, peer) : replaced(upgrades, peer, value) });
  }
}

export function replaced<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}

export function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map;
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
