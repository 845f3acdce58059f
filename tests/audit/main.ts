/**
 * `deno task audit`: whose work a release holds and under which licences, its bill of materials, and what is known against
 * it. Its status is 0 where all is well, 1 where something was found, 2 where the registry could not be asked.
 */
import { ROOT } from "../../client/build/build.ts";
import { objections } from "./licences.ts";
import { billOfMaterials } from "./sbom.ts";
import { shipped, union } from "./shipped.ts";
import { knownVulnerabilities } from "./vulnerabilities.ts";

const SBOM = "dist/sbom.json";
const FOUND = 1;
const NOT_ASKED = 2;

const release = await shipped();
const all = union(release);
for (const { name, version, licence } of all) console.log(`${name} ${version}: ${licence ?? "no licence named"}`);
console.log(`${all.length} packages: ${release.client.length} in the client, ${release.server.length} in the server.`);

await Deno.mkdir(`${ROOT}/dist`, { recursive: true });
await Deno.writeTextFile(`${ROOT}/${SBOM}`, billOfMaterials(release));
console.log(`Bill of materials (CycloneDX 1.6): ${SBOM}`);

const against = objections(all);
for (const sentence of against) console.error(sentence);
if (against.length === 0) console.log("Licences: all are permissive.");

const verdict = await knownVulnerabilities();
if (verdict.t === "none") console.log("Known vulnerabilities: none.");
else if (verdict.t === "found") console.error(verdict.report);
else console.error(`Known vulnerabilities: not checked, because the registry could not be asked (${verdict.reason}).`);

if (against.length > 0 || verdict.t === "found") Deno.exit(FOUND);
if (verdict.t === "unknown") Deno.exit(NOT_ASKED);
