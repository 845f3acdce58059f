/** The parts of the screen that nobody sees at first: dialogs and calls. They are one file, fetched after the page. */
export { Dialogs } from "./dialogs.tsx";
export { IncomingCall } from "./incomingCall.tsx";
export { VoicePanel } from "./voicePanel.tsx";
