/** What a file under `operators/` provides: how an operator of ONNX becomes operations of the graph. */
import type { NodeContext } from './node-context.js';

export interface OnnxOperator {
  readonly name: string;
  /** First and last version of the standard operator set for which `convert` is right. */
  readonly opsets: readonly [number, number];
  /** What is supported, in one line, for the table of operators. */
  readonly note: string;
  convert(context: NodeContext): void;
}

/**
 * First and last operator set versions that this package reads. Set 25 gave operators more element types (of 2 bits), set
 * 26 added operators; what the others compute has not changed since 24.
 */
export const MIN_OPSET = 7;
export const MAX_OPSET = 26;
export const ALL_OPSETS: readonly [number, number] = [MIN_OPSET, MAX_OPSET];
