import assert from "node:assert/strict";
import { conversation } from "../../../../client/ui/strings/conversation.ts";
import { frame } from "../../../../client/ui/strings/frame.ts";
import { problemText } from "../../../../client/ui/strings/problems.ts";
import { connectionTest } from "../../../../client/ui/strings/connectionTest.ts";
import { settings } from "../../../../client/ui/strings/settings.ts";
import { verification } from "../../../../client/ui/strings/verification.ts";
import { voice } from "../../../../client/ui/strings/voice.ts";
import { dialogs } from "../../../../client/ui/strings/dialogs.ts";
import { t } from "../../../../client/ui/laterStrings.ts";
import { REASONS } from "../../../../core/errors.ts";

Deno.test("a value stands where its name does, whatever it holds", () => {
  assert.equal(t("waiting", { name: "$& {name}" }), "Waiting for $& {name} to come online");
  assert.equal(t("keyCoverage", { holding: 1, total: 2 }), "1 of 2 hold the current key");
});

Deno.test("no two parts of the table use one key", () => {
  const keys = [frame, conversation, dialogs, verification, voice, settings, connectionTest].flatMap((part) =>
    Object.keys(part)
  );
  assert.equal(new Set(keys).size, keys.length);
});

Deno.test("every reason has one sentence for what happened and one for what to do", () => {
  for (const reason of REASONS) {
    const { what, todo } = problemText(reason);
    for (const sentence of [what, todo]) assert.match(sentence, /^\p{Lu}[^]*\.$/u, reason);
  }
});

Deno.test("the reasons that a person can meet are told in words of their own", () => {
  const met = [
    "invite.broken",
    "invite.expired",
    "invite.used",
    "invite.revoked",
    "invite.own",
    "invite.too-many",
    "message.too-long",
    "outbox.full",
    "call.busy",
    "node.bad-name",
    "microphone.missing",
    "microphone.refused",
    "audio.no-encoder",
    "audio.not-secure",
    "storage.full",
    "storage.private-mode",
    "network.server-unreachable",
    "network.turn-refused",
  ] as const;
  const told = met.map((problem) => problemText(problem).what);
  assert.equal(new Set(told).size, met.length);
  for (const sentence of told) assert.doesNotMatch(sentence, /[a-z]\.[a-z]/);
});
