/** The files that are the same in every build. */

const BACKGROUND = "#1f2937";
const FOREGROUND = "#f9fafb";
const ACCENT = "#34d399";

/** Two speech bubbles that share a keyhole. Drawn inside the middle 80 %, so that a round mask cuts nothing off. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
  <rect width="100" height="100" rx="22" fill="${BACKGROUND}"/>
  <path d="M20 30a10 10 0 0 1 10-10h24a10 10 0 0 1 10 10v16a10 10 0 0 1-10 10H38L26 66V56a10 10 0 0 1-6-10z" fill="${FOREGROUND}"/>
  <path d="M80 50a10 10 0 0 0-10-10H46a10 10 0 0 0-10 10v14a10 10 0 0 0 10 10h18l11 9v-9a10 10 0 0 0 5-9z" fill="${ACCENT}"/>
  <path d="M58 50a5.5 5.5 0 0 1 2.5 10.4L62 67h-8l1.500-6.600A5.5 5.5 0 0 1 58 50z" fill="${BACKGROUND}"/>
</svg>
`;

const MANIFEST = {
  name: "SecureComm",
  short_name: "SecureComm",
  description: "Text and voice for your people, encrypted from end to end.",
  start_url: "/",
  scope: "/",
  display: "standalone",
  background_color: BACKGROUND,
  theme_color: BACKGROUND,
  icons: [{ src: "/icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any maskable" }],
};

export const STATIC_FILES: ReadonlyMap<string, string> = new Map([
  ["icon.svg", ICON],
  ["manifest.webmanifest", JSON.stringify(MANIFEST, null, 2) + "\n"],
]);
