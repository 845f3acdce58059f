/** `deno lint` rules of this project: imports go one way, and the core reads no clock and no dice. */
import { objection, resolveSpecifier } from "./layers.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

const pathOf = (filename: string): string => filename.startsWith(ROOT) ? filename.slice(ROOT.length) : filename;

const importDirection: Deno.lint.Rule = {
  create(context) {
    const importer = pathOf(context.filename);
    const check = (node: { readonly source: Deno.lint.StringLiteral | null }) => {
      if (node.source === null) return;
      const message = objection(importer, resolveSpecifier(importer, node.source.value));
      if (message !== null) context.report({ node: node.source, message });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};

const AMBIENT: ReadonlySet<string> = new Set(["Date.now", "Math.random", "performance.now", "crypto.getRandomValues"]);

const pureCore: Deno.lint.Rule = {
  create(context) {
    if (!pathOf(context.filename).startsWith("core/")) return {};
    return {
      MemberExpression(node) {
        const { object, property } = node;
        if (object.type !== "Identifier" || property.type !== "Identifier") return;
        const name = `${object.name}.${property.name}`;
        if (AMBIENT.has(name)) context.report({ node, message: `${name} in core: take it from Env` });
      },
      NewExpression(node) {
        if (node.callee.type === "Identifier" && node.callee.name === "Date") {
          context.report({ node, message: "new Date in core: take the time from Env" });
        }
      },
    };
  },
};

const plugin: Deno.lint.Plugin = {
  name: "securecomm",
  rules: { "import-direction": importDirection, "pure-core": pureCore },
};

export default plugin;
