/** Stands for the voice engines of a world: connects calls, counts sealed packets, knows which keys each node holds. */
import type { CallId } from "../../core/ids.ts";
import type { NodeEffect } from "../../core/node/index.ts";
import type { Schedule } from "./schedule.ts";
import type { SimNode } from "./simNode.ts";

interface Engine {
  readonly node: SimNode;
  readonly call: CallId;
  sendingKid: bigint | null;
  packets: number;
  readonly receiving: Set<bigint>;
  connected: boolean;
}

type VoiceEffect = Extract<
  NodeEffect,
  {
    readonly type:
      | "OpenVoice"
      | "DeliverVoiceSignal"
      | "UseSendingKey"
      | "AcceptReceivingKey"
      | "DropReceivingKey"
      | "CloseVoice";
  }
>;

const PACKETS_PER_REPORT = 100;
const REPORT_MS = 2_000;

export class VoiceBench {
  /** Reports at which the other side held the key that a packet was sealed with, and at which it did not. */
  heard = 0;
  silent = 0;
  rekeys = 0;
  #engines: Engine[] = [];

  constructor(readonly schedule: Schedule) {}

  gone(node: SimNode): void {
    this.#engines = this.#engines.filter((engine) => engine.node !== node);
  }

  perform(node: SimNode, effect: VoiceEffect): void {
    if (effect.type === "OpenVoice") return this.#open(node, effect.call);
    const engine = this.#engines.find((one) => one.node === node && one.call === effect.call);
    if (engine === undefined) return;
    switch (effect.type) {
      case "UseSendingKey":
        if (engine.sendingKid !== null) this.rekeys++;
        engine.sendingKid = effect.key.kid;
        engine.packets = 0;
        return;
      case "AcceptReceivingKey":
        engine.receiving.add(effect.key.kid);
        return;
      case "DropReceivingKey":
        engine.receiving.delete(effect.kid);
        return;
      case "CloseVoice":
        this.#engines = this.#engines.filter((one) => one !== engine);
        return;
      case "DeliverVoiceSignal":
        return this.#connect(engine);
    }
  }

  #open(node: SimNode, call: CallId): void {
    const engine: Engine = { node, call, sendingKid: null, packets: 0, receiving: new Set(), connected: false };
    this.#engines.push(engine);
    this.schedule.after(50, () => node.receive({ type: "VoiceSignalMade", call, signal: Uint8Array.of(1) }));
  }

  #connect(engine: Engine): void {
    if (engine.connected) return;
    engine.connected = true;
    engine.node.receive({ type: "VoiceConnected", call: engine.call, route: "direct" });
    this.#report(engine);
  }

  #report(engine: Engine): void {
    this.schedule.after(REPORT_MS, () => {
      if (!this.#engines.includes(engine)) return;
      engine.packets += PACKETS_PER_REPORT;
      const other = this.#engines.find((one) => one.call === engine.call && one !== engine);
      if (other?.connected === true && engine.sendingKid !== null) {
        if (other.receiving.has(engine.sendingKid)) this.heard++;
        else this.silent++;
      }
      engine.node.receive({ type: "VoiceSealed", call: engine.call, packets: engine.packets });
      this.#report(engine);
    });
  }
}
