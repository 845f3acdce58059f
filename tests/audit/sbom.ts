/** The bill of materials of a release, as CycloneDX 1.6 JSON. Nothing in it depends on when or where it is made. */
import { Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
import type { ShippedPackage } from "../../client/build/packages.ts";
import { VERSION } from "../../rendezvous/version.ts";
import type { Shipped } from "./shipped.ts";
import { union } from "./shipped.ts";

export function billOfMaterials(shipped: Shipped): string {
  const bom = new Models.Bom();
  bom.metadata.component = new Models.Component(Enums.ComponentType.Application, "securecomm", {
    version: VERSION,
    bomRef: "securecomm",
    licenses: new Models.LicenseRepository([new Models.SpdxLicense("Apache-2.0")]),
  });
  for (const one of union(shipped)) bom.components.add(component(one, shipped));
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return new Serialize.JsonSerializer(factory).serialize(bom, { sortLists: true, space: 2 }) + "\n";
}

/** Packages with a scope have it as their group, and `%40` before it in their purl (package-url specification). */
function component({ name, version, licence }: ShippedPackage, { client, server }: Shipped) {
  const [, scope, bare = name] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  const isIn = (part: readonly ShippedPackage[]) => part.some((one) => one.name === name && one.version === version);
  const parts = [...isIn(client) ? ["client"] : [], ...isIn(server) ? ["server"] : []];
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return new Models.Component(Enums.ComponentType.Library, bare, {
    ...(scope === undefined ? {} : { group: scope }),
    version,
    purl: purl as never,
    bomRef: purl,
    licenses: new Models.LicenseRepository(licence === null ? [] : [named(licence)]),
    properties: new Models.PropertyRepository(parts.map((part) => new Models.Property("securecomm:part", part))),
  });
}

const named = (licence: string) =>
  / (OR|AND) /.test(licence) ? new Models.LicenseExpression(licence) : new Models.SpdxLicense(licence as never);
