import assert from "node:assert/strict";
import { knownVulnerabilities } from "./vulnerabilities.ts";

/** A registry on this machine that gives one answer to whoever asks for advisories. */
async function asking(answer: () => Response) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const asked: Record<string, readonly string[]> = await request.json();
    assert.ok("libp2p" in asked);
    return answer();
  });
  try {
    return await knownVulnerabilities({ registry: `http://127.0.0.1:${server.addr.port}` });
  } finally {
    await server.shutdown();
  }
}

const ADVISORY = {
  id: 1,
  url: "https://advisories.example/1",
  title: "Something is wrong with libp2p",
  severity: "high",
  vulnerable_versions: "<99.0.0",
  cwe: ["CWE-20"],
  cvss: { score: 7.5, vectorString: null },
};

Deno.test("no advisory is good news, one is told with its package, and no answer is not taken for good news", async () => {
  assert.deepEqual(await asking(() => Response.json({})), { t: "none" });
  const found = await asking(() => Response.json({ libp2p: [ADVISORY] }));
  assert.ok(found.t === "found" && /Something is wrong with libp2p/.test(found.report), JSON.stringify(found));
  assert.equal((await asking(() => new Response("no", { status: 500 }))).t, "unknown");
  const nobody = await knownVulnerabilities({ registry: "http://127.0.0.1:9" });
  assert.ok(nobody.t === "unknown" && nobody.reason.length > 0);
});
