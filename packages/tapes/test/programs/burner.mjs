// Burns the tapes of a folder one after another, and says which it has, until it is killed:
//   node burner.mjs FOLDER KEY DEALER [STEP COUNT]
// With STEP it kills itself behind the COUNTth time that it comes to this step.
import { writeSync } from 'node:fs';
import { readTapeKey, TapeFolder } from '@tacit/tapes';

const [folder, key, dealer, step, count] = process.argv.slice(2);
let left = Number(count);
const onStep = (reached) => {
  if (reached === step && --left === 0) process.kill(process.pid, 'SIGKILL');
};
const own = new TapeFolder({ folder, keys: await readTapeKey(key), dealer, onStep });
writeSync(1, 'ready\n');
for (const listing of own.unused()) {
  const tape = await own.burn(listing);
  // The first byte that depends on the tape.
  if (tape) writeSync(1, `used ${listing.id} ${Buffer.from(tape.seed).toString('hex')}\n`);
  onStep('used');
  tape?.corrections?.close();
}
