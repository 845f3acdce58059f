/** Links between devices: late, cut and split as the seed says. A frame never reaches one that has gone. */
import type { DeviceId } from "../../../core/ids.ts";
import type { Random } from "../random.ts";
import type { Schedule } from "../schedule.ts";
import type { GuildNode } from "./node.ts";

export interface NetFaults {
  readonly delayMs: readonly [number, number];
  readonly loseFrame: number;
  readonly repeatFrame: number;
  readonly cutLink: number;
  /** What is told over a pairwise session, or left as mail. */
  readonly loseTold: number;
  readonly writeFails: number;
}

export const CALM: NetFaults = {
  delayMs: [5, 60],
  loseFrame: 0,
  repeatFrame: 0,
  cutLink: 0,
  loseTold: 0,
  writeFails: 0,
};

export function drawNetFaults(random: Random): NetFaults {
  const upTo = (most: number) => (random.chance(0.6) ? random.fraction() * most : 0);
  return {
    delayMs: [random.between(0, 20), random.between(30, random.chance(0.2) ? 2_000 : 300)],
    loseFrame: upTo(0.03),
    repeatFrame: upTo(0.03),
    cutLink: upTo(0.005),
    loseTold: upTo(0.3),
    writeFails: upTo(0.02),
  };
}

const DIAL_EVERY_MS = 1_500;
const MAIL_EVERY_MS = 5_000;
const MAX_MAIL_TRIES = 100;

export class GuildNet {
  faults: NetFaults = CALM;
  /** As many links as a device looks for. */
  degree = 4;
  frames = 0;
  /** Nodes in different parts do not reach each other. */
  private parts = new Map<GuildNode, number>();
  private readonly links = new Map<GuildNode, Map<GuildNode, number>>();
  private lives = 0;

  constructor(readonly schedule: Schedule, readonly random: Random, readonly nodes: GuildNode[] = []) {}

  split(parts: number): void {
    for (const node of this.nodes) this.parts.set(node, this.random.below(parts));
    for (const [node, others] of this.links) {
      for (const other of others.keys()) if (!this.isReachable(node, other)) this.cut(node, other);
    }
  }

  heal(): void {
    this.parts = new Map();
  }

  isReachable(a: GuildNode, b: GuildNode): boolean {
    return a.isUp && b.isUp && (this.parts.get(a) ?? 0) === (this.parts.get(b) ?? 0);
  }

  isLinked(a: GuildNode, b: GuildNode): boolean {
    return this.links.get(a)?.has(b) === true;
  }

  /** Every node looks for neighbours as long as it has few. */
  keepDialing(): void {
    for (const node of this.nodes) {
      if (node.isUp && (this.links.get(node)?.size ?? 0) < this.degree) this.dial(node);
    }
    this.schedule.after(DIAL_EVERY_MS, () => this.keepDialing());
  }

  private dial(node: GuildNode): void {
    const others = this.nodes.filter((other) =>
      this.isReachable(node, other) && !this.linkedTo(node, other.device.id) && !this.linkedTo(other, node.device.id) &&
      node.device.id !== other.device.id && node.welcomes(other) && other.welcomes(node)
    );
    const other = this.random.pick(others);
    if (other === undefined) return;
    const life = ++this.lives;
    for (const [a, b] of [[node, other], [other, node]] as const) {
      this.links.set(a, (this.links.get(a) ?? new Map()).set(b, life));
    }
    node.receive({ type: "Linked", device: other.device.id, isInvited: other.provesToBeInvited(node) });
    other.receive({ type: "Linked", device: node.device.id, isInvited: node.provesToBeInvited(other) });
  }

  cut(a: GuildNode, b: GuildNode): void {
    if (!this.isLinked(a, b)) return;
    this.links.get(a)!.delete(b);
    this.links.get(b)!.delete(a);
    a.receive({ type: "Unlinked", device: b.device.id });
    b.receive({ type: "Unlinked", device: a.device.id });
  }

  gone(node: GuildNode): void {
    for (const other of [...this.links.get(node)?.keys() ?? []]) this.cut(node, other);
  }

  linkedTo(node: GuildNode, device: DeviceId): GuildNode | undefined {
    return [...this.links.get(node)?.keys() ?? []].find((other) => other.device.id === device);
  }

  send(from: GuildNode, to: DeviceId, frame: Uint8Array): void {
    const { faults, random } = this;
    const target = this.linkedTo(from, to);
    if (target === undefined) return;
    const life = this.links.get(from)!.get(target);
    if (random.chance(faults.cutLink)) return this.cut(from, target);
    if (random.chance(faults.loseFrame)) return;
    for (let times = random.chance(faults.repeatFrame) ? 2 : 1; times > 0; times--) {
      this.frames++;
      this.schedule.after(random.between(...faults.delayMs), () => {
        if (this.links.get(from)?.get(target) === life) {
          target.receive({ type: "FrameReceived", device: from.device.id, frame });
        }
      });
    }
  }

  /** Over the session: directly, or as mail that is collected later. */
  tell(from: GuildNode, to: DeviceId, message: Uint8Array, tries = 0): void {
    const { faults, random } = this;
    if (random.chance(faults.loseTold) || tries > MAX_MAIL_TRIES) return;
    for (let times = random.chance(faults.repeatFrame) ? 2 : 1; times > 0; times--) {
      this.schedule.after(random.between(...faults.delayMs) + (tries > 0 ? MAIL_EVERY_MS : 0), () => {
        const target = random.pick(this.nodes.filter((one) => one.device.id === to && one.isUp));
        if (target === undefined) return this.tell(from, to, message, tries + 1);
        target.receive({ type: "ToldBy", device: from.device.id, message });
      });
    }
  }
}
