const encoder = new TextEncoder();

async function sha256(data: string | Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", typeof data === "string" ? encoder.encode(data) : data));
}

export async function sha256Hex(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  return (await sha256(data)).toHex();
}

/** The form that an `integrity` attribute takes (W3C Subresource Integrity, section 3.1). */
export async function integrity(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  return `sha256-${(await sha256(data)).toBase64()}`;
}
