/** What the doctor says of one thing. */

/** One thing that was looked at. `advice` says what to do, where there is something. */
export interface Check {
  readonly state: "good" | "bad" | "fair";
  readonly text: string;
  readonly advice: string | null;
}

export const good = (text: string): Check => ({ state: "good", text, advice: null });
export const fair = (text: string, advice: string): Check => ({ state: "fair", text, advice });
export const bad = (text: string, advice: string): Check => ({ state: "bad", text, advice });
