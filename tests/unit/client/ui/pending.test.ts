import assert from "node:assert/strict";
import fc from "fast-check";
import { createComposing } from "../../../../client/ui/composing.ts";
import { confirm, freshPart, giveBack, handOver, nothingPending, typed } from "../../../../client/ui/pending.ts";
import type { UserId } from "../../../../core/ids.ts";

const ada = "90".repeat(32) as UserId;

Deno.test("a text typed behind one that is on its way stays when that one is kept", () => {
  const pending = handOver(nothingPending, "one");
  const behind = typed(pending, "one and two");
  assert.equal(freshPart(behind, "one and two"), " and two");
  assert.deepEqual(confirm(behind, "one and two"), { pending: nothingPending, value: " and two" });
});

Deno.test("a text written instead is not cut by the one before it, even where it begins alike", () => {
  let pending = typed(handOver(nothingPending, "a"), "");
  pending = handOver(typed(pending, "ab"), "ab");
  const first = confirm(pending, "ab");
  assert.equal(first.value, "ab");
  assert.deepEqual(confirm(first.pending, first.value), { pending: nothingPending, value: "" });
});

Deno.test("what was not kept stands in the composer again, once", () => {
  const replaced = typed(handOver(nothingPending, "one"), "two");
  assert.equal(giveBack(replaced, "two"), "one\ntwo");
  assert.equal(giveBack(handOver(nothingPending, "one"), "one"), "one");
  assert.equal(giveBack(typed(handOver(nothingPending, "one"), ""), ""), "one");
});

/** A program whose store answers when it is told to, and fails from the `failAt`th text on. */
function slowProgram(failAt: number) {
  const waiting: (() => void)[] = [];
  const kept: string[] = [];
  const program = {
    dispatch: async (event: { readonly type: string }) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (kept.length >= failAt) return { ok: false, problem: "storage.full" } as const;
      kept.push((event as unknown as { readonly text: string }).text);
      return { ok: true } as const;
    },
    drafts: { read: () => "", write: () => {} },
  };
  const answerOne = async () => {
    waiting.shift()?.();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { program, kept, waiting, answerOne };
}

const ACTIONS = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("append" as const), text: fc.stringMatching(/^[abc]{1,3}$/) }),
    fc.record({ do: fc.constant("replace" as const), text: fc.stringMatching(/^[abc]{1,3}$/) }),
    fc.record({ do: fc.constantFrom("enter" as const, "answer" as const) }),
  ),
  { maxLength: 30 },
);

Deno.test("whatever is typed, sent and answered when, each sent text is kept once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(ACTIONS, async (actions) => {
      const { program, kept, waiting, answerOne } = slowProgram(Infinity);
      const composing = createComposing(program).of(ada);
      const expected: string[] = [];
      // What a person sees as not sent: all that was typed since the last Enter.
      let unsent = "";
      for (const action of actions) {
        if (action.do === "append") composing.type(composing.text.peek() + action.text), unsent += action.text;
        if (action.do === "replace") {
          composing.type(`x${action.text}y${expected.length}`);
          unsent = composing.text.peek();
        }
        if (action.do === "enter" && unsent !== "") {
          composing.send();
          expected.push(unsent);
          unsent = "";
        } else if (action.do === "enter") composing.send();
        if (action.do === "answer") await answerOne();
      }
      while (waiting.length > 0) await answerOne();
      assert.deepEqual(kept, expected);
      assert.equal(composing.text.peek(), unsent);
    }),
    { seed: 20_261_124, numRuns: 500 },
  );
});

Deno.test("when nothing more can be kept, every text that was not is in the composer, with the reason", async () => {
  const { program, kept, answerOne } = slowProgram(1);
  const composing = createComposing(program).of(ada);
  for (const text of ["one", "two", "three"]) {
    composing.type(text);
    composing.send();
  }
  await answerOne();
  await answerOne();
  assert.deepEqual(kept, ["one"]);
  assert.equal(composing.text.peek(), "two\nthree");
  assert.equal(composing.problem.peek(), "storage.full");
});
