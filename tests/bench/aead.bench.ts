/** The text AEAD beside the one that it could have been: a fresh key for each message, as the ratchet has it. */
import { aesGcm, chachaPoly } from "../../core/crypto/aead.ts";
import { PADDING } from "../../core/limits.ts";
import { interleaved, report } from "./cpuTime.ts";

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const keys = Array.from({ length: 64 }, () => random(32));
const [nonce, ad] = [new Uint8Array(12), random(90)];

for (const sizeBytes of PADDING.textBucketsBytes) {
  const plaintext = random(sizeBytes);
  const [ours, theirs] = interleaved(
    400,
    ...[chachaPoly, aesGcm].map((aead) => {
      let turn = 0;
      return () => {
        const key = keys[turn++ % keys.length]!;
        aead.open(key, nonce, aead.seal(key, nonce, plaintext, ad), ad);
      };
    }),
  ) as [readonly number[], readonly number[]];
  const figure = `ChaCha20-Poly1305 seal and open, ${sizeBytes} B`;
  report({ figure, unit: "us CPU", ours, peer: "AES-256-GCM", theirs });
}
