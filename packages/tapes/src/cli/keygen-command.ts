/** `tacit tapes keygen`: a key that tapes are sealed to. */
import type { Command } from 'commander';

export function addKeygen(tapes: Command): void {
  tapes
    .command('keygen')
    .description('make a key for tapes: the secret key in a file, the public key printed')
    .argument('<FILE>', 'where the secret key goes, readable by you only; it replaces no file')
    .option('--debug', 'show stacks of errors')
    .action(async (path: string) => {
      const { createTapeKey } = await import('../keys.js');
      process.stdout.write(`${await createTapeKey(path)}\n`);
    });
}
