/** Invite links in the address bar. Their secret stands behind `#`, so it reaches no server; it leaves the bar at once. */
import { type Signal, signal } from "@preact/signals";
import type { UserId } from "../../core/ids.ts";
import { decodeInviteToken } from "../../core/wire/inviteToken.ts";
import type { InvitePort } from "../ui/port.ts";

/** `me` tells whose invite would be one's own. */
export function createInvites(window: Window, me: () => UserId | null): InvitePort {
  const token: Signal<string | null> = signal(null);
  const take = () => {
    const { hash, pathname, search } = window.location;
    if (hash.length <= 1) return;
    token.value = hash.slice(1);
    window.history.replaceState(null, "", pathname + search);
  };
  take();
  window.addEventListener("hashchange", take);
  return {
    token,
    forget: () => token.value = null,
    read(text) {
      const decoded = decodeInviteToken(text);
      if (!decoded.ok) return { state: "broken" };
      const { user, name, expiresAtMs } = decoded.value;
      if (user === me()) return { state: "own" };
      return Date.now() >= expiresAtMs ? { state: "expired" } : { state: "good", inviter: user, name, expiresAtMs };
    },
    link: (text) => `${window.location.origin}/#${text}`,
  };
}
