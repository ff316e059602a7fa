/** Training from a config, for programs: what it needs is loaded when it is called. */
import type { TrainRun } from './run-file.js';
import type { TrainOptions } from './train-options.js';

/**
 * Trains as a config says, with all parties and the dealer on this machine. Only the owner of a file opens it.
 * @param path of the config: `tacit train --example` prints one
 * @param options launch, resume
 * @returns the record of the training: losses and accuracies that were revealed, time, rounds, bytes
 * @throws TrainConfigError where the config is not correct; LaunchOptionsError, FileError, PartyError
 * @example const { epochs } = await train('loans.yaml', { launch: { transport: 'ws' } });
 */
export async function train(path: string, options: TrainOptions = {}): Promise<TrainRun> {
  const { runTraining } = await import('./run-training.js');
  return runTraining(path, options);
}
