/**
 * TypeScript in worker threads: tsx passes its options on to threads, but on Node 20 it registers its loader in the
 * main thread only, so a party registers it itself. Processes need nothing: there the party is the main thread.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { tsxApi } from '@tacit/files';
import { packageFile } from '../location.js';

const TYPESCRIPT = /\.[cm]?tsx?$/;

/** Makes sure that `moduleUrl` can be imported here if the main thread runs under tsx. */
export async function prepareFor(moduleUrl: string): Promise<void> {
  if (isMainThread || !TYPESCRIPT.test(new URL(moduleUrl).pathname)) return;
  const tsx = tsxPath(process.execArgv);
  if (tsx === undefined) return;
  try {
    // In the sources that the package ships.
    await import(packageFile('src/member/typescript-probe.ts').href);
  } catch {
    const { register }: { register(): unknown } = await import(tsxApi(tsx));
    register();
  }
}

/** A path from which `tsx` resolves, if the options of this process load it. */
export function tsxPath(execArgv: readonly string[]): string | undefined {
  for (const [i, option] of execArgv.entries()) {
    const value = /^--(import|loader|experimental-loader)$/.test(option)
      ? execArgv[i + 1]
      : /^--(?:import|loader|experimental-loader)=(.*)$/.exec(option)?.[1];
    if (value === 'tsx' || value === 'tsx/esm') return join(process.cwd(), 'package.json');
    // The command tsx names its loader in full; a package can resolve its own exports.
    if (value && /[/\\]tsx[/\\].*\.mjs$/.test(value))
      return value.startsWith('file:') ? fileURLToPath(value) : value;
  }
  return undefined;
}
