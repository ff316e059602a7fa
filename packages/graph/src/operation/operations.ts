/** Every operation as a function over the values of some backend: what compositions and gradients are written with. */
import type { PlainTensor } from '../plain/plain-tensor.js';
import type { Attributes, ConcreteOpName } from './registry.js';

/** A value of the backend, or a public constant. */
export type Input<T> = T | number | PlainTensor;

type Call<T, A> = keyof A extends never
  ? (...inputs: readonly Input<T>[]) => T
  : (...args: readonly [...inputs: readonly Input<T>[], attributes: A]) => T;

export type OperationCalls<T> = { readonly [N in ConcreteOpName as Uncapitalize<N>]: Call<T, Attributes<N>> };

export interface Operations<T> extends OperationCalls<T> {
  shapeOf(x: T): readonly number[];
  /** The first outputs of an operation; those after the first are auxiliary (`aux` of its definition). Default: one. */
  all<N extends ConcreteOpName>(
    op: N,
    inputs: readonly Input<T>[],
    attributes: Attributes<N>,
    wanted?: number,
  ): readonly T[];
}
