/** One conversation: header, messages, composer. */
export const conversation = {
  messages: "Messages",
  message: "Message",
  messageTo: "Message {name}",
  send: "Send",
  messageLabel: "{name}, {time}",
  bytesLeft: "{count} bytes left",
  bytesOver: "{count} bytes too long",

  sending: "Sending",
  waiting: "Waiting for {name} to come online",
  sent: "Sent",
  keptForThem: "Kept, sealed, on {name}'s server until they come back.",
  delivered: "Delivered",

  connection: "Connection",
  connectedDirectly: "Connected directly",
  connectedThroughRelay: "Connected through relay",
  offline: "Offline, messages will be sent later",

  today: "Today",
  yesterday: "Yesterday",
  newMessages: "New messages",
  latestMessages: "Latest messages",
  earlierMessages: "Load earlier messages",
  beginning: "This is the beginning of your conversation with {name}.",
  beginningSealed: "Only your two devices can read it.",
  emptyTitle: "Say hello to {name}",
  emptyText: "What you write here is sealed on your device and opened on theirs, nowhere in between.",
  invitedTitle: "Waiting for {name}",
  invitedText:
    "You accepted the invitation. As soon as {name}'s device is online it will answer, and you can write to each other.",
  invitedLeave: "You can close this page meanwhile: what {name} writes is kept for you until you come back.",

  removeContact: "Remove contact",
  removeTitle: "Remove {name}?",
  removeText: "The conversation is deleted on this device, and {name} can no longer reach you. This cannot be undone.",
  keepContact: "Keep",

  startCall: "Start voice call",
  isCalling: "{name} is calling you",
  verify: "Verify {name}",
  verified: "Verified",

  unopenedOne: "One message from {name} could not be opened; asked {name} to send it again",
  unopenedMany: "{count} messages from {name} could not be opened; asked {name} to send them again",
} as const;
