/**
 * The initiator's side of Noise XX as libp2p uses it (noiseprotocol.org, revision 34; libp2p/specs, noise/README.md), on
 * node:crypto. For load only: it checks that the server's messages are sealed to us, and not who the server is.
 */
import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { concat } from "../../../core/wire/bytes.ts";
import { utf8 } from "../../../core/wire/text.ts";
import type { ByteQueue } from "./bytes.ts";

const PROTOCOL = utf8("Noise_XX_25519_ChaChaPoly_SHA256");
const CIPHER = "chacha20-poly1305";
const KEY_BYTES = 32;
const TAG_BYTES = 16;
export const MAX_MESSAGE_BYTES = 65_535;
export const MAX_PLAINTEXT_BYTES = MAX_MESSAGE_BYTES - TAG_BYTES;
const NOTHING = new Uint8Array(0);
/** What stands before the 32 bytes of an X25519 key in DER (RFC 8410). */
const X25519_HEAD = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00);

export interface Identity {
  readonly privateKey: KeyObject;
  /** The protobuf form that peer ids and records hold: type Ed25519, then 32 bytes. */
  readonly publicKey: Uint8Array;
}

export function newIdentity(): Identity {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return { privateKey, publicKey: concat(Uint8Array.of(8, 1, 0x12, KEY_BYTES), rawKey(publicKey)) };
}

const rawKey = (key: KeyObject): Uint8Array =>
  new Uint8Array(key.export({ type: "spki", format: "der" }).subarray(-KEY_BYTES));

const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

const hmac = (key: Uint8Array, bytes: Uint8Array): Uint8Array => createHmac("sha256", key).update(bytes).digest();

function hkdf(chainingKey: Uint8Array, input: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const secret = hmac(chainingKey, input);
  const first = hmac(secret, Uint8Array.of(1));
  return [first, hmac(secret, concat(first, Uint8Array.of(2)))];
}

/** One direction's key and its count of messages. */
export class Cipher {
  readonly #key: Uint8Array;
  readonly #nonce = Buffer.alloc(12);
  #count = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  seal(plaintext: Uint8Array, ad: Uint8Array = NOTHING): Uint8Array {
    const cipher = createCipheriv(CIPHER, this.#key, this.#next(), { authTagLength: TAG_BYTES });
    cipher.setAAD(ad, { plaintextLength: plaintext.length });
    const sealed = cipher.update(plaintext);
    cipher.final();
    return concat(sealed, cipher.getAuthTag());
  }

  open(sealed: Uint8Array, ad: Uint8Array = NOTHING): Uint8Array {
    const end = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, this.#key, this.#next(), { authTagLength: TAG_BYTES });
    decipher.setAAD(ad, { plaintextLength: end });
    decipher.setAuthTag(sealed.subarray(end));
    const plaintext = decipher.update(sealed.subarray(0, end));
    decipher.final();
    return plaintext;
  }

  #next(): Uint8Array {
    this.#nonce.writeUInt32LE(this.#count++, 4);
    return this.#nonce;
  }
}

class Symmetric {
  #hash = PROTOCOL;
  #chainingKey: Uint8Array = PROTOCOL;
  #cipher: Cipher | null = null;

  mixHash(bytes: Uint8Array): void {
    this.#hash = sha256(concat(this.#hash, bytes));
  }

  mixKey(own: KeyObject, theirs: Uint8Array): void {
    const publicKey = createPublicKey({
      key: Buffer.from(concat(X25519_HEAD, theirs)),
      type: "spki",
      format: "der",
    });
    const [chainingKey, key] = hkdf(this.#chainingKey, diffieHellman({ privateKey: own, publicKey }));
    this.#chainingKey = chainingKey;
    this.#cipher = new Cipher(key);
  }

  seal(plaintext: Uint8Array): Uint8Array {
    const sealed = this.#cipher!.seal(plaintext, this.#hash);
    this.mixHash(sealed);
    return sealed;
  }

  open(sealed: Uint8Array): Uint8Array {
    const plaintext = this.#cipher!.open(sealed, this.#hash);
    this.mixHash(sealed);
    return plaintext;
  }

  split(): readonly [Uint8Array, Uint8Array] {
    return hkdf(this.#chainingKey, NOTHING);
  }
}

export interface Session {
  readonly out: Cipher;
  readonly in: Cipher;
}

/** All messages stand behind their length, two bytes. */
export async function handshake(
  send: (bytes: Uint8Array) => void,
  input: ByteQueue,
  identity: Identity,
): Promise<Session> {
  const state = new Symmetric();
  state.mixHash(NOTHING);
  // -> e
  const ephemeral = generateKeyPairSync("x25519");
  const ephemeralKey = rawKey(ephemeral.publicKey);
  state.mixHash(ephemeralKey);
  state.mixHash(NOTHING);
  send(behindLength(ephemeralKey));
  // <- e, ee, s, es
  const answer = await readMessage(input);
  const theirEphemeral = answer.slice(0, KEY_BYTES);
  state.mixHash(theirEphemeral);
  state.mixKey(ephemeral.privateKey, theirEphemeral);
  const theirStatic = state.open(answer.subarray(KEY_BYTES, 2 * KEY_BYTES + TAG_BYTES));
  state.mixKey(ephemeral.privateKey, theirStatic);
  state.open(answer.subarray(2 * KEY_BYTES + TAG_BYTES));
  // -> s, se
  const fixed = generateKeyPairSync("x25519");
  const fixedKey = rawKey(fixed.publicKey);
  const sealedStatic = state.seal(fixedKey);
  state.mixKey(fixed.privateKey, theirEphemeral);
  send(behindLength(concat(sealedStatic, state.seal(payload(identity, fixedKey)))));
  const [first, second] = state.split();
  return { out: new Cipher(first), in: new Cipher(second) };
}

/** identity_key = 1, identity_sig = 2, extensions = 4 with stream_muxers = 2. */
function payload({ privateKey, publicKey }: Identity, staticKey: Uint8Array): Uint8Array {
  const signature = sign(null, concat(utf8("noise-libp2p-static-key:"), staticKey), privateKey);
  const muxers = field(2, utf8("/yamux/1.0.0"));
  return concat(field(1, publicKey), field(2, signature), field(4, muxers));
}

/** A protobuf field of bytes, all of them shorter than 128. */
export const field = (number: number, bytes: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(number * 8 + 2, bytes.length), bytes);

export const behindLength = (bytes: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes);

async function readMessage(input: ByteQueue): Promise<Uint8Array> {
  const [high, low] = await input.read(2);
  return await input.read(high! * 256 + low!);
}
