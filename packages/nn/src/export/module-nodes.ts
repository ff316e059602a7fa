/** How modules that are more than one node are written as ONNX. */
import { isNumeric, type Shape } from '@tacit/graph';
import type { Parameter } from '../parameter.js';
import type { OnnxDraft, OnnxValue } from './onnx-draft.js';
import { alongChannels, shapeAfter } from './shapes.js';

type Written = readonly OnnxValue[] | undefined;

/**
 * A fully connected layer: Gemm of matrices, else MatMul and Add.
 * @param draft model in the making
 * @param x input
 * @param weight [out, in]
 * @param bias [out]
 * @returns the output
 */
export function linear(
  draft: OnnxDraft,
  x: OnnxValue,
  weight: OnnxValue,
  bias: OnnxValue | undefined,
): OnnxValue {
  const [outputs, inputs] = weight.shape as readonly number[];
  const matrix = { name: '', shape: [inputs, outputs] };
  const shape = shapeAfter('MatMul', [x, matrix], {});
  if (x.shape?.length === 2) return draft.add('Gemm', [x, weight, bias], { transB: { i: 1 } }, shape);
  const turned = draft.add('Transpose', [weight], { perm: { ints: [1, 0] } }, matrix.shape);
  const y = draft.add('MatMul', [x, turned], {}, shape);
  return bias ? draft.add('Add', [y, bias]) : y;
}

interface Windowed {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly pads: readonly number[];
  readonly dilation: readonly number[];
}

/**
 * Attributes of windows.
 * @param windows how they lie
 * @returns the attributes that convolutions and pools share
 */
export const windowAttributes = ({ kernel, stride, pads }: Omit<Windowed, 'dilation'>) => ({
  kernel_shape: { ints: kernel },
  strides: { ints: stride },
  pads: { ints: pads },
});

/**
 * A convolution, or a transposed one.
 * @param draft model in the making
 * @param x input
 * @param layer its parameters and windows
 * @returns the output
 */
export function convolution(
  draft: OnnxDraft,
  x: OnnxValue,
  {
    weight,
    bias,
    windows,
  }: {
    readonly weight: Parameter;
    readonly bias: Parameter | undefined;
    readonly windows: Windowed & { readonly groups: number; readonly outputPadding?: readonly number[] };
  },
): Written {
  const { kernel, stride, pads, dilation, groups, outputPadding } = windows;
  const inputs = [x, draft.parameter(weight), ...(bias ? [draft.parameter(bias)] : [])];
  const common = { kernel, strides: stride, dilations: dilation, pads, group: groups };
  const attributes = {
    ...windowAttributes(windows),
    dilations: { ints: dilation },
    group: { i: groups },
  };
  if (!outputPadding) return [draft.add('Conv', inputs, attributes, shapeAfter('Conv', inputs, common))];
  const shape = shapeAfter('ConvTranspose', inputs, { ...common, outputPadding });
  return [
    draft.add('ConvTranspose', inputs, { ...attributes, output_padding: { ints: outputPadding } }, shape),
  ];
}

/**
 * A pool.
 * @param draft model in the making
 * @param x input
 * @param kind which
 * @param windows how its windows lie
 * @returns the output
 */
export function pool(
  draft: OnnxDraft,
  x: OnnxValue,
  kind: 'MaxPool' | 'AveragePool',
  windows: Windowed & { readonly ceilMode: boolean; readonly countIncludePad: boolean },
): Written {
  const { kernel, stride, pads, dilation, ceilMode, countIncludePad } = windows;
  const common = { kernel, strides: stride, dilations: dilation, pads, ceilMode };
  const attributes = { ...windowAttributes(windows), ceil_mode: { i: Number(ceilMode) } };
  if (kind === 'MaxPool')
    return [
      draft.add(kind, [x], { ...attributes, dilations: { ints: dilation } }, shapeAfter(kind, [x], common)),
    ];
  const shape = shapeAfter(kind, [x], { ...common, countIncludePad });
  const counted = { count_include_pad: { i: Number(countIncludePad) } };
  return [draft.add(kind, [x], { ...attributes, ...counted }, shape)];
}

