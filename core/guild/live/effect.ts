/** What one device's part in a guild asks of the world. Run in order; a `Persist` comes first and is durable before the rest. */
import type { DeviceId } from "../../ids.ts";
import type { RecordWrite } from "../../ports.ts";

export type LiveEffect =
  | { readonly type: "Persist"; readonly writes: readonly RecordWrite[] }
  | { readonly type: "SendFrame"; readonly device: DeviceId; readonly frame: Uint8Array }
  /** Over the pairwise session with each device, by link or mail; it may come late, twice or not at all. */
  | { readonly type: "Tell"; readonly devices: readonly DeviceId[]; readonly message: Uint8Array }
  /** Answered by `ContentsRead` with the records of these keys. */
  | { readonly type: "ReadContents"; readonly ask: number; readonly keys: readonly string[] }
  /** The other is no member any more. */
  | { readonly type: "Unlink"; readonly device: DeviceId };
