/** The transport alone, driven by a test through `netProbe`. */
import { linkId, type PeerId, peerId, type Topic } from "../../../core/ids.ts";
import type { NodeEvent } from "../../../core/node/event.ts";
import { createTransport, type NetworkEffect, type Transport } from "../../../client/net/transport.ts";

/** Every candidate of another browser that reached this one, alone or inside a description. */
const candidates: string[] = [];
const { addIceCandidate, setRemoteDescription } = RTCPeerConnection.prototype;
Object.assign(RTCPeerConnection.prototype, {
  addIceCandidate(this: RTCPeerConnection, ...call: [RTCIceCandidateInit]) {
    candidates.push(call[0].candidate ?? "");
    return Reflect.apply(addIceCandidate, this, call);
  },
  setRemoteDescription(this: RTCPeerConnection, ...call: [RTCSessionDescriptionInit]) {
    candidates.push(...(call[0].sdp ?? "").split("\r\n").filter((line) => line.startsWith("a=candidate")));
    return Reflect.apply(setRemoteDescription, this, call);
  },
});

const events: NodeEvent[] = [];
const problems: string[] = [];
let transport: Transport;

async function start(iceTransportPolicy?: RTCIceTransportPolicy, rendezvousUrl = location.origin): Promise<void> {
  transport = await createTransport({
    rendezvousUrl,
    ...(iceTransportPolicy ? { iceTransportPolicy: () => iceTransportPolicy } : {}),
    onEvent(event) {
      events.push(event);
      return Promise.resolve();
    },
    onProblem: (problem, holds) => problems.push(`${problem} ${holds}`),
  });
  await transport.start();
}

const found = <T extends NodeEvent["type"]>(type: T) =>
  events.filter((event): event is Extract<NodeEvent, { type: T }> => event.type === type);

const decoder = new TextDecoder();

const probe = {
  start,
  run: (effect: NetworkEffect) => transport.run(effect),
  self: () => found("TransportReady")[0]?.peer ?? null,
  rendezvous: () => found("RendezvousChanged").at(-1)?.state ?? null,
  links: () => {
    const closed = new Set(found("LinkClosed").map((event) => event.link));
    return found("LinkOpened").filter((event) => !closed.has(event.link));
  },
  frames: (link: string) =>
    found("FrameReceived").filter((event) => event.link === link).map((one) => decoder.decode(one.frame)),
  frameSizes: (link: string) =>
    found("FrameReceived").filter((event) => event.link === link).map((one) => one.frame.length),
  failures: () => found("LinkFailed"),
  found: () => found("PeerFound"),
  open: (peer: string, route: "relayed" | "direct") => {
    const id = peerId(peer);
    if (id.ok) transport.run({ type: "OpenLink", peer: id.value, route });
  },
  allow: (peers: readonly string[]) => transport.run({ type: "AllowDirect", peers: peers as readonly PeerId[] }),
  send: (link: string, text: string) =>
    transport.run({ type: "SendFrame", link: linkId(link), frame: new TextEncoder().encode(text) }),
  sendBytes: (link: string, count: number, sizeBytes: number) => {
    for (let i = 0; i < count; i++) {
      transport.run({ type: "SendFrame", link: linkId(link), frame: new Uint8Array(sizeBytes).fill(i) });
    }
  },
  close: (link: string) => transport.run({ type: "CloseLink", link: linkId(link), reason: "done" }),
  topics: (register: readonly string[], discover: readonly string[]) =>
    transport.run({
      type: "SetTopics",
      topics: [...new Set([...register, ...discover])].map((topic) => ({
        topic: topic as Topic,
        register: register.includes(topic),
        discover: discover.includes(topic),
      })),
    }),
  faults: () => transport.faults(),
  problems: () => problems,
  candidates: () => candidates,
  retryNow: () => transport.retryNow(),
};

export type NetProbe = typeof probe;

Object.assign(globalThis, { netProbe: probe });
