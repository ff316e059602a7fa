/** Codes of private models behind the interface of ONNX Runtime. */
import type { CodeTable } from './table.js';

export const ONNXRUNTIME = {
  STUB_MISSING: {
    meaning: 'A file was opened as a private model and is no stub, or there is no invite to its model.',
    remedy:
      'Make a stub with `tacit stub MODEL.onnx`; give an invite with --invite, or with the options of the session.',
  },
  STUB_WEIGHTS: {
    meaning: 'A file that is to be computed privately, or beside a private model, holds weights.',
    remedy:
      'Publish a stub in its place (`tacit stub`); to compute a public model too, give the runtime another one for it.',
  },
  STUB_MODEL: {
    meaning: 'The stub has other inputs or outputs than the model behind its invite.',
    remedy: 'Make the stub again from the model that is served, or ask for the invite of the right model.',
  },
  SESSION_RELEASED: {
    meaning: 'A session was used after its `release()`.',
    remedy: 'Create another session.',
  },
  CLEAR_UNSUPPORTED: {
    meaning: 'A graph beside the private model has operators that are not computed in the clear here.',
    remedy: 'Give the runtime an ONNX Runtime for files that are no stubs: `others` of `createRuntime`.',
  },
} as const satisfies CodeTable;
