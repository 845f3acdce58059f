/** The one place where a text becomes code: pages from the rendezvous let no other text do so (Trusted Types). */

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };

/** Named by the Content-Security-Policy. */
const policy = trustedTypes?.createPolicy("securecomm-worker", {
  createScriptURL(url) {
    if (!url.startsWith("/assets/")) throw new TypeError("a worker is made from a file of ours alone");
    return url;
  },
});

/** `url` as `new Worker` takes it, in browsers that ask for more than a text and in those that do not. */
export const workerScript = (url: string): string => (policy?.createScriptURL(url) ?? url) as string;
