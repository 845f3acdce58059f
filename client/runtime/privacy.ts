/** The person's choice of who may learn this device's network address. */
import { signal } from "@preact/signals";
import type { PrivacyPort } from "../ui/port.ts";
import { preference } from "./preferences.ts";

export interface Privacy {
  readonly port: PrivacyPort;
  /** For connections made now. */
  iceTransportPolicy(): RTCIceTransportPolicy;
}

export function createPrivacy(): Privacy {
  const kept = preference("relay-only");
  const relayOnly = signal(kept.get() === "yes");
  return {
    port: {
      relayOnly,
      setRelayOnly(on) {
        relayOnly.value = on;
        kept.set(on ? "yes" : null);
      },
    },
    iceTransportPolicy: () => relayOnly.value ? "relay" : "all",
  };
}
