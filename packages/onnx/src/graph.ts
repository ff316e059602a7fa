/**
 * The model graph: what a network computes, free of ONNX versions, of parties and of protocols.
 *
 * `ModelGraph` may have symbolic dimensions and nodes of public shape arithmetic (`PublicOpName`); `ConcreteGraph` has
 * neither: every value has a known shape and every attribute is a number. All attributes are explicit.
 *
 * Values are named by strings. An input of a node names a graph input, the output of an earlier node, or a parameter.
 * Parameters (weights, in double precision) are the secret part of a model; everything else is its architecture.
 */

/** A dimension: its size, or the name of a size that is not known yet. `'?'` is unknown and equal to nothing. */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** Which of the two graphs: 'model' (sizes may be open) or 'concrete'. */
export type Stage = 'model' | 'concrete';

/** A one-dimensional public value that is known once the input shapes are; `length` is known at once. */
export interface PublicRef {
  readonly value: string;
  readonly length: number;
}

/** A list of integers; in a model graph possibly the name of the public value that will hold them. */
export type Ints<S extends Stage> = S extends 'concrete' ? readonly number[] : readonly number[] | PublicRef;

export type SamePads = 'SAME_UPPER' | 'SAME_LOWER';
/** Padding: all begins, then all ends ([top, left, bottom, right]); in a model graph possibly yet to be computed. */
export type Pads<S extends Stage> = S extends 'concrete' ? readonly number[] : readonly number[] | SamePads;

type None = Readonly<Record<never, never>>;

export interface WindowAttributes<S extends Stage> {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: Pads<S>;
}

/** Attributes of every operation of the graph. Axes are never negative. */
export interface OpAttributesMap<S extends Stage = 'model'> {
  /** y = x W + b over the last axis; inputs x [..., in], W [in, out], optionally b [out]. */
  readonly Linear: None;
  /** Batched matrix product of two values, with NumPy's broadcasting. */
  readonly MatMul: None;
  /** Inputs x [N, C, ...spatial], W [O, C/group, ...kernel], optionally b [O]; one or two spatial axes. */
  readonly Conv: WindowAttributes<S> & { readonly group: number };
  /** y = x * scale + shift; inputs x, scale, shift: vectors along `axis`, of its length or of length 1. */
  readonly Affine: { readonly axis: number };
  readonly Relu: None;
  readonly Tanh: None;
  readonly Sigmoid: None;
  readonly Square: None;
  /** Integer exponent of 3 or more. */
  readonly Pow: { readonly exponent: number };
  /** Limits to [min, max]; null is no limit. */
  readonly Clip: { readonly min: number | null; readonly max: number | null };
  readonly AveragePool: WindowAttributes<S> & {
    readonly ceilMode: boolean;
    readonly countIncludePad: boolean;
  };
  readonly MaxPool: WindowAttributes<S> & { readonly ceilMode: boolean };
  readonly GlobalAveragePool: None;
  /** Constant padding; pads as in `Pads`, over all axes, negative ones crop. */
  readonly Pad: { readonly pads: Ints<S>; readonly value: number };
  /** To [product of axes before `axis`, product of the others]. */
  readonly Flatten: { readonly axis: number };
  /** In a model graph the target may hold -1 (inferred) and, unless `allowZero`, 0 (copied). */
  readonly Reshape: { readonly shape: Ints<S>; readonly allowZero: boolean };
  readonly Squeeze: { readonly axes: readonly number[] };
  readonly Unsqueeze: { readonly axes: readonly number[] };
  readonly Transpose: { readonly perm: readonly number[] };
  readonly Concat: { readonly axis: number };
  /** In a model graph ONNX's bounds (negative, beyond the end); in a concrete one 0 <= bound <= size (end -1 if step < 0). */
  readonly Slice: {
    readonly axes: readonly number[];
    readonly starts: Ints<S>;
    readonly ends: Ints<S>;
    readonly steps: readonly number[];
  };
  readonly Add: None;
  readonly Sub: None;
  readonly Mul: None;
  readonly Neg: None;
  readonly ReduceMean: { readonly axes: readonly number[]; readonly keepDims: boolean };
  readonly ReduceSum: { readonly axes: readonly number[]; readonly keepDims: boolean };
  /** Only where a graph output is an input, a parameter or another output. */
  readonly Identity: None;

  // Public shape arithmetic: absent from concrete graphs.
  /** A public constant. */
  readonly Constant: { readonly shape: readonly number[]; readonly values: readonly number[] };
  /** Sizes of the axes start..end of a value, secret or not: a shape is public. */
  readonly Shape: { readonly start: number; readonly end: number };
  readonly Gather: { readonly axis: number };
  readonly ConstantOfShape: { readonly shape: Ints<S>; readonly value: number };
  readonly Expand: { readonly shape: Ints<S> };
  /** Truncates to an integer, or to 0 and 1. */
  readonly Cast: { readonly to: 'int' | 'bool' };
  readonly Div: { readonly integer: boolean };
  readonly Floor: None;
  readonly Equal: None;
  readonly Where: None;
  readonly Range: None;
  readonly ReduceProd: { readonly axes: readonly number[]; readonly keepDims: boolean };
}

export type OpName = keyof OpAttributesMap;

/** Operations on public values only (Shape: from any value to a public one). */
export type PublicOpName =
  | 'Constant'
  | 'Shape'
  | 'Gather'
  | 'ConstantOfShape'
  | 'Expand'
  | 'Cast'
  | 'Div'
  | 'Floor'
  | 'Equal'
  | 'Where'
  | 'Range'
  | 'ReduceProd';

/** Operations that a concrete graph may hold: what an executor has to know. */
export type ConcreteOpName = Exclude<OpName, PublicOpName | 'Squeeze' | 'Unsqueeze'>;

export type OpAttributes<Op extends OpName = OpName, S extends Stage = 'model'> = OpAttributesMap<S>[Op];

interface NodeOf<Op extends OpName, S extends Stage> {
  readonly name: string;
  readonly op: Op;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: OpAttributesMap<S>[Op];
}

/** A node, discriminated by `op`. */
export type GraphNode = { [Op in OpName]: NodeOf<Op, 'model'> }[OpName];
/** A node of a concrete graph, discriminated by `op`. */
export type ConcreteNode = { [Op in ConcreteOpName]: NodeOf<Op, 'concrete'> }[ConcreteOpName];

/** What every party knows of a parameter. */
export interface ParameterSlot {
  readonly shape: readonly number[];
  readonly data?: Float64Array;
}

/** What the owner of the model knows. */
export interface Parameter extends ParameterSlot {
  readonly data: Float64Array;
}

/** A checked network. `P` is `Parameter` for the owner and `ParameterSlot` for those who know only the architecture. */
export interface ModelGraph<P extends ParameterSlot = Parameter> {
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[];
  readonly outputs: readonly { readonly name: string }[];
  /** In topological order. */
  readonly nodes: readonly GraphNode[];
  readonly parameters: ReadonlyMap<string, P>;
}

/** A network for given input shapes. */
export interface ConcreteGraph<P extends ParameterSlot = Parameter> {
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly outputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly nodes: readonly ConcreteNode[];
  readonly parameters: ReadonlyMap<string, P>;
  /** Shape of every value: inputs, parameters, outputs of nodes. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}
