/** What an AudioWorkletGlobalScope has and the DOM library does not declare. */

export interface WorkletProcessor {
  readonly port: MessagePort;
  /** One quantum: inputs and outputs by connection, then channel, then sample. `false` ends the processor. */
  process(inputs: readonly (readonly Float32Array[])[], outputs: readonly (readonly Float32Array[])[]): boolean;
}

interface WorkletScope {
  readonly AudioWorkletProcessor: new () => { readonly port: MessagePort };
  registerProcessor(name: string, processor: new () => WorkletProcessor): void;
  /** Samples since the context began. */
  readonly currentFrame: number;
  readonly sampleRate: number;
}

export const workletScope = globalThis as unknown as WorkletScope;
