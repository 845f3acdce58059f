/**
 * Names that depend on content alone. The bundler's own hashes depend on the folder of the sources, so every file is
 * renamed to `BASE-HASH.EXT` and every mention of its old name is replaced.
 */
import { sha256Hex } from "./hash.ts";

export interface NamedFile {
  readonly base: string;
  readonly extension: "js" | "css";
  /** The texts by which other files mention this one, and what is to stand there instead, given its new name. */
  readonly mentions: readonly { readonly text: string; readonly become: (name: string) => string }[];
  readonly text: string;
}

export interface FinishedFile {
  readonly base: string;
  readonly name: string;
  readonly text: string;
}

const HASH_LENGTH = 12;

/** Which of `files` the file at `from` mentions, directly or through others; itself first. */
function reachable(from: number, edges: readonly (readonly number[])[]): readonly number[] {
  const seen = new Set([from]);
  for (const index of seen) for (const next of edges[index]!) seen.add(next);
  return [...seen];
}

/** The text with every mention replaced by a word that says nothing of names. */
function neutral(file: NamedFile, files: readonly NamedFile[]): string {
  let text = file.text;
  for (const other of files) {
    for (const mention of other.mentions) text = text.replaceAll(mention.text, `<${other.base}>`);
  }
  return text;
}

/** Throws where two files cannot be told apart by what they hold and mention. */
export async function nameByContent(files: readonly NamedFile[]): Promise<readonly FinishedFile[]> {
  const edges = files.map((file) =>
    files.flatMap((other, index) => other.mentions.some((mention) => file.text.includes(mention.text)) ? [index] : [])
  );
  const own = await Promise.all(files.map((file) => sha256Hex(neutral(file, files))));
  const names = await Promise.all(files.map(async (file, index) => {
    const [first, ...rest] = reachable(index, edges).map((at) => own[at]!);
    const hash = await sha256Hex([first, ...rest.sort()].join("\n"));
    return `${file.base}-${hash.slice(0, HASH_LENGTH)}.${file.extension}`;
  }));
  if (new Set(names).size !== names.length) throw new Error("two files of the build have the same content");
  return files.map((file, index) => {
    let text = file.text;
    files.forEach((other, at) => {
      for (const mention of other.mentions) text = text.replaceAll(mention.text, mention.become(names[at]!));
    });
    return { base: file.base, name: names[index]!, text };
  });
}
