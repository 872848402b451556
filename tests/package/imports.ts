import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";
import { root } from "./support.ts";

export interface Import {
  /** The file that imports, relative to the root of the repository. */
  readonly from: string;
  /** The file that is imported, relative to the root; the name of a package stays as it is. */
  readonly to: string;
  /** Nothing of it is left at run time. */
  readonly typesOnly: boolean;
  readonly isReexport: boolean;
}

/** Every import and re-export of a file, those inside of functions too. */
export function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typesOnly: boolean, isReexport = false): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const isRelative = specifier.text.startsWith(".");
    const to = isRelative ? posix.join(posix.dirname(file), specifier.text) : specifier.text;
    found.push({ from: file, to, typesOnly, isReexport });
  };
  const visit = (node: ts.Node): void => {
    // `import { type A }` stays as `import {}` under verbatimModuleSyntax, so only `import type` counts as none.
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly === true);
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly, true);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
