/** Comparing safety numbers. */
export const verification = {
  verifiedSince: "You marked {name} as verified on {date}.",
  safetyNumber: "Safety number",
  safetyText:
    "Compare this number with the one that {name} sees for you: side by side, or read aloud on a call. If they are the same, nobody sits between you.",
  safetyComputing: "Computing the number…",
  safetyDigits: "The 60 digits, in groups of five",
  safetyQr: "Safety number QR code",
  copyNumber: "Copy number",
  theirNumber: "The number or code that {name} sent you",
  theirNumberHint: "Paste it here to have it compared. Take it from a channel that you trust.",
  scanCode: "Scan {name}'s code",
  stopScanning: "Stop scanning",
  scanning: "Hold the other screen in front of the camera.",
  scanView: "What the camera sees",
  scanNoCamera: "The camera cannot be used. Allow it by the symbol beside the address, or compare the digits.",
  markVerified: "Mark as verified",
  clearVerification: "Clear verification",
  comparedMatch: "It matches. Nobody sits between you and {name}.",
  comparedMismatch:
    "It does not match. Somebody may sit between you: talk to {name} in another way before you trust this conversation.",
  comparedOtherPerson:
    "This number belongs to another pair of people. Ask {name} to open it in the conversation with you; if they have, one of you is writing to somebody else.",
  comparedOtherVersion: "{name} has another version of SecureComm. Update both, then compare again.",
  comparedNothing: "This is neither a safety number nor a code.",
} as const;
