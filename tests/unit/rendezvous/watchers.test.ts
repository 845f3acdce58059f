import assert from "node:assert/strict";
import { presenceFrame } from "../../../core/wire/presence.ts";
import { Registry } from "../../../rendezvous/discovery/registry.ts";
import { PRESENCE } from "../../../rendezvous/limits.ts";
import { Watcher, Watchers } from "../../../rendezvous/presence/watchers.ts";

function setUp() {
  const registry = new Registry();
  const watchers = new Watchers(registry);
  const register = (ns: string, peer: string, record = Uint8Array.of(1)) => {
    const result = registry.register({ ns, peer, record, ttlS: 60 }, 0);
    assert.ok(result.t === "registered");
    if (result.isNews) watchers.present(result.entry, 0);
    return result.entry;
  };
  return { registry, watchers, register };
}

async function told(watcher: Watcher): Promise<string> {
  const bytes = await watcher.next();
  if (typeof bytes === "string") return bytes;
  const frame = presenceFrame.decode(bytes);
  assert.ok(frame.ok);
  const { value } = frame;
  return value.t === "present"
    ? `${value.namespace} present ${value.signedPeerRecord.join()} for ${value.ttlS} s`
    : `${value.namespace} absent ${value.peerId}`;
}

Deno.test("[RDV10] a watcher is told of who is there, then of who comes and goes, but never of itself", async () => {
  const { watchers, register } = setUp();
  register("a", "early");
  const watcher = new Watcher("me");
  assert.equal(watchers.watch(watcher, new Set(["a", "b"]), 0), true);
  assert.equal(await told(watcher), "a present 1 for 60 s");
  register("a", "me");
  register("c", "elsewhere");
  const entry = register("b", "late", Uint8Array.of(2));
  assert.equal(await told(watcher), "b present 2 for 60 s");
  watchers.absent(entry);
  assert.equal(await told(watcher), "b absent late");
});

Deno.test("[RDV10] a new list replaces the old one and repeats nothing", async () => {
  const { watchers, register } = setUp();
  register("a", "p");
  register("b", "q", Uint8Array.of(2));
  const watcher = new Watcher("me");
  watchers.watch(watcher, new Set(["a"]), 0);
  assert.equal(await told(watcher), "a present 1 for 60 s");
  watchers.watch(watcher, new Set(["a", "b"]), 0);
  assert.equal(await told(watcher), "b present 2 for 60 s");
  watchers.watch(watcher, new Set(["b"]), 0);
  register("a", "r");
  register("b", "s", Uint8Array.of(3));
  assert.equal(await told(watcher), "b present 3 for 60 s");
});

Deno.test("[RDV11] only the last word about a peer waits", async () => {
  const { watchers, register } = setUp();
  const watcher = new Watcher("me");
  watchers.watch(watcher, new Set(["a"]), 0);
  const entry = register("a", "p");
  watchers.absent(entry);
  register("a", "p", Uint8Array.of(7));
  assert.equal(await told(watcher), "a present 7 for 60 s");
  watchers.leave(watcher);
  assert.equal(await told(watcher), "ended");
});

Deno.test("[RDV11] a watcher that takes nothing overflows, and its queue with it", async () => {
  const { watchers } = setUp();
  const watcher = new Watcher("me");
  watchers.watch(watcher, new Set(["a"]), 0);
  for (let i = 0; i <= PRESENCE.maxPendingFrames; i++) {
    watchers.present({ ns: "a", peer: `p${i}`, record: Uint8Array.of(1), endsAtMs: 1, serial: i }, 0);
  }
  assert.equal(await told(watcher), "overflown");
});

Deno.test("[RDV10] whoever has left is told nothing and is remembered nowhere", async () => {
  const { watchers, register } = setUp();
  const watcher = new Watcher("me");
  watchers.watch(watcher, new Set(["a"]), 0);
  watchers.leave(watcher);
  register("a", "p");
  assert.equal(await told(watcher), "ended");
  assert.equal(watcher.watched.size, 0);
});
