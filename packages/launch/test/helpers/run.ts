/** Runs programs in processes of their own, as a user would. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Finished, type RunOptions, run } from '@tacit/testing/processes';

export type { Finished };

const LIMIT_MS = 30_000;

/** Runs `node ...args`; after 30 s it is killed and `code` is null. */
export const node = (args: readonly string[], { env, ...options }: RunOptions = {}): Promise<Finished> =>
  run(process.execPath, args, {
    ...options,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    limitMs: LIMIT_MS,
  });

export const program = (name: string): string =>
  fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
export const bin = fileURLToPath(new URL('../../../tacit/bin/tacit.mjs', import.meta.url));
export const fixture = (path: string): string =>
  fileURLToPath(new URL(`../../../../fixtures/${path}`, import.meta.url));

/** Runs a program of test/programs and reads the JSON on its last line of output. */
export async function outcome<T>(name: string, ...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await node([program(name), ...args]);
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (code !== 0 || !last.startsWith('{'))
    throw new Error(`${name} ended with ${code}: ${stdout}\n${stderr}`);
  return JSON.parse(last) as T;
}

/** A temporary folder in which the packages can be imported. */
export function workspace(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'tacit-launch-'));
  symlinkSync(
    fileURLToPath(new URL('../../../../node_modules', import.meta.url)),
    join(folder, 'node_modules'),
  );
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Whether a process with this id exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
