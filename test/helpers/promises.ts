/** Programs of documents, and whether they print what they promise. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { keepsPromise, promisedLines, root, runTsx } from './run-script.js';

/** The TypeScript files of a folder, at any depth, by their paths from the root. */
export const modulesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .sort();

/** Those of them that say how they are run, as every program does in its head. */
export const programsIn = (folder: string): string[] =>
  modulesIn(folder).filter((name) => readFileSync(join(root, name), 'utf8').includes(`npx tsx ${name}`));

/** Examples that train for many seconds: they are tested by examples.long.ts. */
export const LONG_EXAMPLES: readonly string[] = [
  'examples/access-control/data-labelling.ts',
  'examples/access-control/dataset-augmentation.ts',
  'examples/access-control/feature-aggregation.ts',
  'examples/cross-validation.ts',
  'examples/keyed-training.ts',
  'examples/membership-inference.ts',
];

/** Runs a program and compares its lines with those that it promises. */
export async function expectPromises(file: string): Promise<void> {
  const promised = promisedLines(readFileSync(file, 'utf8'));
  expect(promised, `${file} promises no output`).not.empty;
  const { code, stdout, stderr } = await runTsx(file);
  expect(code, stderr).equal(0);
  const printed = stdout.trimEnd().split('\n');
  expect(printed.length, stdout).equal(promised.length);
  promised.forEach((promise, i) => {
    expect(keepsPromise(printed[i], promise), `promised "${promise}", printed "${printed[i]}"`).equal(true);
  });
}
