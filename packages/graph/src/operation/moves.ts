/** Where the elements go that an operation only moves: all that a backend has to know to compute it. */
import { sizeOf } from '../shape/dims.js';
import { type AnyDefinition, type Attributes, type ConcreteOpName, definitionOf } from './registry.js';

/** What the elements of a result are. */
export interface Moves {
  /** Number of the element, counted through all inputs one after the other; -1 for a constant. */
  readonly sources: Int32Array;
  /** The constants, at their places; 0 elsewhere. */
  readonly constants: Float64Array;
}

/**
 * What a transposition, slice, concatenation or padding puts where.
 * @param op an operation whose definition says `moves`
 * @param shapes shapes of the inputs
 * @param attributes attributes of the operation
 * @returns the source of every element of the result, row-major
 * @example movesOf('Transpose', [[2, 2]], { perm: [1, 0] }).sources; // 0, 2, 1, 3
 */
export function movesOf<N extends ConcreteOpName>(
  op: N,
  shapes: readonly (readonly number[])[],
  attributes: Attributes<N>,
): Moves {
  const offset = 1 + shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  // On inputs that are numbered twice, from 0 and from `offset` on: what differs by that has been moved.
  const numbered = (start: number) => {
    let next = start;
    const inputs = shapes.map((shape) => ({
      shape,
      data: Float64Array.from({ length: sizeOf(shape) }, () => next++),
    }));
    return (definitionOf(op) as unknown as AnyDefinition).evaluate(inputs, attributes)[0].data;
  };
  const [first, second] = [numbered(0), numbered(offset)];
  const moved = (i: number) => (second[i] ?? 0) - (first[i] ?? 0) === offset;
  return {
    sources: Int32Array.from(first, (source, i) => (moved(i) ? source : -1)),
    constants: first.map((value, i) => (moved(i) ? 0 : value)),
  };
}
