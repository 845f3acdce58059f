/** What must hold at every moment of every world. A broken one throws, and the run names its seed. */
import { type MessageId, toHex, type UserId } from "../../core/ids.ts";
import type { NodeEvent, NodeState } from "../../core/node/index.ts";
import type { RecordWrite } from "../../core/ports.ts";
import { decodeEnvelope } from "../../core/wire/envelope.ts";
import { messageRecord } from "../../core/wire/nodeRecords.ts";
import { peerFrameCodec } from "../../core/wire/peerFrame.ts";
import { sameBytes } from "../../core/wire/bytes.ts";
import type { SimNode, Watcher } from "./simNode.ts";

interface Said {
  readonly by: UserId;
  readonly to: UserId;
  readonly text: string;
}

export class BrokenInvariant extends Error {}

function check(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new BrokenInvariant(sentence);
}

export class Invariants implements Watcher {
  /** Everything that was committed to be said, ever. */
  readonly said = new Map<MessageId, Said>();
  /** Per user: the messages of others that are on their disk. */
  readonly #held = new Map<UserId, Map<MessageId, string>>();
  /** Every state that a sending chain was left in. */
  readonly #reached = new Set<string>();
  readonly #redeemed = new Map<string, UserId>();

  stepped(node: SimNode, before: NodeState, _event: NodeEvent): void {
    const { state } = node;
    if (state.contacts !== before.contacts) {
      this.#delivered(node, before);
      this.#noKeyTwice(node, before);
    }
    if (state.invites !== before.invites) this.#singleUse(state);
  }

  /** "Delivered" is shown only when the message is on the other's disk. */
  #delivered(node: SimNode, before: NodeState): void {
    for (const [user, contact] of before.contacts) {
      const after = node.state.contacts.get(user);
      if (after === undefined || after.pending === contact.pending) continue;
      const left = new Set(after.pending.map(({ content }) => content.id));
      for (const { content } of contact.pending) {
        if (left.has(content.id)) continue;
        check(
          this.#held.get(user)?.has(content.id) === true,
          `${node.name} shows "Delivered" for what is not committed`,
        );
      }
    }
  }

  #singleUse({ invites }: NodeState): void {
    for (const { id, fate } of invites.values()) {
      if (fate.t !== "used") continue;
      const by = this.#redeemed.get(id) ?? fate.by;
      check(by === fate.by, "an invite was redeemed by two people");
      this.#redeemed.set(id, by);
    }
  }

  committed(node: SimNode, writes: readonly RecordWrite[]): void {
    const me = node.state.self!.identity.device.user;
    for (const { key, value } of writes) {
      const [kind, user] = key.split("/");
      if (kind !== "message" || value === null) continue;
      const record = messageRecord.decode(value);
      check(record.ok, `${node.name} wrote a message record that it cannot read`);
      const { id, own, text } = record.value;
      if (own) this.said.set(id, { by: me, to: user as UserId, text });
      else this.#heard(node, me, user as UserId, key, id, text);
    }
  }

  /** Every message of others is exactly what its author said, to this person, and is there once. */
  #heard(node: SimNode, me: UserId, from: UserId, key: string, id: MessageId, text: string): void {
    const said = this.said.get(id);
    check(said !== undefined, `${node.name} has a message that nobody wrote`);
    check(
      said.text === text && said.by === from && said.to === me,
      `${node.name} has a message with a wrong text or author`,
    );
    const held = this.#held.get(me) ?? new Map<MessageId, string>();
    this.#held.set(me, held);
    check(!held.has(id), `${node.name} has a message twice`);
    held.set(id, key);
  }

  /** A step that sealed left a chain key behind; reaching the same one again means that its keys sealed twice. */
  #noKeyTwice(node: SimNode, before: NodeState): void {
    for (const [user, { sessions }] of node.state.contacts) {
      const old = before.contacts.get(user)?.sessions;
      if (old === sessions) continue;
      for (const { id, ratchet: { turn } } of sessions) {
        const earlier = old?.find((session) => session.id === id)?.ratchet.turn;
        const hasSealed = turn.t === "sending" &&
          !(earlier?.t === "sending" && sameBytes(earlier.chain.key, turn.chain.key));
        if (!hasSealed) continue;
        const reached = `${node.name} ${id} ${toHex(turn.chain.key)}`;
        check(!this.#reached.has(reached), `${node.name} sealed twice with the keys of one chain`);
        this.#reached.add(reached);
      }
    }
  }

  sent(node: SimNode, bytes: Uint8Array): void {
    const frame = peerFrameCodec.decode(bytes);
    check(frame.ok, `${node.name} sent a frame that does not decode`);
    if (frame.value.t === "envelope") check(decodeEnvelope(frame.value.body).ok, `${node.name} sent a bad envelope`);
  }

  /** After healing: whatever was said is at its receiver, in the order in which its author said it. */
  converged(nodes: readonly SimNode[]): void {
    for (const node of nodes) {
      const me = node.state.self!.identity.device.user;
      for (const [user, contact] of node.state.contacts) {
        check(contact.standing.t === "established", `${node.name} is still waiting for ${contact.name}`);
        check(contact.pending.length === 0, `${node.name} has ${contact.pending.length} undelivered messages`);
        const other = nodes.find(({ state }) => state.self!.identity.device.user === user)!;
        const mine = contact.window.map(({ message }) => message.id);
        const theirs = other.state.contacts.get(me)!.window.map(({ message }) => message.id);
        check(mine.join() === theirs.join(), `${node.name} and ${other.name} see different conversations`);
        const own = contact.window.filter(({ message }) => message.own).map(({ message }) => message.seq);
        check(own.every((seq, i) => i === 0 || seq > own[i - 1]!), `${node.name}'s own messages are out of order`);
      }
    }
    for (const [id, { to }] of this.said) check(this.#held.get(to)?.has(id) === true, "a message was lost");
  }
}
