/** The server, its certificate and its WebSocket, in words. */
import { DOCTOR } from "../limits.ts";
import { bad, type Check, fair, good } from "./check.ts";
import type { Findings } from "./findings.ts";

export function pageChecks(findings: Findings): readonly Check[] {
  const checks = [serverCheck(findings)];
  if (findings.server.t === "silent" && findings.certificate.t === "unreachable") return checks;
  checks.push(certificateCheck(findings));
  const socket = socketCheck(findings);
  return socket === null ? checks : [...checks, socket];
}

function serverCheck({ url, addresses, isHere, isUpBehindProxy, server }: Findings): Check {
  switch (server.t) {
    case "answers":
      return good(`The server answers at ${url} (version ${server.version}).`);
    case "stranger":
      return bad(
        `Something answers at ${url}, but it is no SecureComm server.`,
        "Look which program uses that port, and whether your proxy passes requests on to SecureComm.",
      );
    case "silent":
      if (addresses.length === 0) {
        return bad(`${new URL(url).hostname} leads nowhere.`, "Add an A record for it in the DNS.");
      }
      if (isUpBehindProxy) {
        return bad(
          `No server answers at ${url}, though it runs on this machine.`,
          "Look whether your proxy runs and passes requests on to it, and whether the name leads here. Some routers do not " +
            "lead a machine to its own outer address: then only --url, from a machine elsewhere, can tell.",
        );
      }
      return bad(
        `No server answers at ${url}.`,
        isHere
          ? "Start it with the same flags, then run this again: npx --yes deno task start"
          : "Look whether it runs, and whether its port is open in the firewall and passed on by the router.",
      );
  }
}

function certificateCheck({ certificate, addresses }: Findings): Check {
  const renew =
    "Get a certificate for this name from an authority that browsers trust; a proxy such as Caddy does it for you.";
  switch (certificate.t) {
    case "none": {
      const text =
        "The page comes by plain HTTP: on other machines browsers give it neither microphone nor encryption.";
      return addresses.every((one) => one.startsWith("127.") || one === "::1")
        ? fair(text, "For this machine alone that is enough. For others start it with --domain NAME behind a proxy.")
        : bad(text, "Start it with --domain NAME behind a proxy that ends TLS, or with --cert FILE --key FILE.");
    }
    case "good":
      return certificate.daysLeft >= DOCTOR.shortCertificateDays
        ? good(`HTTPS: the certificate is for this name and good for ${certificate.daysLeft} days.`)
        : fair(
          `HTTPS: the certificate ends in ${certificate.daysLeft} days.`,
          "Renew it in time: a server that runs takes it within ten minutes.",
        );
    case "expired":
      return bad("HTTPS: the certificate has expired.", "Renew it: a server that runs takes it within ten minutes.");
    case "wrong-name":
      return bad(`HTTPS: the certificate is for another name (${certificate.names}).`, renew);
    case "untrusted":
      return bad("HTTPS: browsers do not trust the certificate.", renew);
    case "unreachable":
      return bad("HTTPS: no encrypted connection was made.", "Look whether your proxy runs and has a certificate.");
  }
}

function socketCheck({ socket }: Findings): Check | null {
  switch (socket.t) {
    case "works":
      return good(`WebSocket: connected and encrypted, ${socket.roundTripMs.toFixed(0)} ms there and back.`);
    case "no-upgrade":
      return bad(
        "WebSocket: the connection was refused.",
        "Let your proxy pass WebSockets on (Upgrade and Connection).",
      );
    case "no-handshake":
      return bad(
        "WebSocket: opened, but no encrypted connection came about.",
        "Look whether a proxy changes what it passes on.",
      );
    case "untried":
      return null;
  }
}