/**
 * A pool of as many windows as are wanted.
 * @param draft model in the making
 * @param x input
 * @param kind which
 * @param size height and width of the result
 * @returns the output; undefined, with a reason, where windows differ and are no means, or sizes are not known
 */
export function adaptivePool(
  draft: OnnxDraft,
  x: OnnxValue,
  kind: 'MaxPool' | 'AveragePool',
  size: readonly number[],
): Written {
  const before = x.shape?.slice(0, -2);
  const own: Shape | undefined = x.shape?.slice(-2);
  const shape = before && [...before, ...size];
  if (size.every((d) => d === 1))
    return [draft.add(kind === 'MaxPool' ? 'GlobalMaxPool' : 'GlobalAveragePool', [x], {}, shape)];
  if (!own || !isNumeric(own)) return draft.unknown('the height and width of its input are not known');
  if (own.every((d, i) => d % size[i] === 0)) {
    const kernel = own.map((d, i) => d / size[i]);
    return [draft.add(kind, [x], { kernel_shape: { ints: kernel }, strides: { ints: kernel } }, shape)];
  }
  if (kind === 'MaxPool') return draft.refuse(`windows of [${own}] for [${size}] results differ in size`);
  // Means over rows, then over columns.
  const means = (from: number, to: number): number[] =>
    Array.from({ length: to * from }, (_, at) => {
      const [i, j] = [Math.floor(at / from), at % from];
      const [start, end] = [Math.floor((i * from) / to), Math.ceil(((i + 1) * from) / to)];
      return j >= start && j < end ? 1 / (end - start) : 0;
    });
  const rows = draft.floats(means(own[0], size[0]), [size[0], own[0]]);
  const columns = draft.floats(means(own[1], size[1]), [size[1], own[1]]);
  const turned = draft.add('Transpose', [columns], { perm: { ints: [1, 0] } }, [own[1], size[1]]);
  const first = draft.add('MatMul', [rows, x], {}, before && [...before, size[0], own[1]]);
  return [draft.add('MatMul', [first, turned], {}, shape)];
}

/**
 * Batch normalisation by running statistics.
 * @param draft model in the making
 * @param x input
 * @param module its parameters
 * @returns the output; undefined, with a reason, without running statistics
 */
export function batchNormalization(
  draft: OnnxDraft,
  x: OnnxValue,
  module: {
    readonly weight: Parameter | undefined;
    readonly bias: Parameter | undefined;
    readonly runningMean: Parameter | undefined;
    readonly runningVar: Parameter | undefined;
    readonly eps: number;
    readonly momentum: number;
  },
): Written {
  const { weight, bias, runningMean, runningVar, eps, momentum } = module;
  if (!runningMean || !runningVar) return draft.refuse('it normalises by the statistics of each batch');
  const [channels] = runningMean.shape;
  const filled = (value: number) => draft.floats(new Array<number>(channels).fill(value), [channels]);
  const inputs = [
    x,
    weight ? draft.parameter(weight) : filled(1),
    bias ? draft.parameter(bias) : filled(0),
    draft.parameter(runningMean),
    draft.parameter(runningVar),
  ];
  return [draft.add('BatchNormalization', inputs, { epsilon: { f: eps }, momentum: { f: 1 - momentum } })];
}

/**
 * Layer normalisation.
 * @param draft model in the making
 * @param x input
 * @param module its parameters
 * @returns the output
 */
export function layerNormalization(
  draft: OnnxDraft,
  x: OnnxValue,
  module: {
    readonly normalizedShape: readonly number[];
    readonly weight: Parameter | undefined;
    readonly bias: Parameter | undefined;
    readonly eps: number;
  },
): Written {
  const { normalizedShape: shape, weight, bias, eps } = module;
  const size = shape.reduce((a, b) => a * b, 1);
  const scale = weight ? draft.parameter(weight) : draft.floats(new Array<number>(size).fill(1), shape);
  const inputs = [x, scale, bias && draft.parameter(bias)];
  return [draft.add('LayerNormalization', inputs, { axis: { i: -shape.length }, epsilon: { f: eps } })];
}

