/** Finds what the tests need besides Deno, and installs it where that is possible without asking: as root on Debian. */

interface Need {
  readonly name: string;
  /** A program on the path, or a file. */
  readonly place: string;
  readonly debianPackage: string;
}

const NEEDS: readonly Need[] = [
  { name: "chromium", place: "chromium", debianPackage: "chromium" },
  { name: "turnserver", place: "turnserver", debianPackage: "coturn" },
  { name: "ffmpeg", place: "ffmpeg", debianPackage: "ffmpeg" },
  { name: "strace", place: "strace", debianPackage: "strace" },
  { name: "shellcheck", place: "shellcheck", debianPackage: "shellcheck" },
  { name: "tcpdump", place: "tcpdump", debianPackage: "tcpdump" },
  {
    name: "recorded speech",
    place: "/usr/share/asterisk/sounds/en_US_f_Allison/demo-instruct.g722",
    debianPackage: "asterisk-core-sounds-en-g722",
  },
];

const isThere = async (place: string): Promise<boolean> =>
  (await new Deno.Command("sh", { args: ["-c", `command -v ${place} || test -f ${place}`], stdout: "null" })
    .output()).success;

async function missing(): Promise<readonly Need[]> {
  const found = await Promise.all(NEEDS.map(({ place }) => isThere(place)));
  return NEEDS.filter((_, i) => !found[i]);
}

/** Resolves to a sentence that says what to install, or to `null` when everything is there. */
export async function prepare(): Promise<string | null> {
  const needs = await missing();
  if (needs.length === 0) return null;
  const packages = needs.map(({ debianPackage }) => debianPackage);
  const canInstall = Deno.uid() === 0 && await isThere("apt-get");
  if (canInstall) await install(packages);
  const left = await missing();
  if (left.length === 0) return null;
  const names = left.map(({ name }) => name).join(", ");
  return `The tests need ${names}: install them with your system's packages (on Debian: apt install ${
    packages.join(" ")
  }).`;
}

async function install(packages: readonly string[]): Promise<void> {
  console.log(`Installing ${packages.join(", ")} ...`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args: readonly string[]) =>
    new Deno.Command("apt-get", { args: ["-qq", ...args], env, stdout: "null", stderr: "inherit" }).output();
  await apt("update");
  await apt("install", "--yes", "--no-install-recommends", ...packages);
}
