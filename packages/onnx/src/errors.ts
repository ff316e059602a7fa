/**
 * Errors of this package. Each class has a stable `code`; messages say what happened, where, and what to do.
 */

import { TacitError } from '@tacit/errors';

export { ArchitectureError, InputShapeError, ModelShapeError } from '@tacit/graph';
export { TacitError };

/** The bytes are not a readable ONNX model: not ONNX, cut off, damaged, or with data in other files. */
export class OnnxFormatError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('MODEL_FORMAT', message, options);
  }
}

/** One reason why a model cannot run privately. */
export interface UnsupportedIssue {
  /** Name of the node, or '' when the issue concerns the whole model. */
  readonly node: string;
  /** ONNX operator, with its domain when that is not the standard one. */
  readonly op: string;
  readonly reason: string;
}

/** All reasons at once, as found by `checkModel`. */
export interface UnsupportedReport {
  readonly supported: boolean;
  readonly issues: readonly UnsupportedIssue[];
}

/** The model uses something that cannot be computed privately; the message lists everything found. */
export class UnsupportedModelError extends TacitError {
  readonly issues: readonly UnsupportedIssue[];

  constructor(issues: readonly UnsupportedIssue[]) {
    const lines = issues.map((issue) =>
      issue.op === ''
        ? `  - ${issue.reason}`
        : `  - node ${JSON.stringify(issue.node)} (${issue.op}): ${issue.reason}`,
    );
    const count = issues.length === 1 ? '1 thing' : `${issues.length} things`;
    super('UNSUPPORTED_MODEL', `The model uses ${count} that cannot run privately:\n${lines.join('\n')}`);
    this.issues = issues;
  }
}