/**
 * Group normalisation, which this operator set does not have: that of instances, with groups as channels.
 * @param draft model in the making
 * @param x input
 * @param module its parameters
 * @returns the output; undefined, with a reason, where the number of axes is not known
 */
export function groupNormalization(
  draft: OnnxDraft,
  x: OnnxValue,
  module: {
    readonly numGroups: number;
    readonly weight: Parameter | undefined;
    readonly bias: Parameter | undefined;
    readonly eps: number;
  },
): Written {
  const { numGroups, weight, bias, eps } = module;
  if (!x.shape) return draft.unknown('the number of axes of its input is not known');
  const groups = draft.add('Reshape', [x, draft.ints([0, numGroups, -1])], {}, [x.shape[0], numGroups, '?']);
  const filled = (value: number) => draft.floats(new Array<number>(numGroups).fill(value), [numGroups]);
  const normal = draft.add('InstanceNormalization', [groups, filled(1), filled(0)], { epsilon: { f: eps } });
  const sizes = draft.add('Shape', [x], {}, [x.shape.length]);
  let y = draft.add('Reshape', [normal, sizes], {}, x.shape);
  if (weight) y = draft.add('Mul', [y, alongChannels(draft, draft.parameter(weight), x.shape.length)]);
  if (bias) y = draft.add('Add', [y, alongChannels(draft, draft.parameter(bias), x.shape.length)]);
  return [y];
}

/**
 * x times the normal distribution function, which this operator set does not have.
 * @param draft model in the making
 * @param x input
 * @param approximate 'tanh' for the approximation of that name
 * @returns the output
 */
export function gelu(draft: OnnxDraft, x: OnnxValue, approximate: 'none' | 'tanh'): OnnxValue {
  const times = (y: OnnxValue, factor: number) => draft.add('Mul', [y, draft.floats(factor)]);
  let inner: OnnxValue;
  if (approximate === 'none') inner = draft.add('Erf', [times(x, Math.SQRT1_2)]);
  else {
    const cube = draft.add('Mul', [draft.add('Mul', [x, x]), x]);
    const sum = draft.add('Add', [x, times(cube, 0.044715)]);
    inner = draft.add('Tanh', [times(sum, Math.sqrt(2 / Math.PI))]);
  }
  const factor = draft.add('Add', [inner, draft.floats(1)]);
  return draft.add('Mul', [times(x, 0.5), factor]);
}

/**
 * A value reshaped so that axes from one on become one.
 * @param draft model in the making
 * @param x input
 * @param startAxis first of them
 * @param endAxis last of them
 * @returns the output; undefined, with a reason, where sizes are not known
 */
export function flatten(draft: OnnxDraft, x: OnnxValue, startAxis: number, endAxis: number): Written {
  const { shape } = x;
  const known = (part: Shape): number | string => (isNumeric(part) ? part.reduce((a, b) => a * b, 1) : '?');
  if (startAxis === 1 && endAxis === -1 && (!shape || shape.length > 1))
    return [
      draft.add('Flatten', [x], { axis: { i: 1 } }, shape ? [shape[0], known(shape.slice(1))] : ['?', '?']),
    ];
  if (!shape) return draft.unknown('the number of axes of its input is not known');
  const [start, end] = [startAxis, endAxis].map((axis) =>
    axis < 0 ? axis + Math.max(1, shape.length) : axis,
  );
  const [before, after] = [shape.slice(0, start), shape.slice(end + 1)];
  if (!isNumeric(after)) return draft.unknown('sizes behind its axes are not known');
  const target = draft.ints([...before.map(() => 0), -1, ...after]);
  const one = known(shape.slice(start, end + 1));
  return [draft.add('Reshape', [x, target], {}, [...before, one, ...after])];
}

