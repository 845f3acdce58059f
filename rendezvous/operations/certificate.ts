/** A certificate that is renewed while the server runs: seen on the disk, checked, and taken without a restart. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { type Clock, every } from "../clock.ts";
import { CERTIFICATE } from "../limits.ts";

/** PEM. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateWatch {
  readonly clock: Clock;
  readonly current: Tls;
  /** Null where it cannot be read at the moment. */
  readonly read: () => Promise<Tls | null>;
  readonly renewed: (tls: Tls) => Promise<void> | void;
}

/** Until the returned function is called. Files that do not fit together are still being written, or wrong: the old stay. */
export function watchCertificate({ clock, current, read, renewed }: CertificateWatch): () => void {
  let known = current;
  return every(clock, CERTIFICATE.checkIntervalMs, async () => {
    const found = await read();
    if (found === null || (found.cert === known.cert && found.key === known.key) || !fit(found)) return;
    known = found;
    await renewed(found);
  });
}

/** Whether the key is that of the first certificate. */
export function fit({ cert, key }: Tls): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}
