import assert from "node:assert/strict";

/** What `deno task load` runs. */
const TASK: string = JSON.parse(Deno.readTextFileSync("deno.json")).tasks.load;

Deno.test("a short run under load measures all that a long one does, and prints it for machines as well", async () => {
  const [, ...args] = TASK.split(" ");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, "--quick"],
    stdout: "piped",
    stderr: "piped",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const figures = new TextDecoder().decode(stdout).split("\n").filter((line) => line.startsWith("{")).map((line) =>
    JSON.parse(line)
  );
  for (const { figure, ours, unit } of figures) {
    assert.ok(figure.length > 0 && Number.isFinite(ours) && unit.length > 0, figure);
  }
  for (const about of ["memory", "idle CPU", "storm", "restart", "durable", "routed", "never reads"]) {
    assert.ok(figures.some(({ figure }) => figure.includes(about)), about);
  }
});
