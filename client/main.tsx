/** The composition root: the one file that knows every adapter. */
import { createMail } from "./net/mail.ts";
import { createTransport } from "./net/transport.ts";
import { createApp } from "./runtime/app.ts";
import { watchConnectivity } from "./runtime/connectivity.ts";
import { createFacts } from "./runtime/facts.ts";
import { browserLeaderPorts } from "./runtime/leader.ts";
import { browserIdle, intoCache, prefetch } from "./runtime/prefetch.ts";
import { createPrivacy } from "./runtime/privacy.ts";
import { DATABASE_NAME, openStore } from "./storage/open.ts";
import { requestPersistence } from "./storage/persistence.ts";
import { loadLater } from "./ui/later.ts";
import { mount } from "./ui/mount.tsx";

const serverUrl = location.origin;
const privacy = createPrivacy();
const { iceTransportPolicy } = privacy;
const assets = {
  captureWorklet: "asset:capture.worklet",
  playoutWorklet: "asset:playout.worklet",
  voiceWorker: "asset:voice.worker",
};
const loadAudio = () => import("./audio/engine.ts");

const app = createApp({
  window,
  leader: browserLeaderPorts(DATABASE_NAME),
  lockName: DATABASE_NAME,
  facts: createFacts(serverUrl, import.meta.url),
  privacy: privacy.port,
  openStore,
  requestPersistence,
  createMail: (onEvent) =>
    createMail({ rendezvousUrl: serverUrl, hidesAddress: () => iceTransportPolicy() === "relay", onEvent }),
  createTransport: (init) => createTransport({ rendezvousUrl: serverUrl, iceTransportPolicy, ...init }),
  async loadEngine(on, iceServers) {
    const { createVoiceEngine } = await loadAudio();
    return createVoiceEngine({
      iceServers,
      iceTransportPolicy,
      assets,
      ...on,
    });
  },
  async loadConnectionTest() {
    const { testConnection } = await import("./net/connectionTest.ts");
    return (init) => testConnection({ rendezvousUrl: serverUrl, ...init });
  },
  watchConnectivity: (handlers) => watchConnectivity(window, handlers),
});

mount(document.getElementById("app")!, app);
void prefetch(browserIdle, [loadLater, loadAudio, ...Object.values(assets).map((url) => () => intoCache(url))]);
