/**
 * Operations in single precision: by kernels in WebAssembly where networks spend their time, by views where nothing is
 * computed, and for everything else by the definition's own value in double precision, narrowed.
 */
import {
  type Attributes,
  allDefinitions,
  type Backend,
  type ConcreteOpName,
  definitionOf,
  type GradientKernels,
  type Kernel,
  type Kernels,
  type PlainTensor,
} from '@tacit/graph';
import { conv, convGradient } from './kernels/convolution.js';
import { clip, clipGradient, ofTwo, relu, reluGradient } from './kernels/elementwise.js';
import {
  affine,
  affineGradient,
  batchNormalization,
  batchNormalizationGradient,
} from './kernels/normalisation.js';
import { linear, linearGradient, matMul, matMulGradient } from './kernels/product.js';
import { type FloatTensor, Machine } from './machine.js';

/** Operations whose result is the operand under another shape. */
const VIEWS = ['Dropout', 'Flatten', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze'] as const;

/** A backend with a memory of its own. */
export interface Floats {
  readonly backend: Backend<FloatTensor>;
  /** A value in the memory of the kernels, to be freed by `backend.dispose`. Others are copied in at each use. */
  tensor(shape: readonly number[], data: ArrayLike<number>): FloatTensor;
  /** Bytes of the memory that are in use. */
  readonly takenBytes: number;
}

/** How much memory a backend has. */
export interface FloatsOptions {
  /** Bytes for all values that are alive at once, up to 4 GiB; what is never touched costs nothing. Default 512 MiB. */
  readonly memoryBytes?: number;
}

/**
 * A backend for graphs in single precision. Values that it makes lie in its memory until `backend.dispose` frees them, as
 * the evaluators of graphs do; what comes out of these stays until then, or until the backend is dropped.
 * @param options how much memory it has
 * @returns the backend
 * @throws ArgumentError for a memory below 1 MiB or above 4 GiB
 * @throws FloatsMemoryError where the machine does not give as much
 * @example
 * const { backend, tensor } = await createFloats();
 * const { y } = evaluateGraph(graph, backend, { x: tensor([1, 4], pixels) }, parameters);
 */
export async function createFloats({ memoryBytes = 2 ** 29 }: FloatsOptions = {}): Promise<Floats> {
  const machine = await Machine.create(memoryBytes);
  return {
    backend: backendOf(machine),
    tensor: (shape, data) => machine.tensor(shape, data),
    get takenBytes() {
      return machine.takenBytes;
    },
  };
}

type Bound<N extends ConcreteOpName> = (
  m: Machine,
  inputs: readonly FloatTensor[],
  attributes: Attributes<N>,
  shapes: readonly (readonly number[])[],
) => readonly FloatTensor[];

function backendOf(m: Machine): Backend<FloatTensor> {
  const kernels: Record<string, Kernel<FloatTensor, never>> = {};
  for (const { op, publicOnly } of allDefinitions())
    if (!publicOnly) kernels[op] = inDoubles(m, op as ConcreteOpName);
  for (const op of VIEWS) kernels[op] = ([x], _attributes, [shape]) => [m.view(x, shape)];
  const own: { readonly [N in ConcreteOpName]?: Bound<N> } = {
    Add: ofTwo('addAll', (inputs) => inDoubles(m, 'Add')(inputs, {} as never, [[]])),
    Affine: affine,
    BatchNormalization: batchNormalization,
    Clip: clip,
    Conv: conv,
    Linear: linear,
    MatMul: matMul,
    Mul: ofTwo('mulAll', (inputs) => inDoubles(m, 'Mul')(inputs, {} as never, [[]])),
    Relu: relu,
    Sub: ofTwo('subAll', (inputs) => inDoubles(m, 'Sub')(inputs, {} as never, [[]])),
  };
  for (const [op, run] of Object.entries(own))
    kernels[op] = (inputs, attributes, shapes) => (run as Bound<never>)(m, inputs, attributes, shapes);
  const gradients: GradientKernels<FloatTensor> = {
    Affine: (at) => affineGradient(m, at),
    BatchNormalization: (at) => batchNormalizationGradient(m, at),
    Clip: (at) => clipGradient(m, at),
    Conv: (at) => convGradient(m, at),
    Linear: (at) => linearGradient(m, at),
    MatMul: (at) => matMulGradient(m, at),
    Relu: (at) => reluGradient(m, at),
  };
  return {
    name: 'in single precision',
    kernels: kernels as Kernels<FloatTensor>,
    gradients,
    shapeOf: ({ shape }) => shape,
    constant: ({ shape, data }) => m.tensor(shape, data),
    scope: (f) => m.scope(f),
    dispose: (x) => m.dispose(x),
  };
}

/** The definition's value in double precision, narrowed. */
function inDoubles(m: Machine, op: ConcreteOpName): Kernel<FloatTensor, never> {
  const definition = definitionOf<ConcreteOpName>(op);
  return (inputs, attributes, shapes) => {
    const wide = inputs.map(({ shape, data }): PlainTensor => ({ shape, data: Float64Array.from(data) }));
    const values = definition.evaluate(wide, attributes).slice(0, shapes.length);
    return values.map(({ shape, data }) => m.tensor(shape, data));
  };
}
