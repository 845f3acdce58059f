/** Waiting for what must come true, with what was seen instead when it does not. */

const POLL_MS = 25;

/** Polls until `look` gives something other than `null`, `undefined` or `false`. */
export async function until<T>(
  what: string,
  withinMs: number,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  seen: () => unknown = () => "",
): Promise<T> {
  for (const endMs = Date.now() + withinMs; Date.now() < endMs;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found as T;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${what}: not within ${withinMs} ms. ${JSON.stringify(await seen())}`);
}
