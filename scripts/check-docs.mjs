// node scripts/check-docs.mjs [--list PACKAGE | --update]: what the doc comments of public functions lack.
//
// Public is what an entry point of a package exports: functions, and constructors and methods of classes, unless they
// are marked @internal. Each needs a comment; @param for each parameter; @returns if it has parameters and returns
// something; @throws if its own body throws; functions that the package `tacit` exports @example, too. A method whose
// class, or a base class, implements a documented interface has that one's comment, as in editors and in the API
// reference; only @throws is asked for then.
//
// scripts/docs-lacks.json holds how many things each package lacks today. The numbers only go down: more is an error, and
// --update writes what is true now where it is less. --list says where they are.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
// TypeScript 7 has no stable API yet.
import ts from 'typescript-api';

const LIMITS = 'scripts/docs-lacks.json';

/** The entry points of a package as sources. */
function entriesOf(name) {
  const { exports } = JSON.parse(readFileSync(join('packages', name, 'package.json'), 'utf8'));
  return Object.values(exports).flatMap((entry) => {
    const source = entry['@tacit/source']; // an asset has none
    return source ? [resolve('packages', name, source)] : [];
  });
}

const OPTIONS = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: ['@tacit/source'],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
  types: ['node'],
};

/** What the comments of functions that these files export lack, as sentences, if the functions are in `folder`. */
export function lacksOf(entries, folder, program = ts.createProgram(entries, OPTIONS), main = new Set()) {
  const checker = program.getTypeChecker();
  const found = new Set();
  const inside = (node) => resolve(node.getSourceFile().fileName).startsWith(resolve(folder) + sep);
  const report = (node, name, lack) => {
    const file = node.getSourceFile();
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    found.add(`${relative('.', file.fileName)}:${line + 1} ${name} lacks ${lack}`);
  };
  const seen = new Set();
  for (const entry of entries) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
    for (let symbol of module ? checker.getExportsOfModule(module) : []) {
      if (symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
      if (seen.has(symbol)) continue;
      seen.add(symbol);
      if (main.has(symbol)) exampleOf(symbol, inside, report);
      // Overloads share the comment of the first.
      const shown = (symbol.declarations ?? []).filter(
        (declaration, i) => i === 0 || !ts.isFunctionDeclaration(declaration),
      );
      for (const declaration of shown)
        if (inside(declaration))
          for (const [node, name, documented] of functionsIn(declaration, symbol.name))
            check(node, documented, checker, (lack) => report(documented, name, lack));
    }
  }
  return [...found].sort();
}

/** What the entry points of `tacit` export, wherever it comes from. */
function mainSymbols(program) {
  const checker = program.getTypeChecker();
  const symbols = entriesOf('tacit').flatMap((entry) =>
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry))),
  );
  return new Set(
    symbols.map((symbol) =>
      symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
    ),
  );
}

function exampleOf(symbol, inside, report) {
  const [declaration] = symbol.declarations ?? [];
  if (!declaration || !inside(declaration) || ts.isClassDeclaration(declaration)) return;
  const [first] = functionsIn(declaration, symbol.name);
  if (!first) return;
  const tags = symbol.getJsDocTags();
  if (!tags.some((tag) => tag.name === 'example')) report(declaration, symbol.name, '@example');
}

/** The functions that a declaration makes public: [function, name, node that carries the comment]. */
function* functionsIn(declaration, name) {
  if (ts.isFunctionDeclaration(declaration)) yield [declaration, name, declaration];
  if (ts.isVariableDeclaration(declaration) && declaration.initializer) {
    const { initializer } = declaration;
    if (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer))
      yield [initializer, name, declaration.parent.parent];
  }
  if (!ts.isClassDeclaration(declaration)) return;
  const methods = new Set();
  for (const member of declaration.members) {
    const modifiers = ts.getCombinedModifierFlags(member);
    if (modifiers & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Override))
      continue;
    // The constructor of an error is called by its package.
    if (ts.isConstructorDeclaration(member) && !/Error$/.test(name)) yield [member, `new ${name}`, member];
    if (!ts.isMethodDeclaration(member) || ts.isPrivateIdentifier(member.name)) continue;
    if (!methods.has(member.name.getText())) yield [member, `${name}.${member.name.getText()}`, member];
    methods.add(member.name.getText());
  }
}

