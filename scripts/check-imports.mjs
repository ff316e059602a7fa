// node scripts/check-imports.mjs: fails where imports run in a circle, be it between files, between the folders of a
// package or between packages, unless scripts/import-circles.json names the circle and says why it may stay; and where
// that file names one that is gone.
//
// Between files, an import counts as one of values unless it says `import type` (or `export type`): only those vanish
// from the build. Between folders all imports count: what somebody has to understand first is the question there. A
// folder is one directly under src; a file there is a folder of its own.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { circlesOf } from './lint/circles.mjs';

const STATEMENT =
  /^\s*(?:import|export)\s(type\s)?(?:[^'";]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

/** The imports of a file as [specifier, whether only of types]. */
export function importsOf(text) {
  // Words in comments import nothing.
  const code = text.replaceAll(/^\s*(?:\*|\/\/|\/\*).*$/gm, '');
  return [...code.matchAll(STATEMENT)].map(([whole, type, specifier, dynamic]) => {
    const inType = dynamic !== undefined && new RegExp(`typeof ${literally(whole.trim())}`).test(code);
    return [specifier ?? dynamic, type !== undefined || inType];
  });
}
const literally = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

function* sourcesUnder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sourcesUnder(path);
    else if (/\.ts$/.test(entry.name)) yield path;
  }
}

/** All imports within this repository: from a file to a file or to a package. */
function* allImports(root = 'packages') {
  for (const name of readdirSync(root)) {
    const src = join(root, name, 'src');
    if (!existsSync(src)) continue;
    for (const file of sourcesUnder(src))
      for (const [specifier, typeOnly] of importsOf(readFileSync(file, 'utf8'))) {
        const [, other] = /^@tacit\/([^/]+)/.exec(specifier) ?? [];
        const to = specifier.startsWith('.')
          ? join(dirname(file), specifier.replace(/\.js$/, '.ts'))
          : undefined;
        yield { package: name, file, to, toPackage: other, typeOnly };
      }
  }
}

const folderOf = (file) => file.split('/').slice(0, 4).join('/');

/** Circles by kind, each as the sorted names of its members. */
export function findCircles(imports = [...allImports()]) {
  const within = imports.filter(({ to }) => to !== undefined);
  const values = within.filter(({ typeOnly }) => !typeOnly);
  const files = (list) => circlesOf(list.map(({ file, to }) => [file, to]));
  const byValue = files(values);
  const betweenPackages = imports.filter(({ toPackage }) => toPackage);
  return {
    'files, by value': byValue,
    // A circle that exists by value alone is not reported twice.
    'files, by type': files(within).filter((circle) => !byValue.some((other) => `${other}` === `${circle}`)),
    folders: circlesOf(within.map(({ file, to }) => [folderOf(file), folderOf(to)])),
    packages: circlesOf(betweenPackages.map((i) => [i.package, i.toPackage])),
  };
}

/** What is wrong, given the circles that are known: [{ kind, within, reason }], `within` paths or beginnings of paths. */
export function complaints(circles, known) {
  const inside = (circle, { within }) => circle.every((name) => within.some((path) => name.startsWith(path)));
  const found = Object.entries(circles).flatMap(([kind, list]) =>
    list
      .filter((circle) => !known.some((entry) => entry.kind === kind && inside(circle, entry)))
      .map((circle) => `imports run in a circle (${kind}):\n  ${circle.join('\n  ')}`),
  );
  const gone = known
    .filter((entry) => !(circles[entry.kind] ?? []).some((circle) => inside(circle, entry)))
    .map(({ kind, within }) => `no circle any more, take it off the list (${kind}): ${within.join(', ')}`);
  const bare = known
    .filter(({ reason }) => !reason)
    .map(({ within }) => `a reason is missing: ${within.join(', ')}`);
  return [...found, ...gone, ...bare];
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const known = JSON.parse(readFileSync('scripts/import-circles.json', 'utf8'));
  const wrong = complaints(findCircles(), known);
  for (const text of wrong) process.stderr.write(`${text}\n`);
  process.exit(wrong.length > 0 ? 1 : 0);
}
