import assert from "node:assert/strict";
import fc from "fast-check";
import { Bucket, Buckets } from "../../../rendezvous/bucket.ts";
import { diskReader, filePath, findFile } from "../../../rendezvous/http/files.ts";
import { openHeaders, pageHeaders } from "../../../rendezvous/http/headers.ts";
import { addressPrefix, clientAddress } from "../../../rendezvous/prefix.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a URL path names a file below the folder, or nothing", () => {
  assert.equal(filePath("/"), "index.html");
  assert.equal(filePath("/assets/main-4F7QZP2A.js"), "assets/main-4F7QZP2A.js");
  const hostile = [
    "/..",
    "/../secret.js",
    "/a/../../secret.js",
    "/%2e%2e/secret.js",
    "/a/%2e%2e%2fsecret.js",
    "/..%5csecret.js",
    "/a\\..\\secret.js",
    "//etc/passwd.txt",
    "/.git/config.txt",
    "/a//b.js",
    "/a/./b.js",
    "/main.js\0.html",
    "/main.js/",
    "/main.ts",
    "/main",
    "/main.js.br",
    "main.js",
    "",
    "http://elsewhere/main.js",
  ];
  for (const path of hostile) assert.equal(filePath(path), null, path);
});

Deno.test("no URL path leads out of the folder", () => {
  const piece = fc.constantFrom("..", ".", "/", "\\", "%2e", "%2f", "a", "main.js", "\0", "~", "C:", " ");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const path = filePath(`/${pieces.join("")}`);
      if (path !== null) assert.match(path, /^(?:[a-zA-Z0-9_][\w.-]*\/)*[a-zA-Z0-9_][\w.-]*$/);
    }),
    { seed: 20, numRuns: 2_000 },
  );
});

