/** Initials on a colour that belongs to a person's key, so that two of one name look different. */
const COLOURS = 8;

export interface AvatarProps {
  readonly id: string;
  readonly name: string;
  readonly size?: "small" | "medium" | "large";
  readonly speaking?: boolean;
}

export function Avatar({ id, name, size = "medium", speaking = false }: AvatarProps) {
  const colour = Number.parseInt(id.slice(0, 4), 16) % COLOURS || 0;
  return (
    <span class={`avatar avatar-${size} hue-${colour}${speaking ? " speaking" : ""}`} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = [...(words[0] ?? "")][0] ?? "?";
  const last = words.length > 1 ? [...(words[words.length - 1] ?? "")][0] ?? "" : "";
  return (first + last).toLocaleUpperCase();
}
