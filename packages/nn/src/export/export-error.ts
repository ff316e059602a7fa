/** A model that cannot be written as ONNX. */
import { TacitError } from '@tacit/errors';

/** Parts of a model have no form in ONNX, or sizes are not known. Code `MODEL_NOT_EXPORTABLE`. */
export class ModelExportError extends TacitError {
  /** @param issues what cannot be written, a sentence each */
  constructor(readonly issues: readonly string[]) {
    super(
      'MODEL_NOT_EXPORTABLE',
      `the model cannot be written as ONNX, and nothing was revealed:\n${issues.map((issue) => `  ${issue}`).join('\n')}`,
    );
  }
}
