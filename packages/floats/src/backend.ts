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
import { averagePool, averagePoolGradient, maxPool, maxPoolGradient } from './kernels/pooling.js';
import { linear, linearGradient, matMul, matMulGradient } from './kernels/product.js';
import { globalAveragePool, reduction } from './kernels/reduction.js';
import { transpose } from './kernels/transposition.js';
import type { FloatTensor, Machine } from './machine.js';

/** Operations whose result is the operand under another shape. */
const VIEWS = ['Dropout', 'Flatten', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze'] as const;

type Bound<N extends ConcreteOpName> = (
  m: Machine,
  inputs: readonly FloatTensor[],
  attributes: Attributes<N>,
  shapes: readonly (readonly number[])[],
) => readonly FloatTensor[];

/** The backend whose values lie in the memory of a machine. */
export function backendOf(m: Machine): Backend<FloatTensor> {
  const kernels: Record<string, Kernel<FloatTensor, never>> = {};
  for (const { op, publicOnly } of allDefinitions())
    if (!publicOnly) kernels[op] = inDoubles(m, op as ConcreteOpName);
  for (const op of VIEWS) kernels[op] = ([x], _attributes, [shape]) => [m.view(x, shape)];
  const doubles = (op: ConcreteOpName) => inDoubles(m, op);
  /** What a kernel does not take itself. */
  const aside =
    <N extends ConcreteOpName>(op: N): Bound<N> =>
    (_m, inputs, attributes, shapes) =>
      doubles(op)(inputs, attributes as never, shapes);
  const own: { readonly [N in ConcreteOpName]?: Bound<N> } = {
    Add: ofTwo('addAll', (inputs, shape) => doubles('Add')(inputs, {} as never, [shape])),
    Affine: affine,
    AveragePool: averagePool,
    BatchNormalization: batchNormalization,
    Clip: clip,
    Conv: conv,
    GlobalAveragePool: globalAveragePool(aside('GlobalAveragePool')),
    Linear: linear,
    MatMul: matMul,
    MaxPool: maxPool,
    Mul: ofTwo('mulAll', (inputs, shape) => doubles('Mul')(inputs, {} as never, [shape])),
    Relu: relu,
    ReduceMean: reduction(true, aside('ReduceMean')),
    ReduceSum: reduction(false, aside('ReduceSum')),
    Sub: ofTwo('subAll', (inputs, shape) => doubles('Sub')(inputs, {} as never, [shape])),
    Transpose: transpose,
  };
  for (const [op, run] of Object.entries(own))
    kernels[op] = (inputs, attributes, shapes) => (run as Bound<never>)(m, inputs, attributes, shapes);
  const gradients: GradientKernels<FloatTensor> = {
    Affine: (at) => affineGradient(m, at),
    AveragePool: (at) => averagePoolGradient(m, at),
    BatchNormalization: (at) => batchNormalizationGradient(m, at),
    Clip: (at) => clipGradient(m, at),
    Conv: (at) => convGradient(m, at),
    Linear: (at) => linearGradient(m, at),
    MatMul: (at) => matMulGradient(m, at),
    MaxPool: (at) => maxPoolGradient(m, at),
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
