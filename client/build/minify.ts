/**
 * A second minifier behind the bundler's: SWC calls things by the same names in all functions, and so a script
 * compresses to 5 % less. It is WebAssembly, and gives the same bytes on every machine.
 */
import { minifySync } from "@swc/wasm";

/**
 * SWC gives the shortest names to the commonest letters of a script. The bundler's file names depend on the folder of the
 * sources, so they are written without letters meanwhile.
 */
function wordless(index: number): string {
  return `./${index.toString(2).replaceAll("0", "-").replaceAll("1", "+")}*`;
}

/** `fileNames` are those that the script may import as `./NAME`; they come out as they went in. */
export function minified(script: string, fileNames: readonly string[]): string {
  const hidden = fileNames.reduce((text, name, i) => text.replaceAll(`"./${name}"`, `"${wordless(i)}"`), script);
  const { code } = minifySync(hidden, { module: true, compress: { passes: 2 }, mangle: true });
  return fileNames.reduce((text, name, i) => text.replaceAll(`"${wordless(i)}"`, `"./${name}"`), code);
}
