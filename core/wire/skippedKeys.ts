/** Message keys of messages that have not arrived yet, as a field of a record. SPEC sections 6 and 6a. */
import { ok, refuse } from "../errors.ts";
import { bytesUint, concat, uintBytes } from "./bytes.ts";
import { bytes, type Field, mapped } from "./schema.ts";

export interface SkippedKey {
  readonly index: number;
  readonly key: Uint8Array;
}

const SKIPPED_BYTES = 36;

/** 36 bytes for each key, in ascending order: index 4 | key 32. */
export const skippedKeysField = (maxCount: number): Field<readonly SkippedKey[]> =>
  mapped(
    bytes(0, SKIPPED_BYTES * maxCount),
    (keys) => concat(...keys.flatMap(({ index, key }) => [uintBytes(index, 4), key])),
    (packed) => {
      if (packed.length % SKIPPED_BYTES !== 0) return refuse("wire.wrong-shape");
      const keys: SkippedKey[] = [];
      for (let at = 0; at < packed.length; at += SKIPPED_BYTES) {
        const index = bytesUint(packed.subarray(at, at + 4));
        if (index <= (keys.at(-1)?.index ?? -1)) return refuse("wire.wrong-shape");
        keys.push({ index, key: packed.slice(at + 4, at + SKIPPED_BYTES) });
      }
      return ok(keys);
    },
  );
