/** Sentences with names in braces, and the function that fills them in. */

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Values<Text extends string> = [Names<Text>] extends [never] ? []
  : [values: Readonly<Record<Names<Text>, string | number>>];

export type Translate<Table extends Readonly<Record<string, string>>> = <Key extends keyof Table & string>(
  key: Key,
  ...values: Values<Table[Key]>
) => string;

/** A function that gives the sentence under a key, with each `{name}` in it replaced by the value of that name. */
export function sentences<const Table extends Readonly<Record<string, string>>>(table: Table): Translate<Table> {
  return (key, ...[values]) => {
    const text: string = table[key]!;
    if (values === undefined) return text;
    const byName: Readonly<Record<string, string | number>> = values;
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(byName[name] ?? whole));
  };
}
