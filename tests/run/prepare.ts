/** Finds what the tests need besides Deno, and installs it where that is possible without asking: as root on Debian. */

interface Need {
  readonly program: string;
  readonly debianPackage: string;
}

const NEEDS: readonly Need[] = [
  { program: "chromium", debianPackage: "chromium" },
  { program: "turnserver", debianPackage: "coturn" },
  { program: "ffmpeg", debianPackage: "ffmpeg" },
  { program: "tcpdump", debianPackage: "tcpdump" },
];

const isThere = async (program: string): Promise<boolean> =>
  (await new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).output()).success;

async function missing(): Promise<readonly Need[]> {
  const found = await Promise.all(NEEDS.map(({ program }) => isThere(program)));
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
  const names = left.map(({ program }) => program).join(", ");
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
