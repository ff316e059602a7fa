/** Adds one to a counter in a file, so many times, each under the lock: argv is the file and the number. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withLock } from '../../src/home/file-lock.js';

const [path = '', times = '0'] = process.argv.slice(2);
for (let i = 0; i < Number(times); i++)
  await withLock(path, () => writeFileSync(path, String(Number(readFileSync(path, 'utf8')) + 1)), {
    patienceMs: 60_000,
  });
