/** Faults of the client's mail adapter, each with the test that must notice it. */
import type { Mutation } from "./mutations.ts";

const adapter = "tests/rendezvous/mailAdapter.test.ts";
const hostile = "tests/rendezvous/mailHostile.test.ts";

export const MAIL_CLIENT_MUTATIONS: readonly Mutation[] = [
  {
    fault: "one connection serves all spaces of a server",
    file: "client/net/mailVisits.ts",
    find: "`${toHex(depositor)} ${server}`",
    put: "`${toHex(depositor).slice(0, 0)} ${server}`",
    caughtBy: {
      file: adapter,
      test: "[MBX10] each connection has a PeerId of its own, fresh each time, and serves one space",
    },
  },
  {
    fault: "any number of spaces is visited at one time",
    file: "client/net/mailVisits.ts",
    find: "underWay.length >= MAIL.maxVisits",
    put: "underWay.length >= MAIL.maxErrands",
    caughtBy: { file: adapter, test: "many addresses are served a few at a time, and all of them in the end" },
  },
  {
    fault: "who hides their address calls on the servers of contacts",
    file: "client/net/mail.ts",
    find: "address.server !== ownServer && init.hidesAddress()",
    put: "false",
    caughtBy: {
      file: adapter,
      test: "who hides their address visits no other server, whose keeper might be the contact",
    },
  },
  {
    fault: "each slice of a page says that there is more",
    file: "client/net/mailOwner.ts",
    find: "more: isLast && more",
    put: "more",
    caughtBy: { file: adapter, test: "a page is handed on in slices; only the last one says whether there is more" },
  },
  {
    fault: "a server that is closing is called again at once",
    file: "client/net/mailOwner.ts",
    find: "this.#restMs = answer.retryAfterS * 1_000;",
    put: "",
    caughtBy: { file: hostile, test: "[MBX11] a server that is closing is left alone for as long as it asked" },
  },
  {
    fault: "the socket of a connection that is given up stays open",
    file: "client/net/cutOff.ts",
    find: "maConn?.websocket?.close();",
    put: "void maConn;",
    caughtBy: {
      file: hostile,
      test: "[MBX7] an owner leaves a server that breaks the protocol, says so, and comes back later",
    },
  },
];
