/** The voice engine as the screen and the driver see it. It is made at the first call or microphone test, not before. */
import { signal } from "@preact/signals";
import type { CallQuality, VoiceEngine, VoiceEvent, VoiceNews } from "../audio/engine.ts";
import { checkSupport } from "../audio/support.ts";
import type { AudioDevices, VoicePort, VoiceProblem, VoiceQuality, VoiceSupport } from "../ui/port.ts";
import type { OutwardEffect } from "./session.ts";
import { createDevices } from "./voiceDevices.ts";

export type VoiceEffect = Extract<OutwardEffect, { readonly call: unknown }>;

export interface Voice {
  readonly port: VoicePort;
  /** In the person's gesture that leads to a call. */
  prepare(): void;
  run(effect: VoiceEffect): void;
}

export interface VoiceInit {
  readonly loadEngine: (on: {
    readonly onEvent: (event: VoiceEvent) => void;
    readonly onNews: (news: VoiceNews) => void;
  }) => Promise<VoiceEngine>;
  readonly onEvent: (event: VoiceEvent) => void;
}

export function createVoice(init: VoiceInit): Voice {
  const support = signal<VoiceSupport>({ state: "checking" });
  const level = signal(0);
  const speaking = signal({ me: false, them: false });
  const quality = signal<VoiceQuality | null>(null);
  const problem = signal<VoiceProblem | null>(null);
  const muted = signal(false);
  const deafened = signal(false);
  const testing = signal(false);
  void checkSupport().then((missing) =>
    support.value = missing === null ? { state: "ready" } : { state: "missing", problem: missing }
  );

  const onNews = (news: VoiceNews) => {
    if (news.t === "level") {
      level.value = news.level;
      if (news.speaking !== speaking.value.me) speaking.value = { ...speaking.value, me: news.speaking };
    } else if (news.t === "heard") {
      if (news.speaking !== speaking.value.them) speaking.value = { ...speaking.value, them: news.speaking };
    } else if (news.t === "quality") quality.value = qualityOf(news.quality);
    else {
      problem.value = news.t === "problem" ? news.problem : null;
      // Devices have names only once the microphone was allowed.
      if (news.t === "solved") devices.refresh();
    }
  };
  let loading: Promise<VoiceEngine> | null = null;
  // Through one promise, so that commands reach the engine in their order.
  const withEngine = (use: (engine: VoiceEngine) => void, without = () => {}) => {
    loading ??= init.loadEngine({ onEvent: init.onEvent, onNews }).then((engine) => {
      choose(engine, devices.chosen.value);
      return engine;
    }).catch((error: unknown) => {
      loading = null;
      throw error;
    });
    // One command that fails must not cost the engine: another one could not close the call that this one holds.
    void loading.then(use, (error: unknown) => {
      reportError(error);
      without();
    }).catch(reportError);
  };
  const choose = (engine: VoiceEngine, { inputId, outputId }: AudioDevices) => {
    if (inputId !== null) engine.chooseInput(inputId);
    if (outputId !== null) engine.chooseOutput(outputId);
  };
  const devices = createDevices();
  const applyMute = () =>
    withEngine((engine) => {
      engine.setMuted(muted.value || deafened.value);
      engine.setDeafened(deafened.value);
    });

  return {
    port: {
      support,
      level,
      speaking,
      muted,
      deafened,
      devices: devices.chosen,
      quality,
      problem,
      testing,
      setMuted(value) {
        muted.value = value;
        applyMute();
      },
      setDeafened(value) {
        deafened.value = value;
        applyMute();
      },
      chooseInput(id) {
        devices.choose({ inputId: id });
        withEngine((engine) => engine.chooseInput(id));
      },
      chooseOutput(id) {
        devices.choose({ outputId: id });
        withEngine((engine) => engine.chooseOutput(id));
      },
      startMicrophoneTest() {
        testing.value = true;
        withEngine((engine) => engine.startMicrophoneTest());
      },
      stopMicrophoneTest() {
        testing.value = false;
        level.value = 0;
        withEngine((engine) => engine.stopMicrophoneTest());
      },
    },
    prepare: () => withEngine((engine) => engine.prepare()),
    run(effect) {
      if (effect.type === "CloseVoice") {
        quality.value = null;
        speaking.value = { me: false, them: false };
        level.value = 0;
      }
      // Without an engine, as when the server is away before it was fetched, a call ends instead of ringing in vain.
      const fail = () => effect.type === "OpenVoice" && init.onEvent({ type: "VoiceFailed", call: effect.call });
      withEngine((engine) => perform(engine, effect), fail);
    },
  };
}

function perform(engine: VoiceEngine, effect: VoiceEffect): void {
  switch (effect.type) {
    case "OpenVoice":
      return engine.open(effect.call, effect.initiator);
    case "DeliverVoiceSignal":
      return engine.deliverSignal(effect.call, effect.signal);
    case "UseSendingKey":
      return engine.useSendingKey(effect.call, effect.key);
    case "AcceptReceivingKey":
      return engine.acceptReceivingKey(effect.call, effect.key);
    case "DropReceivingKey":
      return engine.dropReceivingKey(effect.call, effect.kid);
    case "CloseVoice":
      return engine.close(effect.call);
  }
}

const qualityOf = ({ roundTripMs, lossRatio, bufferMs }: CallQuality): VoiceQuality => ({
  roundTripMs,
  lossRatio,
  bufferMs,
});
