/** What lies in the folder of the mail: a search that finds everything where a client does not seal, and nothing where it does. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fromHex } from "../../core/ids.ts";
import { takeBundle } from "../../core/identity/prekeys.ts";
import { MAILBOX } from "../../core/limits.ts";
import { sealBundle } from "../../core/mailbox/bundles.ts";
import { sealMail } from "../../core/mailbox/mail.ts";
import { type Bundle, bundleCodec } from "../../core/wire/bundle.ts";
import { concat } from "../../core/wire/bytes.ts";
import type { MailAddress } from "../../core/wire/mailAddress.ts";
import { pad } from "../../core/wire/padding.ts";
import { sealedBundleHead } from "../../core/wire/sealedBundle.ts";
import { encodeMail, type Mail, sealedHead } from "../../core/wire/sealedMail.ts";
import { utf8 } from "../../core/wire/text.ts";
import { openSpaceStore } from "../../rendezvous/store/open.ts";
import { found, latin1 } from "../e2e/harness/search.ts";
import { envOf, must, party } from "../support/world.ts";
import { enterDepositor, enterUploader, expectDone, inMemory, type OwnSpace, withMail } from "./mailStage.ts";
import { rendezvousTest } from "./support.ts";

const env = envOf(77);
const writer = party(1).device;
const reader = party(2);
const TEXT = "meet me under the railway bridge at dawn";
const NAME = "Wilhelmina Featherstone";

const SECRETS = {
  text: TEXT,
  name: NAME,
  writer: fromHex(writer.user).slice(),
  writersDevice: fromHex(writer.id).slice(),
  reader: fromHex(reader.device.user).slice(),
  readersDevice: fromHex(reader.device.id).slice(),
} as Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>;

/** As many as a conversation leaves there; the rest of each envelope is as random as a session's. */
const mail = (): Mail => ({
  kind: "pairwise",
  user: writer.user,
  device: writer.id,
  envelopes: [concat(env.rng.bytes(300), utf8(`${NAME}: ${TEXT}`), env.rng.bytes(40))],
});

interface Sealing {
  mail(address: MailAddress, mail: Mail): Uint8Array;
  bundle(space: OwnSpace, bundle: Bundle): Uint8Array;
}

const SEALED: Sealing = {
  mail: (address, letter) => must(sealMail(address, letter, env)),
  bundle: ({ keys }, bundle) => sealBundle(keys, bundle, env),
};

/** Of the same form and lengths, so that a server takes it; only that nothing is sealed. */
const UNSEALED: Sealing = {
  mail: (_address, letter) =>
    concat(sealedHead(env.rng.bytes(32)), pad(encodeMail(letter), MAILBOX.bucketsBytes), new Uint8Array(16)),
  bundle: (_space, bundle) =>
    concat(
      sealedBundleHead(env.rng.bytes(32)),
      pad(bundleCodec.encode(bundle), [MAILBOX.bundleBytes]),
      new Uint8Array(16),
    ),
};

/** The room that a store holds for a full disk is random bytes: less of it is searched faster. */
const openStore: typeof openSpaceStore = (options) => openSpaceStore({ ...options, disk: { reserveBytes: 2 ** 20 } });

function readAll(folder: string): string {
  const files = [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile).map(({ name }) => name);
  assert.ok(files.some((name) => name.endsWith("-wal")), files.join());
  return files.map((name) => latin1(Deno.readFileSync(join(folder, name)))).join("\n");
}

/** The names of the secrets that lie in the folder while the server runs, and after it. */
async function leftBehind(sealing: Sealing): Promise<{ readonly running: string[]; readonly stopped: string[] }> {
  const folder = await Deno.makeTempDir();
  let running: string[] = [];
  let depositors = 0;
  await withMail({ mail: { ...inMemory(), folder, openStore } }, async (stage) => {
    const space = await stage.space();
    const depositor = await enterDepositor(await stage.line(), space.address);
    for (let letters = 0; letters < 20; letters++) {
      const envelopes = [sealing.mail(space.address, mail()), sealing.mail(space.address, mail())];
      expectDone(await depositor.ask({ t: "deposit", envelopes }));
    }
    const uploader = await enterUploader(await stage.line(), space.keys);
    const { bundle } = takeBundle(reader.prekeys, reader.device, env);
    const lastResort = sealing.bundle(space, bundle);
    expectDone(await uploader.ask({ t: "upload", oneTime: [], lastResort, replace: false }));
    const files = readAll(folder);
    running = found(files, SECRETS);
    depositors = found(files, { space: fromHex(space.keys.id).slice() as Uint8Array<ArrayBuffer> }).length;
  });
  assert.equal(depositors, 1, "what a server does know is found: the search reads the right files");
  const rest = [...Deno.readDirSync(folder)].map(({ name }) => latin1(Deno.readFileSync(join(folder, name))));
  await Deno.remove(folder, { recursive: true });
  return { running, stopped: found(rest.join("\n"), SECRETS) };
}

rendezvousTest("[MBX4] [MBX5] the files of the mail hold no text, name, or key of a person or device", async () => {
  assert.deepEqual(await leftBehind(SEALED), { running: [], stopped: [] });
});

rendezvousTest("the search finds all of them where a client does not seal", async () => {
  const all = Object.keys(SECRETS);
  assert.deepEqual(await leftBehind(UNSEALED), { running: all, stopped: all });
});
