/** The eight points of low order of edwards25519: multiples of one of order eight. */
import { ed25519 } from "@noble/curves/ed25519.js";

type Point = ReturnType<typeof ed25519.Point.fromBytes>;

export function ed25519TorsionSubgroup(): readonly Point[] {
  const order = ed25519.Point.Fn.ORDER;
  for (let y = 2;; y++) {
    let point: Point;
    try {
      point = ed25519.Point.fromBytes(Uint8Array.from({ length: 32 }, (_, i) => i === 0 ? y : 0));
    } catch {
      continue;
    }
    // The prime part goes away; what is left has an order that divides eight.
    const low = point.multiplyUnsafe(order - 1n).add(point);
    if (low.double().double().is0()) continue;
    const all = [ed25519.Point.ZERO];
    for (let i = 1; i < 8; i++) all.push(all.at(-1)!.add(low));
    return all;
  }
}
