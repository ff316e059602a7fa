/** @packageDocumentation `tacit lock` and `tacit unlock`, for the command `tacit`. */
import type { Command } from 'commander';
import { addAdvParams } from './adv-params-command.js';
import { addAttack } from './attack-command.js';
import { addDeepLock } from './deep-lock-command.js';
import { addInspect } from './inspect-command.js';
import { addTransform } from './transform-command.js';

const EXAMPLES = `
Examples:
  tacit lock adv-params images.npy labels.npy model.onnx
  tacit lock deep-lock model.onnx
  tacit lock transform images.npy --key images.key --new-key --kind shf --block 4 --out transformed.npy
  tacit lock attack decryption_key.tacit encrypted_model.onnx images.npy labels.npy
  tacit lock inspect encrypted_model.onnx decryption_key.tacit
  tacit unlock deep-lock decryption_key.tacit model.onnx encrypted_model.onnx
`;

/** Adds the commands of one lock: what locks to the first command, what undoes it to the second. */
type AddLock = (lock: Command, unlock: Command) => void;

/** Every lock has a file in this folder, and a line here. */
const LOCKS: readonly AddLock[] = [addAdvParams, addDeepLock, addTransform, addAttack, addInspect];

/**
 * Adds `tacit lock` and `tacit unlock`. Loads nothing else before one of their commands runs.
 * @param program the command `tacit`
 */
export function addLockCommands(program: Command): void {
  const lock = program
    .command('lock')
    .description('make a model of no use without its key, or say what a locked file is')
    .addHelpText('after', EXAMPLES);
  const unlock = program.command('unlock').description('give a locked model back as it was, with its key');
  for (const add of LOCKS) add(lock, unlock);
}
