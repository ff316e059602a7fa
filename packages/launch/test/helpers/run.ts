/** Runs programs in processes of their own, as a user would. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Finished {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each piece of stderr. */
  readonly onStderr?: (text: string, pid: number) => void;
}

const LIMIT_MS = 30_000;

/** Runs `node ...args`; after 30 s it is killed and `code` is null. */
export function node(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const env = { ...process.env, NODE_OPTIONS: '', ...options.env };
    const child = spawn(process.execPath, args, { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
      options.onStderr?.(String(data), child.pid ?? -1);
    });
    const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      resolve({ code, signal, stdout, stderr, ms: performance.now() - began });
    });
  });
}

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
