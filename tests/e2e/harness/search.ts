/** Looks for secrets in recorded bytes: as they are, and in every text form that a protocol might have given them. */

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

function base58(bytes: Uint8Array): string {
  let value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = "";
  for (; value > 0n; value /= 58n) text = BASE58[Number(value % 58n)]! + text;
  return "1".repeat(bytes.findIndex((byte) => byte !== 0)) + text;
}

/** The characters of base64 that do not depend on what stands around the bytes, for each of the three alignments. */
function base64Forms(bytes: Uint8Array<ArrayBuffer>): readonly string[] {
  return [0, 1, 2].map((shift) => {
    const shifted = new Uint8Array([...new Uint8Array(shift), ...bytes]);
    const whole = shifted.toBase64({ omitPadding: true });
    const from = Math.ceil((shift * 8) / 6);
    const to = Math.floor((shifted.length * 8) / 6);
    return whole.slice(from, to);
  });
}

/** Every form of a secret, as Latin-1 text to be found in a haystack read the same way. */
export function forms(secret: string | Uint8Array<ArrayBuffer>): readonly string[] {
  const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
  const base64 = base64Forms(bytes);
  return [
    latin1(bytes),
    bytes.toHex(),
    bytes.toHex().toUpperCase(),
    base58(bytes),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}

export const latin1 = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);

/** The names of those secrets that stand somewhere in the haystack. */
export function found(haystack: string, secrets: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>): string[] {
  return Object.entries(secrets)
    .filter(([, secret]) => forms(secret).some((form) => haystack.includes(form)))
    .map(([name]) => name);
}
