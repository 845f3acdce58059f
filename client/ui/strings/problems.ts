/** What happened, and what to do about it: one sentence each, for every problem that a person can meet. */
import type { Problem } from "../port.ts";

export interface ProblemText {
  readonly what: string;
  readonly todo: string;
}

const say = (what: string, todo: string): ProblemText => ({ what, todo });

const NAMED: Partial<Readonly<Record<Problem, ProblemText>>> = {
  "invite.broken": say(
    "This invite link is damaged.",
    "Copy the whole link again, with everything behind the #, or ask for a new one.",
  ),
  "invite.expired": say("This invite link has expired.", "Ask the person who sent it for a new one."),
  "invite.used": say("This invite link was already used.", "Each link works once: ask for a new one."),
  "invite.revoked": say("This invite link was taken back.", "Ask the person who sent it for a new one."),
  "invite.own": say("This is your own invite link.", "Send it to a friend: it is for them to open."),
  "invite.too-many": say(
    "You have too many open invite links.",
    "Revoke one that you no longer need, then make another.",
  ),
  "contact.too-many": say("You have as many contacts as fit.", "Remove somebody first, then open the link again."),
  "message.too-long": say(
    "This message is too long to send.",
    "Shorten it, or send it in parts; your text is still here.",
  ),
  "message.empty": say("There is nothing to send yet.", "Write a message first."),
  "outbox.full": say(
    "Too many messages are waiting for this person.",
    "Wait until they come online and some are delivered; your text is still here.",
  ),
  "node.bad-name": say("That name cannot be used.", "Choose one of 1 to 64 characters, without control characters."),
  "node.has-identity": say("This browser already holds an identity.", "Reload the page to use it."),
  "node.no-identity": say("You have no identity on this device yet.", "Reload the page and create one."),
  "node.unknown-contact": say("This person is no longer among your contacts.", "Invite them again to write to them."),
  "node.bad-record": say(
    "A part of what is stored on this device cannot be read.",
    "Reload the page; if it stays so, tell whoever runs your server.",
  ),
  "session.no-session": say(
    "No secure session with this person exists yet.",
    "Wait until both of you are online; your text is still here.",
  ),
  "mail.bad-join-code": say("That cannot be a join code.", "Copy it again as whoever runs the server gave it to you."),
  "call.busy": say("You are in another call.", "Leave it first, then call again."),
  "call.unknown": say("That call is over.", "Call again to talk."),
  "storage.full": say(
    "The browser has no room left for this page, so nothing new can be kept.",
    "Free some space on the disk, then try again; what you typed is still here.",
  ),
  "storage.private-mode": say(
    "This is a private window: your identity and messages are gone when you close it.",
    "Open the page in a normal window to keep them.",
  ),
  "storage.blocked": say(
    "The browser lets this page store nothing.",
    "Allow site data for this address in the browser's settings, then reload.",
  ),
  "storage.lost": say(
    "The browser took this page's storage away, as it does when site data are cleared.",
    "Reload the page to see what is still there.",
  ),
  "storage.unreadable": say(
    "What is stored on this device cannot be opened: its key is gone.",
    "Reload the page; if it stays so, clear the data of this site and begin anew with an invite from a friend.",
  ),
  "storage.failed": say(
    "The browser could not keep what should be stored.",
    "Try again; if it stays so, reload the page; what you typed is still here.",
  ),
  "storage.not-persisted": say(
    "The browser may delete your identity when the disk runs full.",
    "Install the page as an app or bookmark it, so that the browser keeps its data.",
  ),
  "network.server-unreachable": say(
    "The server cannot be reached.",
    "Conversations and calls with people you are connected to go on; we keep trying for the rest.",
  ),
  "network.turn-refused": say(
    "The relay for difficult networks does not accept us.",
    "Some calls may not connect; tell whoever runs the server to check its TURN settings.",
  ),
  "audio.not-secure": say(
    "The browser gives no microphone on this address, because it is not served over HTTPS.",
    "Open the page by an address that begins with https://, or on the server's own machine by localhost.",
  ),
  "audio.no-encoder": say(
    "This browser cannot encode speech, so calls are not possible in it.",
    "Use a current Chrome, Edge, Firefox or Safari for calls; messages work here.",
  ),
  "audio.no-worklet": say(
    "This browser cannot process sound for calls.",
    "Update it, or use another one for calls; messages work here.",
  ),
  "microphone.missing": say("No microphone was found.", "Plug one in, or choose another under Voice in the settings."),
  "microphone.refused": say(
    "The browser was told not to let this page use the microphone.",
    "Allow it by the symbol beside the address, then try again.",
  ),
  "microphone.busy": say(
    "The microphone could not be opened.",
    "Close other programs that use it, or choose another under Voice in the settings.",
  ),
  "speaker.failed": say("The chosen speaker cannot be used.", "Choose another under Voice in the settings."),
  "tab.not-leading": say("SecureComm is in use in another tab.", "Go on there, or press “Use it here” in this one."),
  "program.failed": say("Something went wrong inside SecureComm.", "Try again; if it stays so, reload the page."),
  "program.incomplete": say(
    "A part of SecureComm could not be fetched from the server.",
    "Try again when the server is back; if it was updated meanwhile, reload the page.",
  ),
};

/** The sentences for a problem. Causes that no person can act on share one, which names them. */
export function problemText(problem: Problem): ProblemText {
  return NAMED[problem] ?? say(`That did not work (${problem}).`, "Try again; if it stays so, reload the page.");
}
