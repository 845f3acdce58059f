/**
 * Headers that narrow what a page from here can do and who can look at it. Held against what OWASP's "HTTP Headers" and
 * "Content Security Policy" sheets ask for.
 */

/**
 * Nothing inline, nothing evaluated, no frame, no form, no plug-in; WebAssembly from our own files. Strings become code
 * in one place, the making of workers, by a policy that takes files of ours only (Trusted Types).
 */
const policy = (isSecure: boolean): string =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self' ${isSecure ? "wss: https:" : "ws: wss: http: https:"}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types securecomm-worker",
  ].join("; ");
// connect-src is open, because friends live elsewhere: mail is left on the rendezvous that a contact's address names, and
// the client may be loaded from another origin than its own rendezvous. A page from HTTPS needs encrypted ones only.

/** All that browsers know of and the client does not use; naming what one does not know makes it complain. */
const FEATURES = [
  "accelerometer",
  "browsing-topics",
  "display-capture",
  "geolocation",
  "gyroscope",
  "hid",
  "idle-detection",
  "local-fonts",
  "magnetometer",
  "midi",
  "payment",
  "serial",
  "usb",
  "xr-spatial-tracking",
] as const;
const PERMISSIONS = ["microphone=(self)", "camera=(self)", ...FEATURES.map((feature) => `${feature}=()`)].join(", ");

/** Browsers heed it on HTTPS only, and keep it for a year. Other names of the domain are the operator's affair. */
const transport = (isSecure: boolean): Readonly<Record<string, string>> =>
  isSecure ? { "strict-transport-security": "max-age=31536000" } : {};

export function pageHeaders(isSecure: boolean): Readonly<Record<string, string>> {
  return {
    "content-security-policy": policy(isSecure),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "origin-agent-cluster": "?1",
    "permissions-policy": PERMISSIONS,
    ...transport(isSecure),
  };
}

/** For answers that a client from another origin may read too; they hold nothing about whoever asks. */
export function openHeaders(isSecure: boolean): Readonly<Record<string, string>> {
  return {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD, POST",
    "access-control-allow-headers": "content-type",
    "access-control-max-age": "86400",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    ...transport(isSecure),
  };
}
