/** Errors of trainings and of their records. Apart from what throws them, which not every program loads. */
import { TacitError } from '@tacit/errors';

/** A place in a file, from 1. */
export type Place = readonly [line: number, column: number];

/** A value of a config is not what it should be. */
export class TrainConfigError extends TacitError {
  constructor(file: string, [line, column]: Place, message: string) {
    super('TRAIN_CONFIG', `${file}:${line}:${column}: ${message}`);
  }
}

/** A file is not the record of a training. */
export class RunFileError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('RUN_FILE', message, options);
  }
}
