/** The settings dialog. */
export const settings = {
  tabProfile: "Profile",
  tabAppearance: "Appearance",
  tabVoice: "Voice",
  tabConnection: "Connection",
  tabAbout: "About",

  profileName: "Name",
  profileId: "Your fingerprint",
  profileIdHint: "The public key that is you. It is safe to show, and friends can compare it with what they see.",
  copyFingerprint: "Copy fingerprint",
  profileStays:
    "Your identity lives in this browser. Clearing the site's data deletes it, and nobody can bring it back.",

  theme: "Theme",
  themeSystem: "As the system",
  themeLight: "Light",
  themeDark: "Dark",

  microphone: "Microphone",
  speaker: "Speaker",
  systemDefault: "System default",
  unnamedDevice: "Device {number}",
  speakerFixed: "This browser plays through the system's speaker; choose it in the system's settings.",
  testStart: "Test microphone",
  testStop: "Stop the test",
  testHint: "Speak: the bar should move. Nothing is sent or kept.",
  supportCheck: "This browser",
  supportReady: "Everything for calls is here.",
  supportChecking: "Checking…",

  server: "Server",
  serverAddress: "Address",
  serverState: "State",
  secureContext: "Page",
  secureYes: "Secure: microphone and calls are possible.",
  secureNo: "Not secure: the browser gives no microphone here.",
  friends: "Friends on other machines",
  friendsYes: "Will have a microphone.",
  friendsNo: "Will have no microphone: this address is not served over HTTPS.",
  friendsUnknown: "Not known while the server is out of reach.",
  mail: "Messages while you are away",
  mailReady: "Kept here, sealed, until you come back.",
  mailNone: "Not kept here: they are delivered only while both of you are online.",
  mailNeedsCode: "Not kept yet: they are delivered only while both of you are online.",
  mailRefused:
    "This server has no room to keep any for you at the moment. They are delivered only while both of you are online.",
  people: "People",
  peopleNone: "Nobody yet.",
  privacy: "Privacy",
  relayOnly: "Hide my network address from contacts",
  relayOnlyHint:
    "New connections then go through this server's relay, which sees only encrypted data. Calls may be a little slower.",
  relayOnlyWithoutTurn: "This server has no relay for calls (TURN), so with this on you can write, but not call.",
  connectionHint:
    "People you are directly connected to can see your network address. The server sees that you are online, not who you are.",

  build: "Build",
  buildHint:
    "The same source gives the same build. Compare it with the one that your server's operator or the project publishes.",
  buildChecking: "Checking…",
  buildOther: "The server has another build than the one that runs here. Reload the page to get it.",
  buildBroken:
    "The running files are not what the server lists. Reload the page; if it stays so, do not trust this server.",
  version: "Version",
  licence: "Licence",
  licenceText: "Apache License 2.0: free to use, to study, to change and to share.",
  licencesOfOthers: "The work of others in it, and its licences",
  showShortcuts: "Keyboard shortcuts",
} as const;
