/**
 * What a file under `operations/` says of an operation. Everything else follows from it: the methods of tensors, the
 * plain evaluator, the graph and its check, the table of operators, the tests.
 */
import type { Interval } from '../plain/interval.js';
import type { PlainTensor } from '../plain/plain-tensor.js';
import type { Shape } from '../shape/dims.js';
import type { AttributeKind } from './attributes.js';
import type { Operations } from './operations.js';

export type None = Readonly<Record<never, never>>;

/**
 * @typeParam Name of the operation in graphs, in capitals: also the name under which `operations/index.ts` exports it
 * @typeParam A attributes once every shape is known
 * @typeParam M attributes while sizes may be open
 */
export interface OperationDefinition<
  Name extends string = string,
  A extends object = None,
  M extends object = A,
> {
  readonly op: Name;
  /** Formula, in one line. */
  readonly summary: string;
  readonly attributes: { readonly [K in keyof M]-?: AttributeKind };
  /** Least and greatest number of inputs. */
  readonly arity: readonly [least: number, most: number];
  /** Names of outputs after the first. Computed and kept only on request; otherwise they cost nothing. */
  readonly aux?: readonly string[];
  /** Shape arithmetic: takes no secret input, and is gone from concrete graphs. */
  readonly publicOnly?: true;
  /** Positions of inputs that are factors of products: worth masking ahead of use. */
  readonly factors?: readonly number[];
  /** Where and how closely the private form agrees with the plain one; left out: everywhere, to units in the last place. */
  readonly accuracy?: Accuracy;

  /** Shapes of all outputs, numbers if those of the inputs are. The only place where shapes and axes are checked: throws a ShapeError. */
  infer(inputs: readonly Shape[], attributes: M): readonly Shape[];
  /** Attributes for known shapes, where they differ. */
  resolve?(attributes: M, inputs: readonly (readonly number[])[], output: readonly number[]): A;
  /** The reference, in double precision. Shapes have been checked. */
  evaluate(inputs: readonly PlainTensor[], attributes: A): readonly PlainTensor[];
  /** The operation composed of others, for every backend without a kernel of its own. Primitives have none. */
  expand?<T>(k: Operations<T>, inputs: readonly T[], attributes: A): readonly T[];
  /**
   * Cotangents of the inputs from those of the outputs (undefined: none flows), in terms of operations. Without it a
   * composition is differentiated part by part, and a primitive is not differentiable.
   */
  gradient?<T>(k: Operations<T>, at: Linearization<T, A>): readonly (T | undefined)[];
  /** How many outputs the gradient is written with: auxiliary ones that the forward pass then keeps. Default one. */
  readonly gradientOutputs?: number;
  /** Bounds of the outputs, where those of the inputs' ends (for `monotone`) or of the composition are not what is wanted. */
  bounds?(inputs: readonly Interval[], attributes: A): readonly Interval[];
  /** A function of each element that never falls: bounds are the values at the ends. */
  readonly monotone?: true;
  /** Every element of the result is one of the inputs' elements or a constant; which one depends on shapes and attributes only. See `movesOf`. */
  readonly moves?: true;

  /** The operator of ONNX that is this operation, where reading it takes no code. Others are read by the importer. */
  readonly onnx?: OnnxForm;
  /** Inputs on which the generated tests run. */
  readonly examples: readonly Example<A>[];
}

/** The point at which an operation is differentiated. */
export interface Linearization<T, A> {
  readonly inputs: readonly T[];
  readonly outputs: readonly T[];
  /** Cotangents of the outputs. */
  readonly dy: readonly T[];
  /** Which inputs' cotangents are asked for: others may be left undefined, and should be where they cost something. */
  readonly needed: readonly boolean[];
  readonly attributes: A;
}

export interface Accuracy {
  /** The inputs for which the error bound holds. */
  readonly domain?: readonly [low: number, high: number];
  /** Largest absolute error of the private form at 16 fraction bits. */
  readonly maxError: number;
  /** Where the error may be this part of the value instead, if that is more. */
  readonly relative?: number;
}

/** An operator of ONNX whose inputs are the operation's and whose attributes are numbers with defaults. */
export interface OnnxForm {
  readonly name: string;
  /** First operator set that has it, if that is not the first that is read. */
  readonly since?: number;
  readonly note?: string;
  /** Positions of inputs that are truth values. */
  readonly truths?: readonly number[];
  /** Type of the result's elements where it is not that of the first input: truth values, or that of another input. */
  readonly type?: 'bool' | number;
  /** For each attribute of the operation: its name in ONNX and the value that holds where a file leaves it out. */
  readonly attributes?: Readonly<Record<string, readonly [name: string, standard: number]>>;
}

export interface Example<A> {
  readonly shapes: readonly (readonly number[])[];
  readonly attributes: A;
  /** Inputs are drawn from this range; default -4 to 4. */
  readonly range?: readonly [low: number, high: number];
  /** Inputs are drawn from these values. */
  readonly values?: readonly number[];
  /** Not differentiable at these values: left out of the test of gradients. */
  readonly kinks?: true;
}

/** An operation of shape arithmetic. */
export type PublicDefinition<
  Name extends string,
  A extends object = None,
  M extends object = A,
> = OperationDefinition<Name, A, M> & { readonly publicOnly: true };
