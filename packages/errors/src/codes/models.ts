/** Codes of model files and graphs. */
import type { CodeTable } from './table.js';

export const MODELS = {
  MODEL_FORMAT: {
    meaning: 'The bytes are not a readable ONNX model.',
    remedy: 'Export the model again into one file, and see that it is complete.',
  },
  UNSUPPORTED_MODEL: {
    meaning: 'The model uses operators or attributes that cannot be computed privately.',
    remedy: '`tacit check` lists all of them; docs/operators.md says what is supported.',
  },
  UNSUPPORTED_OPERATION: {
    meaning: 'A backend has no implementation of an operation and cannot compose it of others.',
    remedy: 'Use an operation of docs/operators.md, or another backend.',
  },
  MODEL_NOT_EXPORTABLE: {
    meaning: 'Parts of a model have no form in ONNX, or sizes that the file needs are not known.',
    remedy:
      'Replace the modules that the message names, or give `inputShape`; a module of your own says how by `toOnnx`.',
  },
  MODEL_SHAPE: {
    meaning: 'Shapes inside a model do not fit one another.',
    remedy: 'Check the model with `onnx.checker`, and the dimensions that were given for symbolic ones.',
  },
  MODEL_INTERFACE: {
    meaning: 'A model has other inputs or outputs than the call can serve.',
    remedy: 'Name the inputs and outputs, or export the model with one of each.',
  },
  INPUT_SHAPE: {
    meaning: 'An input does not have the shape that the model declares.',
    remedy: 'Reshape the input to the shape in the message.',
  },
  INPUT_DTYPE: {
    meaning: 'An input holds another type of element than the model takes.',
    remedy: 'Convert it, in Python by `x.astype("float32")`, scaled as in training.',
  },
  ARCHITECTURE_FORMAT: {
    meaning: 'A description of a model is of an unknown version, damaged or inconsistent.',
    remedy: 'Let its owner make it again with the same release.',
  },
  FLOATS_MEMORY: {
    meaning: 'The memory of single-precision kernels is full, or the machine does not give it.',
    remedy: 'Take fewer examples at a time, or give them more memory.',
  },
  FLOATS_THREAD: {
    meaning: 'A thread that computed gradients has ended before its work was done.',
    remedy: 'Read the cause in the message; with less memory to spare, use fewer threads or smaller batches.',
  },
} as const satisfies CodeTable;
