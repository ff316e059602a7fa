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

/** Shapes of all inputs, in order. */
export type Shapes = readonly (readonly number[])[];

/** What the service tells of its model: the architecture, never a weight. */
export interface Offer {
  /** null where sizes have to be known: it is told for each shape that is asked for. */
  readonly architecture: ArchitectureJson | null;
  /** Shapes that the model takes, to prepare it for before there is a question; null where the service knows none. */
  readonly example: Shapes | null;
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  /** How many questions may be under way at once. */
  readonly atOnce: number;
}

/** What the service tells when shapes come for the first time, of a model whose sizes have to be known. */
export type Shaped =
  | {
      readonly architecture: ArchitectureJson;
      /** Parameters that are those of the first architecture of the session, numbers included. */
      readonly shared: readonly string[];
    }
  /** Why the model cannot be built for them. */
  | { readonly refused: string };

/** What the client is about to do. Shapes are of all inputs, in order. */
export type Wish =
  /** Masks the weights for inputs of these shapes. */
  { readonly prepare: Shapes } | { readonly run: Shapes } | { readonly end: true };

/** Shapes of which networks are kept; more are refused, since each takes memory. */
export const MOST_SHAPES = 16;

/** The name of the scope of a question. Names that count up take no memory. */
export const scopeOf = (run: number): string => `run ${run}`;

/**
 * Shapes of inputs by their names.
 * @param inputs of the model
 * @param shapes in their order
 * @returns a record
 */
export const byName = (
  inputs: readonly { readonly name: string }[],
  shapes: Shapes,
): Record<string, readonly number[]> =>
  Object.fromEntries(inputs.map(({ name }, i) => [name, shapes[i] ?? []]));
