/** Moments at which waiting any longer is pointless, because the device has just come back to the world. */

/**
 * `onReturn` is called when the network is back or the page is seen again, which after sleep may be long before any
 * timer fires; `onLost` when the device itself knows that it has no network.
 */
export function watchConnectivity(
  window: Pick<Window, "addEventListener"> & { readonly document: Document },
  handlers: { readonly onReturn: () => void; readonly onLost: () => void },
): void {
  window.addEventListener("online", handlers.onReturn);
  window.addEventListener("offline", handlers.onLost);
  window.document.addEventListener("visibilitychange", () => {
    if (window.document.visibilityState === "visible") handlers.onReturn();
  });
}
