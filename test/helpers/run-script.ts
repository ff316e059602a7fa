/** Runs programs as a user would, and tells what they printed. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a command to its end. stdout and stderr are pipes, so no terminal. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...output }));
  });
}

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
