import assert from "node:assert/strict";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { notices } from "../../client/build/notices.ts";
import type { ShippedPackage } from "../../client/build/packages.ts";
import { isAllowed, objections } from "./licences.ts";
import { billOfMaterials } from "./sbom.ts";
import { shipped, union } from "./shipped.ts";

const release = await shipped();
const all = union(release);
const OWN = "the text of our own licence";

const made = (licence: string | null, texts: readonly string[] = []): ShippedPackage => ({
  name: "made-up",
  version: "1.2.3",
  licence,
  author: "Ann Author",
  homepage: null,
  texts,
});

Deno.test("everything that is shipped is under a permissive licence", () => {
  assert.deepEqual(objections(all), []);
  for (
    const [part, some] of [["client", ["libp2p", "preact", "opus-decoder"]], ["server", ["libp2p", "ws"]]] as const
  ) {
    const names = new Set(release[part].map(({ name }) => name));
    for (const name of some) assert.ok(names.has(name), `${name} in the ${part}`);
  }
  assert.ok(!release.client.some(({ name }) => name === "ws" || name === "fast-check"));
});

Deno.test("a licence that asks for more than a notice, and none at all, are objected to", () => {
  for (const allowed of ["MIT", "Apache-2.0 OR MIT", "(MIT OR GPL-3.0-only)", "MIT AND ISC"]) {
    assert.ok(isAllowed(allowed));
  }
  for (const refused of ["GPL-3.0-only", "MIT AND LGPL-2.1", "UNLICENSED", "SEE LICENSE IN x", ""]) {
    assert.ok(!isAllowed(refused), refused);
    assert.equal(objections([made(refused)]).length, 1);
  }
  assert.match(objections([made(null)])[0]!, /names no licence/);
});

Deno.test("the notices name every package, and hold the terms of those that bring no text", () => {
  const text = notices(release.client, OWN);
  for (const { name, version } of release.client) assert.ok(text.includes(`\n${name} ${version}\n`), name);
  assert.ok(text.endsWith(`${OWN}\n`));
  assert.match(text, /Opus audio codec/);
  assert.match(notices([made("MIT")], OWN), /Copyright \(c\) Ann Author/);
  assert.match(notices([made("Apache-2.0 OR MIT")], OWN), /Apache License 2\.0, whose text ends this file/);
  assert.match(notices([made("MIT", ["their own text"])], OWN), /their own text/);
});

Deno.test("the bill of materials follows CycloneDX 1.6 and lists all that is shipped", async () => {
  const text = billOfMaterials(release);
  const { components }: { readonly components: readonly { readonly purl: string }[] } = JSON.parse(text);
  const check = await cycloneDx();
  assert.ok(check(JSON.parse(text)), JSON.stringify(check.errors));
  assert.ok(!check(JSON.parse(text.replace('"type": "library"', '"type": "shelf"'))));
  assert.equal(components.length, all.length);
  assert.ok(components.some(({ purl }) => purl.startsWith("pkg:npm/%40libp2p/webrtc@")));
  assert.equal(billOfMaterials(release), text);
});

/** The specification's own schemas, which the library brings along. */
async function cycloneDx() {
  const folder = import.meta.resolve("@cyclonedx/cyclonedx-library").replace(/\/dist[^]*$/, "/res/schema");
  const schema = async (name: string) =>
    JSON.parse(await Deno.readTextFile(new URL(`${folder}/${name}.SNAPSHOT.schema.json`)));
  const ajv = new Ajv({ strict: false });
  for (const name of ["spdx", "jsf-0.82", "cryptography-defs"]) {
    ajv.addSchema(await schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  formats.default(ajv);
  // Only for addresses beyond ASCII, of which there are none.
  ajv.addFormat("idn-email", true);
  return ajv.compile(await schema("bom-1.6"));
}