Deno.test("a link inside the folder is not followed", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${root}/secret.txt`, "secret");
    await Deno.mkdir(`${root}/files`);
    await Deno.symlink(`${root}/secret.txt`, `${root}/files/link.txt`);
    await Deno.writeTextFile(`${root}/files/plain.txt`, "plain");
    const read = diskReader(`${root}/files`);
    assert.deepEqual(await read("plain.txt"), bytes("plain"));
    assert.equal(await read("link.txt"), null);
    assert.equal(await read("missing.txt"), null);
    assert.equal(await read("plain.txt/below.txt"), null);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("packed files go to those who take them; only hashed names are kept for ever", async () => {
  const files = new Map([["main-4F7QZP2A.js", "js"], ["main-4F7QZP2A.js.br", "packed"], ["index.html", "page"]]);
  const read = (path: string) => Promise.resolve(files.has(path) ? bytes(files.get(path)!) : null);
  const textOf = async (path: string, accept: string) => {
    const found = await findFile(read, path, accept);
    return found === null ? null : `${new TextDecoder().decode(found.bytes)} ${found.isBrotli} ${found.isImmutable}`;
  };
  assert.equal(await textOf("/main-4F7QZP2A.js", "gzip, deflate, br, zstd"), "packed true true");
  assert.equal(await textOf("/main-4F7QZP2A.js", "br;q=0.5"), "packed true true");
  assert.equal(await textOf("/main-4F7QZP2A.js", "br;q=0, gzip"), "js false true");
  assert.equal(await textOf("/main-4F7QZP2A.js", "gzip"), "js false true");
  assert.equal(await textOf("/", "br"), "page false false");
  assert.equal(await textOf("/main-4F7QZP2B.js", "br"), null);
  const [a, b] = [await findFile(read, "/", ""), await findFile(read, "/main-4F7QZP2A.js", "")];
  assert.notEqual(a!.etag, b!.etag);
});

Deno.test("[RDV24] a page may run nothing that is not a file of ours", () => {
  const policy = pageHeaders(false)["content-security-policy"]!;
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';/);
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|\*|script-src[^;]*(?:blob|data):/);
  assert.match(policy, /default-src 'none'[^]*base-uri 'none'; form-action 'none'; frame-ancestors 'none'/);
  assert.match(policy, /require-trusted-types-for 'script'; trusted-types securecomm-worker$/);
});

Deno.test("[RDV24] a page from HTTPS talks to friends' servers by encrypted connections only, and stays on HTTPS", () => {
  const [plain, secure] = [pageHeaders(false), pageHeaders(true)];
  assert.match(plain["content-security-policy"]!, /connect-src 'self' ws: wss: http: https:;/);
  assert.match(secure["content-security-policy"]!, /connect-src 'self' wss: https:;/);
  for (const headers of [plain, openHeaders(false)]) assert.equal(headers["strict-transport-security"], undefined);
  for (const headers of [secure, openHeaders(true)]) {
    assert.equal(headers["strict-transport-security"], "max-age=31536000");
  }
});

Deno.test("[RDV24] no other page frames, opens or embeds ours, learns where one came from, or gets a device through it", () => {
  const headers = pageHeaders(true);
  assert.equal(headers["cross-origin-opener-policy"], "same-origin");
  assert.equal(headers["cross-origin-resource-policy"], "same-origin");
  assert.equal(headers["origin-agent-cluster"], "?1");
  assert.equal(headers["referrer-policy"], "no-referrer");
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["x-frame-options"], "DENY");
  assert.match(headers["permissions-policy"]!, /^microphone=\(self\), camera=\(self\), (?:[a-z-]+=\(\)(?:, )?)+$/);
});

Deno.test("answers for other origins are data and nothing else", () => {
  const headers = openHeaders(false);
  assert.equal(headers["content-security-policy"], "default-src 'none'; frame-ancestors 'none'");
  assert.equal(headers["access-control-allow-origin"], "*");
  assert.equal(headers["access-control-allow-credentials"], undefined);
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["x-content-type-options"], "nosniff");
});

Deno.test("limits count an IPv4 address, an IPv6 /56, and the machine itself as one", () => {
  assert.equal(addressPrefix("203.0.113.7"), "203.0.113.7");
  assert.equal(addressPrefix("::ffff:203.0.113.7"), "203.0.113.7");
  assert.equal(addressPrefix("2001:db8:1:aa11::1"), addressPrefix("2001:DB8:1:aaff:5::9"));
  assert.notEqual(addressPrefix("2001:db8:1:aa11::1"), addressPrefix("2001:db8:1:ab11::1"));
  assert.equal(addressPrefix("2001:db8::1"), addressPrefix("2001:db8:0:00ff::2"));
  assert.equal(addressPrefix("fe80::1%eth0"), addressPrefix("fe80::2"));
  for (const own of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) {
    assert.equal(addressPrefix(own), "loopback");
  }
});

Deno.test("a forwarded address is believed from a proxy only, and only its last hop", () => {
  assert.equal(clientAddress("127.0.0.1", "198.51.100.1, 203.0.113.7", true), "203.0.113.7");
  assert.equal(clientAddress("::ffff:172.18.0.2", "203.0.113.7", true), "203.0.113.7");
  assert.equal(clientAddress("203.0.113.9", "198.51.100.1", false), "203.0.113.9");
  assert.equal(clientAddress("203.0.113.9", "127.0.0.1", true), "203.0.113.9");
  assert.equal(clientAddress("2001:db8::9", "127.0.0.1", true), "2001:db8::9");
  assert.equal(clientAddress("127.0.0.1", "nonsense", true), "127.0.0.1");
  assert.equal(clientAddress("127.0.0.1", undefined, true), "127.0.0.1");
});

Deno.test("a bucket gives its burst, then its rate", () => {
  const bucket = new Bucket({ perSecond: 2, burst: 3 }, 0);
  assert.deepEqual([1, 2, 3, 4].map(() => bucket.take(0)), [true, true, true, false]);
  assert.equal(bucket.take(499), false);
  assert.deepEqual([1, 2, 3].map(() => bucket.take(1_000)), [true, true, false]);
  assert.equal(bucket.take(900), false);
  const debt = new Bucket({ perSecond: 10, burst: 10 }, 0);
  assert.equal(debt.spend(10, 0), 0);
  assert.equal(debt.spend(5, 0), 500);
  assert.equal(debt.spend(0, 500), 0);
});

Deno.test("buckets of many keys are bounded, and full ones make room", () => {
  const buckets = new Buckets({ perSecond: 1, burst: 2 }, 2);
  assert.equal(buckets.take("a", 0), true);
  assert.equal(buckets.take("b", 0), true);
  assert.equal(buckets.take("c", 0), false);
  assert.equal(buckets.take("c", 1_000), true);
  assert.equal(buckets.take("a", 1_000), true);
  assert.equal(buckets.take("b", 1_000), false);
});
