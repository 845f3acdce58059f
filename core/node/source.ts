import type { DeviceId, InviteId, UserId } from "../ids.ts";
import type { Link } from "./state.ts";

/** Who handed us an envelope. Over a link the device is proven; in mail it is a claim, which the session proves. */
export interface Source {
  readonly user: UserId;
  readonly device: DeviceId;
  /** The invite of ours by which they come. */
  readonly invite: InviteId | null;
  readonly link: Link | null;
}
