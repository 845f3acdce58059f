/** Mail of one run of the client: our space on the rendezvous, and what is left in those of others. */
import type { NodeEffect } from "../../core/node/effect.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import { MAIL } from "../limits.ts";
import { backoffMs } from "./backoff.ts";
import { MailOwner } from "./mailOwner.ts";
import { LOST, type VisitOutcome } from "./mailVisit.ts";
import { Visits } from "./mailVisits.ts";

export type MailEffect = Extract<
  NodeEffect,
  { readonly type: "ServeMailbox" | "AskMailbox" | "DepositMail" | "TakeBundle" }
>;

const TYPES: ReadonlySet<NodeEffect["type"]> = new Set<MailEffect["type"]>([
  "ServeMailbox",
  "AskMailbox",
  "DepositMail",
  "TakeBundle",
]);

export const isMailEffect = (effect: NodeEffect): effect is MailEffect => TYPES.has(effect.type);

export interface MailInit {
  /** Where our rendezvous is, as a web address. */
  readonly rendezvousUrl: string;
  /**
   * Whether contacts may not learn our network address. The servers of their spaces would, and who keeps a contact's
   * server may be the contact: so mail goes to our own server only.
   */
  readonly hidesAddress: () => boolean;
  /** Settles when the event has been dealt with. */
  readonly onEvent: (event: NodeEvent) => Promise<unknown>;
}

export interface MailPost {
  /** The rendezvous is reached: it is asked, until it has answered once, whether it keeps mail. */
  serverReached(): void;
  run(effect: MailEffect): void;
  /** The device is back in the world: no use in waiting for the next attempt. */
  retryNow(): void;
  stop(): void;
}

export function createMail(init: MailInit): MailPost {
  const ownServer = new URL(init.rendezvousUrl).origin;
  const visits = new Visits();
  let owner: MailOwner | null = null;
  let isAsking = false;
  let isStopped = false;

  const offer = async () => {
    if (isAsking) return;
    isAsking = true;
    for (let failures = 0; !isStopped; failures++) {
      const keepsMail = await offersMail(ownServer).catch(() => null);
      if (keepsMail === true) return void init.onEvent({ type: "MailOffered", server: ownServer });
      // A restart may change it, so the next connection asks again.
      if (keepsMail === false) break;
      await new Promise((resolve) => setTimeout(resolve, backoffMs(failures, Math.random())));
    }
    isAsking = false;
  };
  const visit = (
    { address }: Extract<MailEffect, { type: "DepositMail" | "TakeBundle" }>,
    request: Parameters<Visits["run"]>[0]["request"],
    done: (outcome: VisitOutcome) => void,
  ) => {
    if (address.server !== ownServer && init.hidesAddress()) return done(LOST);
    visits.run({ address, request, done });
  };

  return {
    serverReached: () => void offer(),
    run(effect) {
      switch (effect.type) {
        case "ServeMailbox":
          owner?.stop();
          owner = new MailOwner(effect.server, effect.keys, { onEvent: init.onEvent, random: Math.random });
          return;
        case "AskMailbox":
          return owner?.ask(effect.ask, effect.request);
        case "DepositMail":
          return visit(effect, { t: "deposit", envelopes: effect.envelopes }, (outcome) => {
            if (outcome.t !== "bundle") init.onEvent({ type: "DepositAnswered", ask: effect.ask, outcome });
          });
        case "TakeBundle":
          return visit(effect, { t: "take" }, (outcome) => {
            if (outcome.t !== "done") init.onEvent({ type: "BundleTaken", ask: effect.ask, outcome });
          });
      }
    },
    retryNow: () => owner?.retryNow(),
    stop() {
      isStopped = true;
      owner?.stop();
      visits.stop();
    },
  };
}

/** Rejects when the server does not say. */
async function offersMail(server: string): Promise<boolean> {
  const response = await fetch(new URL("/node.json", server), {
    cache: "no-store",
    signal: AbortSignal.timeout(MAIL.offerTimeoutMs),
  });
  const info: { readonly mail?: unknown } | null = await response.json();
  return info?.mail === true;
}
