/** Faults of the relay, the doctor, the settings and the headers, each with the test that must notice it. */
import type { Mutation } from "./mutations.ts";

const unit = "tests/unit/rendezvous";
const turn = "tests/unit/turn/turn.test.ts";

export const HOSTING_MUTATIONS: readonly Mutation[] = [
  {
    fault: "whoever answers for a relay is believed",
    file: "turn/client/message.ts",
    find: "timingSafeEqual(value, integrity(bytes.subarray(0, at), key))",
    put: "true",
    caughtBy: {
      file: "tests/vectors/stun.test.ts",
      test: "STUN responses name the addresses that RFC 5769 says, and are authentic",
    },
  },
  {
    fault: "an old secret of the relay is good for ever",
    file: "turn/secrets.ts",
    find: "untilMs <= nowMs",
    put: "untilMs < 0",
    caughtBy: {
      file: turn,
      test: "[RDV14] a secret is replaced after a day, and ends when the last credential made with it has",
    },
  },
  {
    fault: "an old secret of the relay ends before what was made with it",
    file: "turn/secrets.ts",
    find: "nowMs + CREDENTIALS.maxLifetimeMs",
    put: "nowMs",
    caughtBy: {
      file: turn,
      test: "[RDV14] a secret is replaced after a day, and ends when the last credential made with it has",
    },
  },
  {
    fault: "the relay reaches the operator's own network",
    file: "turn/ranges.ts",
    find: '  "192.168.0.0-192.168.255.255",\n',
    put: "",
    caughtBy: { file: turn, test: "[RDV15] a relay reaches no private network but its own address" },
  },
  {
    fault: "the doctor promises calls to people whose browsers give no microphone",
    file: "rendezvous/doctor/verdict.ts",
    find: ' && certificate.t === "good"',
    put: ' && certificate.t !== "expired"',
    caughtBy: {
      file: `${unit}/doctor.test.ts`,
      test: "voice works for people outside only with HTTPS, a WebSocket, and a relay that they can reach",
    },
  },
  {
    fault: "the doctor takes a relay with a private address for one that people outside reach",
    file: "rendezvous/doctor/verdict.ts",
    find: "isRelayedTo(relay, isPublic) && ",
    put: "",
    caughtBy: {
      file: `${unit}/doctor.test.ts`,
      test: "voice works for people outside only with HTTPS, a WebSocket, and a relay that they can reach",
    },
  },
  {
    fault: "a variable wins over its flag",
    file: "rendezvous/operations/settings.ts",
    find: "[...variables(table, environment), ...words]",
    put: "[...words, ...variables(table, environment)]",
    caughtBy: { file: `${unit}/start.test.ts`, test: "what a flag says can be said by a variable, and the flag wins" },
  },
  {
    fault: "the join code can stand on the command line",
    file: "rendezvous/operations/settings.ts",
    find: "one.name === name && !one.isSecret",
    put: "one.name === name",
    caughtBy: { file: `${unit}/start.test.ts`, test: "what a flag says can be said by a variable, and the flag wins" },
  },
  {
    fault: "the log tells the name that a thrown value gives itself",
    file: "rendezvous/operations/log.ts",
    find: '/^\\w{1,40}$/.test(name) ? name : "Error"',
    put: "name",
    caughtBy: {
      file: "tests/rendezvous/operations.test.ts",
      test: "what failed is told by the class of its error, never by its text",
    },
  },
  {
    fault: "a text may become code anywhere in the page",
    file: "rendezvous/http/headers.ts",
    find: "    \"require-trusted-types-for 'script'\",\n",
    put: "",
    caughtBy: { file: `${unit}/http.test.ts`, test: "[RDV24] a page may run nothing that is not a file of ours" },
  },
];
