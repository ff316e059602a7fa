/** What a script does in its first run only: preparation that the parties, which run the script again, must not repeat. */
import { replayable } from './calls.js';
import { moduleAddress } from './module-address.js';

/**
 * Runs `prepare` when the script runs, and not again in the parties, where the same call gives what it gave then: for
 * files, servers and random choices at the top level of a script that calls `runMultiprocess`.
 * @param moduleUrl `import.meta.url` of the module that makes the call
 * @param prepare what is to happen once; its result must be cloneable (structuredClone)
 * @returns a copy of what `prepare` returned
 * @throws what `prepare` throws; NestedLaunchError inside a party's function
 * @example const folder = await runOnce(import.meta.url, () => mkdtempSync(join(tmpdir(), 'digits-')));
 */
export async function runOnce<T>(moduleUrl: string | URL, prepare: () => Promise<T> | T): Promise<T> {
  return replayable(`once in ${moduleAddress(moduleUrl)}`, async () => prepare());
}
