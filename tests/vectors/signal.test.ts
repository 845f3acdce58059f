/** Signal's chain step, as in libsignal's own tests (`rust/protocol/src/ratchet/keys.rs`), by our ratchet's. */
import assert from "node:assert/strict";
import { hkdfSha256 } from "../../core/crypto/kdf.ts";
import { fromHex, toHex } from "../../core/ids.ts";
import { stepChain } from "../../core/session/chain.ts";
import { SECURECOMM_SUITE } from "../../core/session/suite.ts";
import { held } from "./held.ts";

Deno.test("[RAT2] with Signal's inputs a chain step gives Signal's message keys and next chain key", () => {
  const suite = { ...SECURECOMM_SUITE.ratchet, messageKeyInput: Uint8Array.of(1), chainKeyInput: Uint8Array.of(2) };
  const key = fromHex("8ab72d6f4cc5ac0d387eaf463378ddb28edd07385b1cb01250c715982e7ad48f");
  const { messageKey, next } = stepChain(suite, { key, index: 0 });
  const messageKeys = toHex(hkdfSha256(messageKey, new Uint8Array(32), "WhisperMessageKeys", 80));
  assert.equal(messageKeys.slice(0, 64), "bf51e9d75e0e31031051f82a2491ffc084fa298b7793bd9db620056febf45217");
  assert.equal(messageKeys.slice(64, 128), "c6c77d6a73a354337a56435e34607dfe48e3ace14e77314dc6abc172e7a7030b");
  assert.equal(toHex(next.key), "28e8f8fee54b801eef7c5cfb2f17f32c7b334485bbb70fac6ec10342a246d15d");
  assert.equal(next.index, 1);
  held("Double Ratchet, chain step", 1);
});
