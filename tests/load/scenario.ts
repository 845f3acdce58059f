/** One thing that is measured under load. It prints what it found, and throws when it could not measure. */

export interface Scenario {
  readonly name: string;
  run(options: { readonly isQuick: boolean }): Promise<void>;
}
