/** A prekey bundle: what a device hands to one who wants to write to it. SPEC section 3. */
import { certificateField } from "./certificate.ts";
import { bytes, codec, nullable, struct, type TypeOf, uint } from "./schema.ts";

/** Prekey ids are 32-bit and begin at 1: 0 says "none" where an id has a fixed place. */
export const MAX_PREKEY_ID = 0xffff_ffff;
export const prekeyId = uint(MAX_PREKEY_ID);

const signedPart = {
  certificate: certificateField,
  createdAtMs: uint(),
  signed: struct({ id: prekeyId, dh: bytes(32) }),
  /** Its KEM key stands in `kem`; where there is none, `kem` is the KEM key of the signed prekey. */
  oneTime: nullable(struct({ id: prekeyId, dh: bytes(32) })),
  /** An ML-KEM-768 key. */
  kem: bytes(1184),
} as const;

const unsigned = codec(struct(signedPart), 2048);
export const bundleCodec = codec(struct({ ...signedPart, signature: bytes(64) }), 2048);

export type UnsignedBundle = TypeOf<typeof unsigned>;
export type Bundle = TypeOf<typeof bundleCodec>;

/** The bytes that the device key signs. */
export const bundleToSign = ({ certificate, createdAtMs, signed, oneTime, kem }: UnsignedBundle): Uint8Array =>
  unsigned.encode({ certificate, createdAtMs, signed, oneTime, kem });
