/** Whether browsers would trust the certificate of an address, for its name, and for how long. */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { DOCTOR } from "../limits.ts";
import type { CertificateFinding } from "./findings.ts";

const DAY_MS = 86_400_000;

/** `trusted` are certificates (PEM) to trust in place of the usual ones. */
export function examineCertificate(url: URL, nowMs: number, trusted: string | null): Promise<CertificateFinding> {
  if (url.protocol !== "https:") return Promise.resolve({ t: "none" });
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: Number(url.port || 443),
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(trusted === null ? {} : { ca: trusted }),
    });
    const timer = setTimeout(() => settle({ t: "unreachable" }), DOCTOR.answerTimeoutMs);
    const settle = (finding: CertificateFinding) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(finding);
    };
    socket.on("error", () => settle({ t: "unreachable" }));
    socket.once("secureConnect", () => settle(judge(socket.getPeerCertificate().raw, host, socket.authorized, nowMs)));
  });
}

function judge(raw: Uint8Array | undefined, host: string, isTrusted: boolean, nowMs: number): CertificateFinding {
  if (raw === undefined) return { t: "untrusted" };
  const certificate = new X509Certificate(raw);
  const isFor = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  if (isFor === undefined) return { t: "wrong-name", names: certificate.subjectAltName ?? certificate.subject };
  const leftMs = Date.parse(certificate.validTo) - nowMs;
  if (leftMs <= 0) return { t: "expired" };
  return isTrusted ? { t: "good", daysLeft: Math.floor(leftMs / DAY_MS) } : { t: "untrusted" };
}
