/** The test of the connection, in the settings. */
export const connectionTest = {
  connectionTest: "Connection test",
  connectionTestStart: "Test my connection",
  connectionTestStop: "Stop the test",
  connectionTestHint: "Tries what a call needs, with this server alone. Nothing is recorded.",
  connectionTestProgress: "Progress of the test",
  connectionTestRunning: "Testing: {check}…",
  connectionTestStopped: "Stopped.",
  connectionTestGood: "Everything works: calls will get through.",
  connectionTestFair: "Calls will get through. Not everything works, as the list says.",
  connectionTestBad: "Calls may not get through. The list says what to do.",

  checkServer: "Connection to the server",
  checkStun: "Own address, from the server (STUN)",
  checkTurnUdp: "Relay over UDP (TURN)",
  checkTurnTcp: "Relay over TCP (TURN)",
  checkMicrophone: "Microphone",

  outcomeWaiting: "Not tried yet",
  outcomeRunning: "Testing…",
  outcomeGood: "Works",
  serverNoAnswer: "No connection. Look whether you are online, and whether the server runs.",
  stunNoAnswer: "No answer. A firewall on your side may block UDP; calls then need the relay over TCP.",
  turnNone:
    "This server has no relay. Calls work only where a direct connection is possible; its operator can add one.",
  turnNoAnswer: "No answer. A firewall may block it: on your side, or in front of the server.",
  turnRefused: "The relay refused us. Reload the page; if it stays so, tell the server's operator.",
  turnBlocked: "The relay answers, but passes nothing on. Its operator can find the cause with: deno task doctor",
  microphoneMissing: "None found. Plug one in, or choose one in your system's settings.",
  microphoneRefused: "This page may not use it. Allow it in the browser's settings for this page.",
  microphoneNotSecure: "Browsers give none here, because this page did not come over HTTPS.",
} as const;
