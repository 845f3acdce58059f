/** What a changed set of topics means for the server: what to register, what to take back, what to watch. */
import type { Topic } from "../../core/ids.ts";
import type { TopicInterest } from "../../core/node/effect.ts";

export interface Wanted {
  readonly registered: ReadonlySet<Topic>;
  readonly watched: ReadonlySet<Topic>;
}

export function wanted(topics: readonly TopicInterest[]): Wanted {
  return {
    registered: new Set(topics.filter((one) => one.register).map((one) => one.topic)),
    watched: new Set(topics.filter((one) => one.discover).map((one) => one.topic)),
  };
}

export const without = (set: ReadonlySet<Topic>, others: ReadonlySet<Topic>): readonly Topic[] =>
  [...set].filter((topic) => !others.has(topic));

export const sameSet = (a: ReadonlySet<Topic>, b: ReadonlySet<Topic>): boolean =>
  a.size === b.size && [...a].every((topic) => b.has(topic));
