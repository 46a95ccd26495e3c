/**
 * esbuild plugin: writes numeric constants where they are used, across modules.
 *
 * A bundle turns the `const` of a module into a variable, which V8 cannot fold: every field offset such as `at + PACKETS` would
 * load the variable, check that it is a small integer, and add with a check for overflow; every `STOP.None` two loads.
 * (esbuild's own minifySyntax writes constants out only where nothing but declarations of the like stands before them.)
 * What is written out: `const NAME = 42` at the top level of a module, with arithmetic over such constants, and the members of
 * tables `const STOP = { None: 0, … } as const`; in the module itself and where it is imported, by name or as a namespace. A
 * name that is also declared anywhere else in a module, as a parameter say, is left alone there.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const BINARY = new Map([
  [ts.SyntaxKind.PlusToken, (a, b) => a + b],
  [ts.SyntaxKind.MinusToken, (a, b) => a - b],
  [ts.SyntaxKind.AsteriskToken, (a, b) => a * b],
  [ts.SyntaxKind.SlashToken, (a, b) => a / b],
  [ts.SyntaxKind.AsteriskAsteriskToken, (a, b) => a ** b],
  [ts.SyntaxKind.BarToken, (a, b) => a | b],
  [ts.SyntaxKind.AmpersandToken, (a, b) => a & b],
  [ts.SyntaxKind.CaretToken, (a, b) => a ^ b],
  [ts.SyntaxKind.LessThanLessThanToken, (a, b) => a << b],
  [ts.SyntaxKind.GreaterThanGreaterThanToken, (a, b) => a >> b],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken, (a, b) => a >>> b],
]);
const UNARY = new Map([
  [ts.SyntaxKind.MinusToken, (a) => -a],
  [ts.SyntaxKind.PlusToken, (a) => a],
  [ts.SyntaxKind.TildeToken, (a) => ~a],
]);

/** What the modules of a program hold, read as they are asked for: `read(path)` gives the text of the file at a path. */
export class Constants {
  modules = new Map();

  constructor(read) {
    this.read = read;
  }

  /** The module at `path`: its syntax tree, and its constants by name: numbers, and tables as maps from member to number. */
  module(path) {
    let module = this.modules.get(path);
    if (module === undefined) {
      module = { source: parse(path, this.read(path)), values: new Map(), namespaces: new Map() };
      this.modules.set(path, module);
      this.collect(path, module);
    }
    return module;
  }

  collect(path, module) {
    for (const statement of module.source.statements) {
      if (ts.isImportDeclaration(statement)) this.collectImports(path, statement, module);
      else if (ts.isVariableStatement(statement)) this.collectDeclarations(statement, module);
    }
    for (const name of declaredBelowTopLevel(module.source)) {
      module.values.delete(name);
      module.namespaces.delete(name);
    }
  }

  collectImports(path, statement, module) {
    const specifier = statement.moduleSpecifier.text;
    const bindings = statement.importClause?.namedBindings;
    if (!specifier.startsWith('.') || !specifier.endsWith('.js') || bindings === undefined) return;
    if (statement.importClause.isTypeOnly) return;
    const from = this.module(join(dirname(path), specifier.replace(/\.js$/, '.ts')));
    if (ts.isNamespaceImport(bindings)) {
      module.namespaces.set(bindings.name.text, from.values);
      return;
    }
    for (const element of bindings.elements) {
      const value = from.values.get((element.propertyName ?? element.name).text);
      if (value !== undefined) module.values.set(element.name.text, value);
    }
  }

  collectDeclarations(statement, module) {
    if ((statement.declarationList.flags & ts.NodeFlags.Const) === 0) return;
    for (const declaration of statement.declarationList.declarations) {
      if (!ts.isIdentifier(declaration.name) || declaration.initializer === undefined) continue;
      const value = tableOf(declaration.initializer, module) ?? evaluate(declaration.initializer, module);
      if (value !== null) module.values.set(declaration.name.text, value);
    }
  }
}

