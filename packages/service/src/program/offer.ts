/**
 * What client and service tell each other in public while they compute. The service says what the model is, once; the
 * client then says before each question of what shapes its inputs are. Both sides issue the same operations in the order
 * of these wishes.
 */
import type { ArchitectureJson } from '@tacit/graph';
import type { ElementType } from '@tacit/onnx/element-types';

export type { ElementType };

/** Ranks of a session. */
export const CLIENT = 0;
export const SERVICE = 1;

/** An input or output of a model. */
export interface ModelValue {
  readonly name: string;
  /** Sizes; a text is one that may be anything. */
  readonly shape: readonly (number | string)[];
  readonly type: ElementType;
}

/** What the service tells of its model: the architecture, never a weight. */
export interface Offer {
  readonly architecture: ArchitectureJson;
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  /** How many questions may be under way at once. */
  readonly atOnce: number;
}

/** What the client is about to do. Shapes are of all inputs, in order. */
export type Wish =
  /** Masks the weights for inputs of these shapes. */
  | { readonly prepare: readonly (readonly number[])[] }
  | { readonly run: readonly (readonly number[])[] }
  | { readonly end: true };

/** Shapes of which networks are kept; more are refused, since each takes memory. */
export const MOST_SHAPES = 16;

/** The name of the scope of a question. Names that count up take no memory. */
export const scopeOf = (run: number): string => `run ${run}`;
