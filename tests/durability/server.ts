/** A rendezvous that keeps mail in the folder that is its argument, says where it listens, and runs until it is killed. */
import { startRendezvous } from "../../rendezvous/server.ts";

const server = await startRendezvous({
  port: 0,
  files: () => Promise.resolve(null),
  turn: null,
  mail: { folder: Deno.args[0]!, joinCode: null },
  // A busy test machine turns nobody away.
  load: { lagMs: () => 0, residentBytes: () => 0 },
});
console.log(JSON.stringify({ port: server.port, peerId: server.peerId }));