/** The documented members of interfaces that a method implements, its class's or those of a base class. */
function* implemented(method, checker) {
  for (let owner = method.parent; owner && ts.isMethodDeclaration(method); ) {
    const clauses = owner.heritageClauses ?? [];
    const typesOf = (token) => clauses.filter((c) => c.token === token).flatMap((c) => [...c.types]);
    for (const type of typesOf(ts.SyntaxKind.ImplementsKeyword)) {
      const member = checker.getTypeAtLocation(type).getProperty(method.name.getText());
      if (member?.getDocumentationComment(checker).length) yield member;
    }
    const [base] = typesOf(ts.SyntaxKind.ExtendsKeyword);
    owner = base && checker.getTypeAtLocation(base).symbol?.valueDeclaration;
  }
}

function check(node, documented, checker, report) {
  if (ts.getJSDocTags(documented).some((tag) => tag.tagName.text === 'internal')) return;
  const [member] = implemented(documented, checker);
  if (member) {
    const tags = [
      ...member.getJsDocTags(),
      ...ts.getJSDocTags(documented).map((t) => ({ name: t.tagName.text })),
    ];
    if (node.body && throwsItself(node.body) && !tags.some((tag) => tag.name === 'throws')) report('@throws');
    return;
  }
  const comments = ts.getJSDocCommentsAndTags(documented).filter(ts.isJSDoc);
  if (comments.length === 0) {
    // A constructor without parameters says all by its class.
    if (!(ts.isConstructorDeclaration(node) && node.parameters.length === 0)) report('a doc comment');
    return;
  }
  const tags = comments.flatMap((comment) => [...(comment.tags ?? [])]);
  const has = (...names) => tags.some((tag) => names.includes(tag.tagName.text));
  const parameters = new Set(tags.filter(ts.isJSDocParameterTag).map((tag) => tag.name.getText()));
  node.parameters.forEach((parameter) => {
    const known = ts.isIdentifier(parameter.name)
      ? parameters.has(parameter.name.text)
      : parameters.size >= node.parameters.length;
    if (!known) report(`@param ${parameter.name.getText().split('\n')[0]}`);
  });
  const signature = checker.getSignatureFromDeclaration(node);
  const returned = signature && checker.typeToString(checker.getReturnTypeOfSignature(signature));
  const nothing = /^(void|undefined|never|Promise<(void|undefined|never)>)$/.test(returned ?? 'void');
  const short = node.parameters.length === 0;
  if (!ts.isConstructorDeclaration(node) && !nothing && !short && !has('returns', 'return'))
    report('@returns');
  if (node.body && throwsItself(node.body) && !has('throws')) report('@throws');
}

/** Whether a body has a `throw` that is not within a function of its own. */
function throwsItself(body) {
  let found = false;
  const visit = (node) => {
    if (ts.isThrowStatement(node)) found = true;
    else if (!found && !ts.isFunctionLike(node)) ts.forEachChild(node, visit);
  };
  ts.forEachChild(body, visit);
  return found;
}

function main() {
  const { values } = parseArgs({ options: { list: { type: 'string' }, update: { type: 'boolean' } } });
  const names = readdirSync('packages').filter((name) => existsSync(join('packages', name, 'src')));
  const program = ts.createProgram(names.flatMap(entriesOf), OPTIONS);
  const main = mainSymbols(program);
  const lacks = new Map(
    names.map((name) => [name, lacksOf(entriesOf(name), join('packages', name, 'src'), program, main)]),
  );
  if (values.list !== undefined) {
    process.stdout.write(`${(lacks.get(values.list) ?? []).join('\n')}\n`);
    return;
  }
  const limits = existsSync(LIMITS) ? JSON.parse(readFileSync(LIMITS, 'utf8')) : undefined;
  for (const [name, list] of lacks)
    if (limits && list.length > (limits[name] ?? 0)) {
      process.exitCode = 1;
      process.stderr.write(
        `${name}: doc comments lack ${list.length} things, at most ${limits[name] ?? 0} are allowed; ` +
          `node scripts/check-docs.mjs --list ${name} shows them\n`,
      );
    }
  if (!values.update) return;
  const least = names.map((name) => [name, Math.min(lacks.get(name).length, limits?.[name] ?? Infinity)]);
  writeFileSync(LIMITS, `${JSON.stringify(Object.fromEntries(least.filter(([, n]) => n > 0)), null, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main();
