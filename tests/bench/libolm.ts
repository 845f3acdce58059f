/** libolm (WASM), as a program would use it: two accounts with a session between them. */
import Olm from "@matrix-org/olm";

await Olm.init();

const account = (): Olm.Account => {
  const made = new Olm.Account();
  made.create();
  return made;
};
const [alice, bob] = [account(), account()];
const bobIdentity: string = JSON.parse(bob.identity_keys()).curve25519;

export interface OlmPair {
  readonly alice: Olm.Session;
  readonly bob: Olm.Session;
}

/** All that a first message needs: a one-time key made and handed out, a session begun and accepted. */
export function olmPair(text: string): OlmPair {
  bob.generate_one_time_keys(1);
  const [oneTime] = Object.values<string>(JSON.parse(bob.one_time_keys()).curve25519);
  bob.mark_keys_as_published();
  const pair = { alice: new Olm.Session(), bob: new Olm.Session() };
  pair.alice.create_outbound(alice, bobIdentity, oneTime!);
  const first = pair.alice.encrypt(text);
  pair.bob.create_inbound(bob, first.body);
  bob.remove_one_time_keys(pair.bob);
  pair.bob.decrypt(first.type as 0 | 1, first.body);
  return pair;
}

/** Sealed by one, as text that can be sent, and opened by the other. */
export function olmPass(from: Olm.Session, to: Olm.Session, text: string): string {
  const { type, body } = from.encrypt(text);
  return to.decrypt(type as 0 | 1, body);
}

export function free({ alice, bob }: OlmPair): void {
  alice.free();
  bob.free();
}
