/** A QR code as one path of an SVG: no image to load, sharp at any size. */
import { encode } from "uqr";
import { useMemo } from "preact/hooks";

/** Modules of white around the code, as ISO/IEC 18004 asks for. */
const QUIET_ZONE = 4;

export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, path } = useMemo(() => draw(text), [text]);
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges">
      <path d={path} />
    </svg>
  );
}

function draw(text: string): { readonly size: number; readonly path: string } {
  const { data, size } = encode(text, { ecc: "L", border: QUIET_ZONE });
  let path = "";
  data.forEach((row, y) => row.forEach((dark, x) => path += dark ? `M${x} ${y}h1v1h-1z` : ""));
  return { size, path };
}
