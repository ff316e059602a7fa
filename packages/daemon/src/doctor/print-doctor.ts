/** What `tacit doctor` does and prints. */
import { readFileSync } from 'node:fs';
import { homeFolder, openPeers } from '@tacit/identity';
import { packageFile } from '../location.js';
import { render } from './render.js';
import { type DoctorOptions, runDoctor } from './run-doctor.js';

/**
 * Runs all checks; Ctrl-C and SIGTERM cancel them.
 * @param options of the command line
 * @param json whether to print JSON
 * @returns whether there is no problem
 * @throws ArgumentError for a name that is no peer; an error that names the signal
 */
export async function printDoctor(
  options: Omit<DoctorOptions, 'home' | 'version' | 'signal'> & { readonly home?: string | undefined },
  json: boolean,
): Promise<boolean> {
  const home = homeFolder(options.home);
  const controller = new AbortController();
  const stop = (signal: string): void => controller.abort(new Error(`stopped by ${signal}`));
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    if (!json && process.stderr.isTTY)
      process.stderr.write(
        `checking${options.idleMs === undefined ? '' : `, for ${Math.round(options.idleMs / 1000)} s at least`}…\n`,
      );
    const report = await runDoctor({ ...options, home, version: version(), signal: controller.signal });
    const text = json ? JSON.stringify(report, null, 2) : render(report, titles(home)).join('\n');
    process.stdout.write(`${text}\n`);
    return report.ok;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

/** Peers with their role and address. */
function titles(home: string): Map<string, string> {
  try {
    const peers = openPeers(home).list();
    return new Map(
      peers.map(({ name, role = 'party', address }) => [
        name,
        `${name} (${role})${address ? ` at ${address}` : ''}`,
      ]),
    );
  } catch {
    return new Map();
  }
}

/** All packages have one version. */
function version(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
