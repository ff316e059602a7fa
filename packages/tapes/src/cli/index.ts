/** @packageDocumentation `tacit deal` and `tacit tapes`, for the command `tacit`. */
import type { Command } from 'commander';
import { addDeal } from './deal-command.js';
import { addFolderCommands } from './folder-commands.js';
import { addKeygen } from './keygen-command.js';

const EXAMPLES = `
Examples:
  tacit tapes keygen alice.tapekey                 prints the public key, for the dealer and the session file
  tacit tapes ls tapes --key alice.tapekey --dealer tape-9c…
  tacit tapes verify tapes --key alice.tapekey --dealer tape-9c…
  tacit tapes gc tapes --key alice.tapekey --dealer tape-9c…
`;

/**
 * Adds `tacit deal` and `tacit tapes`. Loads nothing else before one of their commands runs.
 * @param program the command `tacit`
 */
export function addTapesCommands(program: Command): void {
  addDeal(program);
  const tapes = program
    .command('tapes')
    .description('keys for tapes, and what is in a folder of them')
    .addHelpText('after', EXAMPLES);
  addKeygen(tapes);
  addFolderCommands(tapes);
}
