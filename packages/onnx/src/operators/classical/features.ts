/** What stands before and behind a model of scikit-learn, of the operator set ai.onnx.ml. */
import { at, plainTensor, type Value } from '@tacit/graph';
import type { NodeContext } from '../../node-context.js';
import { ALL_OPSETS, CLASSICAL, type OnnxOperator } from '../../operator.js';
import { areProbabilities } from './scores.js';

const operator = (name: string, note: string, convert: (context: NodeContext) => void): OnnxOperator => ({
  domain: CLASSICAL,
  name,
  opsets: ALL_OPSETS,
  note,
  convert,
});

const row = (context: NodeContext, suffix: string, values: readonly number[]): Value =>
  context.makeConstant(suffix, plainTensor(values.length === 1 ? [] : [values.length], values));

export const scalerOnnx = operator('Scaler', 'becomes Sub and Mul', (context) => {
  const [offset, scale] = [context.floats('offset') ?? [], context.floats('scale') ?? []];
  if (offset.length === 0 || offset.length !== scale.length)
    context.fail(`${offset.length} offsets do not fit ${scale.length} scales`);
  const shifted = context.emit('Sub', [context.input(0), row(context, 'offset', offset)], {});
  context.result(context.emit('Mul', [shifted, row(context, 'scale', scale)], {}));
});

export const binarizerOnnx = operator('Binarizer', 'becomes Greater', (context) => {
  const threshold = row(context, 'threshold', [context.float('threshold', 0)]);
  context.result(context.emit('Greater', [context.input(0), threshold], {}, 'float'));
});

export const normalizerOnnx = operator(
  'Normalizer',
  'norm L1, L2; becomes ReduceL1 or ReduceL2, and Div; norms below 2^28; rows of zeros stay so',
  (context) => {
    const x = context.input(0);
    const norm = context.string('norm', 'MAX');
    if (norm !== 'L1' && norm !== 'L2') return context.fail(`norm ${norm} is not supported`);
    if (norm === 'L1' && areProbabilities(x)) return context.result(x);
    const size = context.emit(norm === 'L1' ? 'ReduceL1' : 'ReduceL2', [x], {
      axes: [context.rank(x) - 1],
      keepDims: true,
    });
    context.result(context.emit('Div', [x, size], { integer: false }));
  },
);

export const arrayFeatureExtractorOnnx = operator(
  'ArrayFeatureExtractor',
  'columns at constant places; a list, such as that of classes, at secret ones',
  (context) => {
    const x = context.input(0);
    const places = context.input(1);
    if (places.kind === 'secret' && !places.weight) return context.result(lookedUp(context, x, places));
    const axis = context.rank(x) - 1;
    const size = at(context.shape(x), axis);
    const columns = context.constantInts(places, 'the places');
    for (const column of columns)
      if (!Number.isInteger(column) || column < 0 || (typeof size === 'number' && column >= size))
        context.fail(`there is no column ${column}`);
    const taken = context.emit('Take', [x], { axis, indices: columns, shape: [columns.length] });
    context.result(axis === 0 ? context.emit('Unsqueeze', [taken], { axes: [0] }) : taken);
  },
);

/** A classifier's labels by the place of its largest score: one row. */
function lookedUp(context: NodeContext, list: Value, places: Value): Value {
  if (context.rank(list) !== 1) context.fail('only the elements of a list can be at secret places');
  const rank = context.rank(places);
  if (rank > 2 || (rank === 2 && at(context.shape(places), 1) !== 1))
    context.fail('secret places must be a list or a column');
  const flat = rank === 2 ? context.emit('Squeeze', [places], { axes: [1] }) : places;
  const found = context.emit('Lookup', [list, flat], { oneHot: false }, list.type);
  return context.emit('Unsqueeze', [found], { axes: [0] });
}

export const featureVectorizerOnnx = operator('FeatureVectorizer', 'becomes Concat', (context) => {
  context.ignore('inputdimensions');
  const inputs = Array.from({ length: context.inputCount }, (_, index) => context.input(index));
  if (inputs.some((value) => context.rank(value) !== 2))
    context.fail('its inputs must be tables [rows, columns]');
  context.result(inputs.length === 1 ? context.input(0) : context.emit('Concat', inputs, { axis: 1 }));
});

export const imputerOnnx = operator('Imputer', 'removed: no input has NaN', (context) => {
  context.ignore('imputed_value_floats', 'imputed_value_int64s');
  if (!Number.isNaN(context.float('replaced_value_float', 0)))
    context.fail('only NaN can be replaced, which no input has');
  context.result(context.input(0));
});

export const zipMapOnnx = operator(
  'ZipMap',
  'removed: its input is the output, a column a class',
  (context) => {
    context.ignore('classlabels_int64s', 'classlabels_strings');
    context.result(context.input(0));
  },
);
