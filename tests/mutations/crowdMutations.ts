/** Faults of what keeps a server standing among many clients. */
import type { Mutation } from "./mutations.ts";

const many = "tests/rendezvous/manyAtOnce.test.ts";

export const CROWD_MUTATIONS: readonly Mutation[] = [
  {
    fault: "one prefix may take all the handshakes that there are",
    file: "rendezvous/ws/sockets.ts",
    find: "this.#pendingPerPrefix.of(prefix) >= CONNECTIONS.maxPendingPerPrefix",
    put: "false",
    caughtBy: { file: many, test: "[RDV19] handshakes that do not go on are few for one prefix, and end" },
  },
  {
    fault: "a page is turned away in a way that it cannot see",
    file: "rendezvous/ws/sockets.ts",
    find: "request.headers.origin === undefined || ",
    put: "true || ",
    caughtBy: {
      file: many,
      test: "[RDV20] a server that is behind turns new connections away and serves those that stand",
    },
  },
  {
    fault: "a loop that is blocked counts as punctual until it runs again",
    file: "rendezvous/load.ts",
    find: "Math.max(lagMs, clock.nowMs() - dueMs)",
    put: "lagMs",
    caughtBy: {
      file: many,
      test: "[RDV20] a loop that is late is known to be, while it is and until it has caught up",
    },
  },
  {
    fault: "whoever is registered is cut off for being silent",
    file: "rendezvous/node.ts",
    find: " && !isServed(remotePeer)",
    put: "",
    caughtBy: { file: many, test: "[RDV21] of silent connections only those that hold nothing are closed" },
  },
  {
    fault: "a server that stops says nothing to its clients",
    file: "rendezvous/ws/sockets.ts",
    find: "socket.close(SOCKET_CLOSE.restarting, closeReason(randomReturnS(spreadS)));",
    put: "socket.terminate();",
    caughtBy: {
      file: many,
      test: "[RDV22] a server that stops tells each client when to come back, and takes nobody any more",
    },
  },
  {
    fault: "a server can send its clients away for ever",
    file: "core/wire/socketClose.ts",
    find: "Math.min(Number(reason), RENDEZVOUS.maxRetryAfterS)",
    put: "Number(reason)",
    caughtBy: {
      file: "tests/unit/client/net/serverRest.test.ts",
      test: "[RDV23] no closing keeps us away for long, and none of another kind at all",
    },
  },
  {
    fault: "keys of a map in any order make another encoding of the same value",
    file: "core/wire/cborScan.ts",
    find: "return before < now;",
    put: "return true;",
    caughtBy: {
      file: "tests/unit/wire/cbor.test.ts",
      test: "[WIRE1] whatever is accepted is the one encoding of its value",
    },
  },
];