/**
 * Attention of several heads.
 * @param draft model in the making
 * @param inputs queries, keys, values
 * @param module its parameters
 * @returns the output; undefined, with a reason, unless inputs have three axes
 */
export function attention(
  draft: OnnxDraft,
  inputs: readonly OnnxValue[],
  module: {
    readonly embedDim: number;
    readonly numHeads: number;
    readonly batchFirst: boolean;
    readonly inProjWeight: Parameter;
    readonly inProjBias: Parameter | undefined;
    readonly outProj: { readonly weight: Parameter; readonly bias: Parameter | undefined };
  },
): Written {
  const { embedDim, numHeads, batchFirst, inProjWeight, inProjBias, outProj } = module;
  const [query, key = query, value = key] = inputs;
  if ([query, key, value].some(({ shape }) => shape?.length !== 3))
    return draft.unknown('its inputs are not known to have three axes');
  const optional = (p: Parameter | undefined) => p && draft.parameter(p);
  const transpose = (x: OnnxValue, ...perm: number[]) =>
    draft.add(
      'Transpose',
      [x],
      { perm: { ints: perm } },
      perm.map((axis) => x.shape?.[axis] ?? '?'),
    );
  const projected = new Map<OnnxValue, OnnxValue>();
  const project = (x: OnnxValue): OnnxValue => {
    const known = projected.get(x);
    if (known) return known;
    const batched = batchFirst ? x : transpose(x, 1, 0, 2);
    const made = linear(draft, batched, draft.parameter(inProjWeight), optional(inProjBias));
    projected.set(x, made);
    return made;
  };
  const width = embedDim / numHeads;
  const heads = (x: OnnxValue, index: number, ...perm: number[]) => {
    const all = project(x);
    const range = [[index * embedDim], [(index + 1) * embedDim], [2]].map((list) => draft.ints(list));
    const [batch = '?', length = '?'] = all.shape ?? [];
    const part = draft.add('Slice', [all, ...range], {}, [batch, length, embedDim]);
    const target = draft.ints([0, 0, numHeads, width]);
    return transpose(draft.add('Reshape', [part, target], {}, [batch, length, numHeads, width]), ...perm);
  };
  const q = draft.add('Mul', [heads(query, 0, 0, 2, 1, 3), draft.floats(1 / Math.sqrt(width))]);
  const scores = draft.add('MatMul', [q, heads(key, 1, 0, 2, 3, 1)]);
  const weights = draft.add('Softmax', [scores], { axis: { i: -1 } });
  const joined = transpose(
    draft.add('MatMul', [weights, heads(value, 2, 0, 2, 1, 3)], {}, q.shape),
    0,
    2,
    1,
    3,
  );
  const [batch = '?', length = '?'] = joined.shape ?? [];
  const rows = draft.add('Reshape', [joined, draft.ints([0, 0, embedDim])], {}, [batch, length, embedDim]);
  const y = linear(draft, rows, draft.parameter(outProj.weight), optional(outProj.bias));
  return [batchFirst ? y : transpose(y, 1, 0, 2)];
}

/**
 * Padding of the last axes.
 * @param draft model in the making
 * @param x input
 * @param pads amounts, all before, then all after
 * @param value what is put there
 * @returns the output; undefined, with a reason, where the number of axes is not known
 */
export function constantPad(draft: OnnxDraft, x: OnnxValue, pads: readonly number[], value: number): Written {
  const axes = pads.length / 2;
  if (!x.shape) return draft.unknown('the number of axes of its input is not known');
  const around = new Array<number>(x.shape.length - axes).fill(0);
  const all = [...around, ...pads.slice(0, axes), ...around, ...pads.slice(axes)];
  const shape = shapeAfter('Pad', [x], { pads: all, value });
  return [draft.add('Pad', [x, draft.ints(all), draft.floats(value)], {}, shape)];
}