/** The text of the module at `path` with its constants written out. */
export function inlineConstants(path, constants) {
  const module = constants.module(path);
  const text = module.source.text;
  let result = '';
  let copied = 0;
  const visit = (node) => {
    if (isErased(node)) return;
    const value = isReference(node) ? evaluate(node, module) : null;
    if (value === null) return ts.forEachChild(node, visit);
    const short = ts.isShorthandPropertyAssignment(node.parent) ? `${node.text}: ` : '';
    result += text.slice(copied, node.getStart()) + short + (value < 0 ? `(${value})` : String(value));
    copied = node.getEnd();
  };
  visit(module.source);
  return result + text.slice(copied);
}

function parse(path, text) {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
}

/** The number that an expression always is; null if that is not known. Only numbers that an int32 or a safe integer holds. */
function evaluate(node, module) {
  const value = compute(node, module);
  return value !== null && Number.isFinite(value) && !Object.is(value, -0) ? value : null;
}

function compute(node, module) {
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return compute(node.expression, module);
  if (ts.isPrefixUnaryExpression(node)) {
    const operand = compute(node.operand, module);
    return operand === null ? null : (UNARY.get(node.operator)?.(operand) ?? null);
  }
  if (ts.isBinaryExpression(node)) {
    const left = compute(node.left, module);
    const right = left === null ? null : compute(node.right, module);
    return right === null ? null : (BINARY.get(node.operatorToken.kind)?.(left, right) ?? null);
  }
  return valueOf(node, module);
}

/** The number that a name or a member stands for. */
function valueOf(node, module) {
  let value;
  if (ts.isIdentifier(node)) {
    value = module.values.get(node.text);
  } else if (ts.isPropertyAccessExpression(node)) {
    const { expression, name } = node;
    if (ts.isIdentifier(expression)) {
      const table = module.values.get(expression.text);
      value = table instanceof Map ? table.get(name.text) : module.namespaces.get(expression.text)?.get(name.text);
    } else if (ts.isPropertyAccessExpression(expression) && ts.isIdentifier(expression.expression)) {
      const table = module.namespaces.get(expression.expression.text)?.get(expression.name.text);
      value = table instanceof Map ? table.get(name.text) : undefined;
    }
  }
  return typeof value === 'number' ? value : null;
}

/** The table that `{ None: 0, … } as const` is, as a map from member to number; null if it is none. */
function tableOf(initializer, module) {
  if (!ts.isAsExpression(initializer) || !ts.isObjectLiteralExpression(initializer.expression)) return null;
  const members = new Map();
  for (const property of initializer.expression.properties) {
    if (!ts.isPropertyAssignment(property) || !ts.isIdentifier(property.name)) return null;
    const value = evaluate(property.initializer, module);
    if (value === null) return null;
    members.set(property.name.text, value);
  }
  return members.size === 0 ? null : members;
}

/** Types, imports and exports of names: nothing of them is left at run time, or it has to stay a name. */
function isErased(node) {
  if (ts.isExpressionWithTypeArguments(node)) return false;
  return ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
}

/** Whether the node is a value being read: not the name of a member, of a property or of what is being declared. */
function isReference(node) {
  if (ts.isPropertyAccessExpression(node)) return true;
  if (!ts.isIdentifier(node)) return false;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  return !('name' in parent && parent.name === node) && !('propertyName' in parent && parent.propertyName === node);
}

/** Names that parameters, variables, functions or classes inside the module's functions and blocks have. */
function declaredBelowTopLevel(source) {
  const names = new Set();
  const visit = (node, depth) => {
    const isBinding = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node);
    const isNamed = isBinding || ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node);
    if (isNamed && depth > 0 && node.name !== undefined && ts.isIdentifier(node.name)) names.add(node.name.text);
    const opens = ts.isBlock(node) || ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isForStatement(node);
    ts.forEachChild(node, (child) => visit(child, depth + (opens ? 1 : 0)));
  };
  visit(source, 0);
  return names;
}

export const inlineConstantsPlugin = {
  name: 'inline-constants',
  setup(build) {
    let constants;
    build.onStart(() => {
      constants = new Constants((path) => readFileSync(path, 'utf8'));
    });
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
      contents: inlineConstants(path, constants),
      loader: 'ts',
    }));
  },
};
