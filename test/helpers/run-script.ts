/** Runs programs as a user would, and tells what they printed. */
import { fileURLToPath } from 'node:url';
import { type Finished, type RunOptions, run as runAnywhere } from '@tacit/testing/processes';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));

/** Runs a command in the root of the repository. */
export const run = (command: string, args: readonly string[], options?: RunOptions): Promise<Finished> =>
  runAnywhere(command, args, { cwd: root, ...options });

/** Runs a TypeScript or JavaScript file through tsx. */
export const runTsx = (file: string, options?: RunOptions): Promise<Finished> =>
  run(process.execPath, [tsx, file], options);

/** The lines that a program says it prints: what follows "// →". */
export const promisedLines = (source: string): string[] =>
  [...source.matchAll(/\/\/ → (.*)$/gm)].map((match) => match[1].trimEnd());

/** Whether a line is what was promised; … stands for anything. */
export function keepsPromise(line: string, promise: string): boolean {
  const pattern = promise.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`).test(line.trimEnd());
}
