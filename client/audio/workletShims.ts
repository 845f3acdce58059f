/** opus-decoder also exports a class that extends `Worker`, which an audio worklet has not got. Imported before it. */
const scope = globalThis as { Worker?: unknown };
scope.Worker ??= class {};
export {};
