/** Devices by name, the same in every test; several of one person. */
import { x25519Key } from "../../core/crypto/dh.ts";
import { sha256 } from "../../core/crypto/kdf.ts";
import { signingKey } from "../../core/crypto/sign.ts";
import { deviceId } from "../../core/ids.ts";
import { issueCertificate } from "../../core/identity/certificate.ts";
import { createIdentity, type LocalDevice } from "../../core/identity/identity.ts";
import { utf8 } from "../../core/wire/text.ts";
import { envOf, must, START_MS } from "./world.ts";

const devices = new Map<string, LocalDevice>();
const seedOf = (name: string): number => new DataView(sha256(utf8(name)).buffer).getUint32(0) >>> 1;

/** "pat", or "pat 2" for a second device of the same person. */
export function liveDevice(name: string): LocalDevice {
  const known = devices.get(name);
  if (known !== undefined) return known;
  const [person, number] = name.split(" ");
  const first = createIdentity(envOf(seedOf(person!)));
  const device = number === undefined ? first.device : furtherDevice(first.identity, first.device, name);
  devices.set(name, device);
  return device;
}

function furtherDevice(
  identity: Parameters<typeof issueCertificate>[0],
  { user }: LocalDevice,
  name: string,
): LocalDevice {
  const { rng } = envOf(seedOf(name));
  const [signing, dh] = [signingKey(rng.bytes(32)), x25519Key(rng.bytes(32))];
  const certificate = issueCertificate(identity, signing.publicKey, dh.publicKey, START_MS + 1);
  return { user, id: must(deviceId(signing.publicKey)), signing, dh, certificate };
}
