/**
 * Which part may import which. One table, read by the lint rule (an import in the wrong direction is marked in the
 * editor) and by the architecture test (so that the rule itself cannot be forgotten).
 */

const BASE = ["core/ids.ts", "core/limits.ts", "core/errors.ts", "core/ports.ts"];
const IDENTITY = [...BASE, "core/wire/", "core/crypto/", "core/identity/"];
const SECOND = ["core/session/", "core/group/", "core/access/", "core/mailbox/", "core/file/"];
const THIRD = ["core/log/", "core/message/"];

/** Path prefixes: the first row that matches the importer says what it may import besides its own folder. */
const LAYERS: readonly { readonly of: string; readonly may: readonly string[] }[] = [
  { of: "core/wire/", may: BASE },
  { of: "core/crypto/", may: [...BASE, "core/wire/"] },
  { of: "core/identity/", may: [...BASE, "core/wire/", "core/crypto/"] },
  ...SECOND.map((of) => ({ of, may: IDENTITY })),
  ...THIRD.map((of) => ({ of, may: [...IDENTITY, ...SECOND] })),
  { of: "core/guild/", may: [...IDENTITY, ...SECOND, ...THIRD] },
  { of: "core/voice/", may: [...BASE, "core/wire/", "core/crypto/"] },
  { of: "core/net/", may: [...BASE, "core/wire/"] },
  { of: "core/node/", may: ["core/"] },
  { of: "core/", may: BASE },
  {
    of: "client/ui/",
    may: ["core/ids.ts", "core/limits.ts", "core/errors.ts", "core/node/view.ts", "core/node/event.ts"],
  },
  { of: "client/", may: ["core/", "client/"] },
  {
    of: "rendezvous/",
    may: ["core/ids.ts", "core/limits.ts", "core/errors.ts", "core/wire/", "core/crypto/", "turn/"],
  },
  { of: "turn/", may: [] },
  { of: "tests/", may: ["core/", "client/", "rendezvous/", "turn/"] },
];

/** Libraries that only one place may know, so that each can be judged, and replaced, there. */
const LIBRARIES: readonly { readonly of: RegExp; readonly only: readonly string[] }[] = [
  { of: /^@noble\//, only: ["core/crypto/"] },
  { of: /^cborg$/, only: ["core/wire/"] },
  { of: /^(libp2p|@libp2p\/.*|@multiformats\/.*)$/, only: ["client/net/", "rendezvous/"] },
  { of: /^@swc\/wasm$/, only: ["client/build/"] },
  { of: /^ws$/, only: ["rendezvous/"] },
  { of: /^idb-keyval$/, only: ["client/storage/"] },
  { of: /^(opus-decoder|@thaunknown\/simple-peer)$/, only: ["client/audio/"] },
  { of: /^@matrix-org\/olm$/, only: ["tests/"] },
  { of: /^(preact|preact\/.*|@preact\/.*|uqr)$/, only: ["client/ui/", "client/runtime/"] },
];

/**
 * Why `importer` must not import `imported`, or `null` where it may. Both are paths from the project's root with forward
 * slashes; `imported` may also be the bare name of a library.
 */
export function objection(importer: string, imported: string): string | null {
  if (!imported.includes("/") || imported.startsWith("@") || !/\.tsx?$/.test(imported)) {
    return libraryObjection(importer, imported);
  }
  const layer = LAYERS.find(({ of }) => importer.startsWith(of));
  if (layer === undefined) return null;
  const own = layer.of === "core/" ? [] : [layer.of];
  if ([...own, ...layer.may].some((prefix) => imported.startsWith(prefix))) return null;
  return `${layer.of} must not import ${imported}: imports go one way`;
}

function libraryObjection(importer: string, library: string): string | null {
  if (importer.startsWith("tests/")) return null;
  const rule = LIBRARIES.find(({ of }) => of.test(library));
  if (rule === undefined || rule.only.some((prefix) => importer.startsWith(prefix))) return null;
  return `only ${rule.only.join(" and ")} may import ${library}`;
}

/** The path from the root that a specifier in `importer` names; libraries stay as they are. */
export function resolveSpecifier(importer: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  const parts = importer.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
