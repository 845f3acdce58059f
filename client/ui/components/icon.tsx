/** Line icons on a 24 by 24 grid; decoration only, so the control beside one carries the name. */
const PATHS = {
  back: "M15 5l-7 7 7 7",
  call:
    "M6.6 3.5h3l1.6 4.2-2.1 1.6a12 12 0 0 0 5.6 5.6l1.6-2.1 4.2 1.6v3a2 2 0 0 1-2.1 2A16.3 16.3 0 0 1 4.6 5.6a2 2 0 0 1 2-2.1z",
  hangUp: "M3 14.5c5-5 13-5 18 0l-2.6 2.8-3.6-1.9v-2.5a9.5 9.5 0 0 0-5.6 0v2.5l-3.6 1.9z",
  chats: "M4 5h12v9H9l-4 3.5V14H4zM19 9h1.5v8H19v3l-3.6-3H11",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  down: "M12 5v14M6 13l6 6 6-6",
  gear:
    "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2",
  headphones: "M4 15v-3a8 8 0 0 1 16 0v3M4 14h3.5v6H6a2 2 0 0 1-2-2zM20 14h-3.5v6H18a2 2 0 0 0 2-2z",
  invite: "M10 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3.5 20c.4-4 3-6 6.5-6 2 0 3.700.7 4.9 2M18 13v7M14.5 16.5h7",
  key: "M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12.2L19.5 4M16 7.5l2.5 2.5",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  microphone: "M12 3.5a3 3 0 0 1 3 3V12a3 3 0 0 1-6 0V6.5a3 3 0 0 1 3-3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3",
  remove: "M10 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3.5 20c.4-4 3-6 6.5-6 2 0 3.7.7 4.9 2M15 17h6",
  send: "M4 12l16-7.5-5 15.5-3.5-6zM11.5 14L20 4.5",
  server: "M4 5h16v6H4zM4 13h16v6H4zM7.5 8h.01M7.5 16h.01",
  shield: "M12 3.5l7 2.5v5.5c0 4.5-2.9 7.6-7 9-4.1-1.4-7-4.5-7-9V6zM8.8 12l2.3 2.3 4.3-4.4",
  warning: "M12 4l9 16H3zM12 10v4.5M12 17.2h.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The product's sign: a speech bubble that is a keyhole. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 48 48" aria-hidden="true">
      <path
        class="mark-bubble"
        d="M24 4c11.6 0 20 7.6 20 18s-8.4 18-20 18c-2.2 0-4.3-.3-6.3-.8L8 44l2.4-8.8C6.4 31.9 4 27.3 4 22 4 11.6 12.4 4 24 4z"
      />
      <path class="mark-hole" d="M24 13.5a5.5 5.5 0 0 1 2.8 10.2L28.5 32h-9l1.7-8.3A5.5 5.5 0 0 1 24 13.5z" />
    </svg>
  );
}
