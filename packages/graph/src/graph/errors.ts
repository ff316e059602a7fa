/** Errors of graphs and of models as graphs. */
import { TacitError } from '@tacit/errors';

/** An input whose shape does not fit what the model declares. Code `INPUT_SHAPE`. */
export class InputShapeError extends TacitError {
  constructor(
    readonly input: string,
    readonly expected: readonly (number | string)[] | undefined,
    readonly given: readonly (number | string)[] | undefined,
    detail = '',
  ) {
    const show = (shape: readonly (number | string)[] | undefined) =>
      shape === undefined ? 'nothing' : `[${shape.join(', ')}]`;
    const shapes =
      expected === undefined && given === undefined && detail
        ? []
        : [`expected ${show(expected)}, given ${show(given)}`];
    super(
      'INPUT_SHAPE',
      `Input ${JSON.stringify(input)}: ${[...shapes, ...(detail ? [detail] : [])].join('; ')}.`,
    );
  }
}

/** Shapes inside a model do not fit one another. Code `MODEL_SHAPE`. */
export class ModelShapeError extends TacitError {
  constructor(message: string) {
    super('MODEL_SHAPE', message);
  }
}

/** A description of a model (`ArchitectureJson`) that is not one: unknown version, damaged, inconsistent. Code `ARCHITECTURE_FORMAT`. */
export class ArchitectureError extends TacitError {
  constructor(message: string) {
    super('ARCHITECTURE_FORMAT', message);
  }
}
