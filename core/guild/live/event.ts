/** What happens to one device's part in a guild. */
import type { ChannelId, DeviceId } from "../../ids.ts";
import type { Claims } from "../../wire/guildContent.ts";
import type { OpBody } from "../../wire/opBody.ts";
import type { OwnProfile } from "../profiles/profiles.ts";

export type LiveEvent =
  /**
   * A link stands on which both devices have proven themselves; `isInvited`: the other also knows a current secret of the
   * guild, or that of a good invite.
   */
  | { readonly type: "Linked"; readonly device: DeviceId; readonly isInvited: boolean }
  | { readonly type: "Unlinked"; readonly device: DeviceId }
  /** On that link. */
  | { readonly type: "FrameReceived"; readonly device: DeviceId; readonly frame: Uint8Array }
  /** It came out of the pairwise session with that device. */
  | { readonly type: "ToldBy"; readonly device: DeviceId; readonly message: Uint8Array }
  /** The answer to `ReadContents`: `null` where a record is gone. */
  | {
    readonly type: "ContentsRead";
    readonly ask: number;
    readonly records: readonly (Uint8Array | null)[];
  }
  /** Somebody has left a sealed page for the guild. */
  | { readonly type: "PageCame"; readonly page: Uint8Array }
  /** Govern: an op of ours. What a removal lists as seen is filled in. */
  | { readonly type: "Act"; readonly body: OpBody }
  | { readonly type: "Say"; readonly channel: ChannelId; readonly text: string | null; readonly claims: Claims }
  /** Who we are in this guild from now on. */
  | { readonly type: "SetProfile"; readonly profile: OwnProfile }
  /** Somebody looks at pictures that profiles name: by the hex of their SHA-256. */
  | { readonly type: "Look"; readonly pictures: readonly string[] }
  | { readonly type: "Tick" };
