/** From mouth to ear in real Chromium: our pipeline beside the browser's own RTP audio, in turns on one page. */
import { type Person, startPerson } from "../e2e/harness/chromium.ts";
import { median, printFigure, quantile, spreadOf } from "./figure.ts";
import type { RunResult, VoicePage } from "./pages/voice.page.ts";
import { servePages } from "./pages/serve.ts";

const RUNS = Number(Deno.env.get("RUNS") ?? 5);
const WARM_UP_MS = 3_000;
const MEASURE_MS = 6_200;
const CPU_MS = 8_000;
const WAYS = ["ours", "native"] as const;
type Way = (typeof WAYS)[number];

declare const voicePage: VoicePage;

async function visit({ page }: Person, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForFunction(() => "voicePage" in globalThis);
}

async function mouthToEar(url: string, frameMs: 10 | 20): Promise<Record<Way, number[]>> {
  const person = await startPerson();
  const { page } = person;
  const found: Record<Way, number[]> = { ours: [], native: [] };
  try {
    await visit(person, url);
    const latency = await page.evaluate(() => voicePage.prepare());
    console.log(`context: base latency ${latency.baseLatencyMs.toFixed(1)} ms, ${frameMs} ms frames`);
    for (let run = 0; run < RUNS; run++) {
      for (const way of WAYS) {
        const result: RunResult = await page.evaluate(
          ([way, frameMs, warmUp, measure]) => voicePage.run(way, frameMs, warmUp, measure),
          [way, frameMs, WARM_UP_MS, MEASURE_MS] as const,
        );
        if (result.delaysMs.length === 0) throw new Error(`${way}: no chirp arrived. ${person.log.join("\n")}`);
        found[way].push(median(result.delaysMs));
        console.log(`  ${way.padEnd(7)} ${result.delaysMs.map((ms) => ms.toFixed(1)).join(" ")} ${played(result)}`);
      }
    }
  } finally {
    await person.close();
  }
  return found;
}

function played({ stream }: RunResult): string {
  if (stream === null) return "";
  const { delayMs, targetMs, played, concealed, waited, late, stretchedSamples } = stream;
  return `(buffer ${delayMs.toFixed(1)} of ${targetMs.toFixed(1)} ms, ${played} frames, ${concealed} concealed, ` +
    `${waited} waited, ${late} late, ${(stretchedSamples / 48).toFixed(0)} ms stretched)`;
}

/** Ticks of 10 ms that a process and its children have used. */
async function usedTicks(root: number): Promise<number> {
  const stats = new Map<number, { parent: number; ticks: number }>();
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => null);
    if (stat === null) continue;
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    stats.set(Number(name), { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) });
  }
  const belongs = (pid: number): boolean => pid === root || (stats.has(pid) && belongs(stats.get(pid)!.parent));
  let ticks = 0;
  for (const [pid, stat] of stats) if (belongs(pid)) ticks += stat.ticks;
  return ticks;
}

/** The browser's own process: the first one that uses this profile. */
async function findBrowser(profile: string): Promise<number> {
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (line.includes(profile) && !line.includes("--type=")) return Number(name);
  }
  throw new Error("the browser's process was not found");
}

/** Percent of a core that a browser with one talking, listening page uses. */
async function cpuPercent(url: string, way: Way, frameMs: 10 | 20): Promise<number> {
  const person = await startPerson();
  const { page } = person;
  try {
    await visit(person, url);
    await page.evaluate(([way, frameMs]) => voicePage.talk(way, frameMs), [way, frameMs] as const);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const pid = await findBrowser(person.profile);
    const before = await usedTicks(pid);
    await new Promise((resolve) => setTimeout(resolve, CPU_MS));
    return ((await usedTicks(pid)) - before) * 10 / CPU_MS * 100;
  } finally {
    await person.close();
  }
}

const pages = await servePages({
  "page.js": "tests/bench/pages/voice.page.ts",
  "probe.worklet.js": "tests/bench/pages/probe.worklet.ts",
  "capture.worklet.js": "client/audio/capture.worklet.ts",
  "playout.worklet.js": "client/audio/playout.worklet.ts",
  "voice.worker.js": "client/audio/voice.worker.ts",
});
try {
  for (const frameMs of [10, 20] as const) {
    const { ours, native } = await mouthToEar(pages.url, frameMs);
    console.log(
      `mouth to ear, ${frameMs} ms frames: ours ${median(ours).toFixed(1)} ms, Chromium's RTP ${
        median(native).toFixed(1)
      } ms\n`,
    );
    const figure = `mouth-to-ear, clean loopback, ${frameMs} ms frames`;
    const [spread, value, theirs] = [spreadOf(ours), median(ours), median(native)];
    const met = value / theirs <= 0.85;
    printFigure({ figure, ours: value, peer: "chromium-rtp", theirs, unit: "ms", spread, goal: "<= 0.85", met });
    printFigure({ figure: `${figure}, absolute`, ours: value, unit: "ms", spread, goal: "< 80", met: value < 80 });
  }
  for (const frameMs of [10, 20] as const) {
    const used: Record<Way, number[]> = { ours: [], native: [] };
    for (let run = 0; run < Math.min(3, RUNS); run++) {
      for (const way of WAYS) used[way].push(await cpuPercent(pages.url, way, frameMs));
    }
    console.log(
      `CPU, both ends on one page, ${frameMs} ms frames: ours ${used.ours.map((p) => p.toFixed(0))} %, native ${
        used.native.map((p) => p.toFixed(0))
      } %`,
    );
    const [value, theirs] = [median(used.ours), median(used.native)];
    printFigure({
      figure: `CPU of a talking, listening page, ${frameMs} ms frames`,
      ours: value,
      peer: "chromium-rtp",
      theirs,
      unit: "% of a core",
      spread: [quantile(used.ours, 0), quantile(used.ours, 1)],
      goal: "<= 1.0",
      met: value <= theirs,
    });
  }
} finally {
  await pages.close();
}
