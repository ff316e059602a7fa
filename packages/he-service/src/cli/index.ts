/** `tacit he`: homomorphic inference on the command line. The heavy parts are loaded by the command that runs. */
import type { Command } from 'commander';
import { addCompile } from './compile-command.js';
import { addInfer } from './infer-command.js';
import { addServe } from './serve-command.js';

const EXAMPLES = `
Examples:
  tacit he compile model.onnx --out compiled --samples inputs.npy
  tacit he infer compiled input.npy --out output.npy
  tacit he serve compiled --port 8080
`;

/**
 * Adds the command `he` with its own commands.
 * @param program the command that gets it
 * @returns the command `he`
 */
export function addHe(program: Command): Command {
  const he = program
    .command('he')
    .description('networks that compute on ciphertexts: the server sees neither input nor answer')
    .addHelpText('after', EXAMPLES);
  addCompile(he);
  addInfer(he);
  addServe(he);
  return he;
}
