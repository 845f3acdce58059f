/** Pages of a guild's log for anybody to keep: who has the deal reads them, everybody else sees lengths. SPEC section 23. */
import { chachaPoly } from "../../crypto/aead.ts";
import { hkdfSha256 } from "../../crypto/kdf.ts";
import { LABELS } from "../../crypto/labels.ts";
import { ok, type Reason, refuse, type Result } from "../../errors.ts";
import { fromHex } from "../../ids.ts";
import { JOIN } from "../../limits.ts";
import type { Env } from "../../ports.ts";
import { concat, framed } from "../../wire/bytes.ts";
import {
  type CheckpointPage,
  checkpointPageCodec,
  decodeLogPage,
  pageHead,
  type PageKind,
  pageOpsCodec,
  type SnapshotPart,
  snapshotPartCodec,
} from "../../wire/guildLogPage.ts";
import { pad, unpad } from "../../wire/padding.ts";
import { utf8 } from "../../wire/text.ts";
import { logKeyOf, type VerifiedDeal } from "./deal.ts";

/** The salt is fresh, so each key seals once. */
const ONLY_NONCE = new Uint8Array(chachaPoly.nonceBytes);

export type Page =
  | ({ readonly kind: "checkpoint" } & CheckpointPage)
  | ({ readonly kind: "snapshot" } & SnapshotPart)
  | { readonly kind: "ops" | "redemption"; readonly ops: readonly Uint8Array[] };

const encoded = (page: Page): Uint8Array => {
  if (page.kind === "checkpoint") return checkpointPageCodec.encode(page);
  return page.kind === "snapshot" ? snapshotPartCodec.encode(page) : pageOpsCodec.encode(page);
};

/** [JOIN11] The head names kind, deal and salt, and the log key is of one guild: a page is nothing elsewhere. */
const pageKey = (deal: VerifiedDeal, head: Uint8Array): Uint8Array =>
  hkdfSha256(logKeyOf(deal), head, framed(utf8(LABELS.guildLogPage), fromHex(deal.deal.guild)), 32);

/** [JOIN11] */
export function sealPage(deal: VerifiedDeal, page: Page, { rng }: Env): Uint8Array {
  const head = pageHead(page.kind, deal.id, rng.bytes(32));
  return concat(head, chachaPoly.seal(pageKey(deal, head), ONLY_NONCE, pad(encoded(page), JOIN.bucketsBytes), head));
}

export type PageReason = Extract<Reason, `wire.${string}` | "join.unknown-deal" | "crypto.not-authentic">;

/** [JOIN11] By any of these deals. What is in a page proves itself, or nothing: whoever has the deal can make one. */
export function openPage(deals: Iterable<VerifiedDeal>, bytes: Uint8Array): Result<Page, PageReason> {
  const decoded = decodeLogPage(bytes);
  if (!decoded.ok) return decoded;
  const { kind, head, ciphertext } = decoded.value;
  const deal = [...deals].find(({ id }) => id === decoded.value.deal);
  if (deal === undefined) return refuse("join.unknown-deal");
  const padded = chachaPoly.open(pageKey(deal, head), ONLY_NONCE, ciphertext, head);
  if (!padded.ok) return padded;
  const plain = unpad(padded.value, JOIN.bucketsBytes);
  return plain.ok ? contentOf(kind, plain.value) : plain;
}

function contentOf(kind: PageKind, plain: Uint8Array): Result<Page, PageReason> {
  if (kind === "checkpoint") {
    const page = checkpointPageCodec.decode(plain);
    return page.ok ? ok({ kind, ...page.value }) : page;
  }
  if (kind === "snapshot") {
    const page = snapshotPartCodec.decode(plain);
    return page.ok ? ok({ kind, ...page.value }) : page;
  }
  const page = pageOpsCodec.decode(plain);
  return page.ok ? ok({ kind, ops: page.value.ops }) : page;
}

/** [JOIN11] Ops, each as it was signed, in as few pages as hold them, in their order: a step for each page. */
export function* sealPages(
  deal: VerifiedDeal,
  ops: Iterable<Uint8Array>,
  env: Env,
): Generator<Uint8Array, undefined> {
  const maxBytes = Math.max(...JOIN.bucketsBytes) - 1;
  let some: Uint8Array[] = [];
  let sizeBytes: number = JOIN.pageBytes;
  for (const op of ops) {
    const moreBytes = op.length + JOIN.perOpBytes;
    if (some.length === JOIN.maxPageOps || sizeBytes + moreBytes > maxBytes) {
      yield sealPage(deal, { kind: "ops", ops: some }, env);
      some = [];
      sizeBytes = JOIN.pageBytes;
    }
    some.push(op);
    sizeBytes += moreBytes;
  }
  if (some.length > 0) yield sealPage(deal, { kind: "ops", ops: some }, env);
}
