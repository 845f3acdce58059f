/** Answers to one question that asks of a history only which ops are seen. */

type Node = boolean | Asked;

interface Asked {
  readonly place: number;
  /** By whether it is seen; `null` where that never was. */
  yes: Node | null;
  no: Node | null;
}

/**
 * What was asked before an answer was found, as a tree: whoever sees as much of those ops gets the same answer, for as
 * many looks as there are ops on the way. A memo: answers are the same without it.
 */
export class SeenAnswers {
  private root: Node | null = null;

  /** `question` is a function of what it asks of `isSeen`. */
  answer(isSeen: (place: number) => boolean, question: (isSeen: (place: number) => boolean) => boolean): boolean {
    let node = this.root;
    while (node !== null && typeof node !== "boolean") node = isSeen(node.place) ? node.yes : node.no;
    return node ?? this.find(isSeen, question);
  }

  private find(isSeen: (place: number) => boolean, question: (isSeen: (place: number) => boolean) => boolean): boolean {
    const asked = new Map<number, boolean>();
    const found = question((place) => {
      const before = asked.get(place);
      if (before !== undefined) return before;
      const answer = isSeen(place);
      asked.set(place, answer);
      return answer;
    });
    this.keep(asked, found);
    return found;
  }

  private keep(asked: ReadonlyMap<number, boolean>, found: boolean): void {
    let at: { yes: Node | null; no: Node | null } = { yes: this.root, no: null };
    const top = at;
    let side: "yes" | "no" = "yes";
    for (const [place, answer] of asked) {
      const known = at[side];
      const node: Asked = known === null || typeof known === "boolean" ? { place, yes: null, no: null } : known;
      at[side] = node;
      [at, side] = [node, answer ? "yes" : "no"];
    }
    at[side] = found;
    this.root = top.yes;
  }
}
