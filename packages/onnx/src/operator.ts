/** What a file under `operators/` provides: how an operator of ONNX becomes operations of the graph. */
import type { NodeContext } from './node-context.js';

export interface OnnxOperator {
  /** The operator set that it is of. Default: the standard one. */
  readonly domain?: string;
  readonly name: string;
  /** First and last version of the standard operator set beside which `convert` is right. */
  readonly opsets: readonly [number, number];
  /** What is supported, in one line, for the table of operators. */
  readonly note: string;
  convert(context: NodeContext): void;
}

/**
 * First and last operator set versions that this package reads. Sets 25 to 28 gave operators more element types and added
 * operators; what the others compute has not changed since 24, but that SpaceToDepth has had a mode since 28.
 */
export const MIN_OPSET = 7;
export const MAX_OPSET = 28;
export const ALL_OPSETS: readonly [number, number] = [MIN_OPSET, MAX_OPSET];
/** Classical machine learning, as scikit-learn's models are exported. */
export const CLASSICAL = 'ai.onnx.ml';
