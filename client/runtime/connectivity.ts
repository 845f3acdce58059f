/** Moments at which waiting any longer is pointless, because the device has just come back to the world. */

/**
 * `onReturn` is called when the network is back or the page is seen again, which after sleep may be long before any
 * timer fires; `onLost` when the device itself knows that it has no network; `onLeave`
 * when the page goes and does not come back.
 */
export function watchConnectivity(
  window: Pick<Window, "addEventListener"> & { readonly document: Document },
  handlers: { readonly onReturn: () => void; readonly onLost: () => void; readonly onLeave: () => void },
): void {
  window.addEventListener("online", handlers.onReturn);
  window.addEventListener("offline", handlers.onLost);
  window.addEventListener("pagehide", ({ persisted }) => {
    if (!persisted) handlers.onLeave();
  });
  window.document.addEventListener("visibilitychange", () => {
    if (window.document.visibilityState === "visible") handlers.onReturn();
  });
}
