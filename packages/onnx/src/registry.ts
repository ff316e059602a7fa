/**
 * All operators of ONNX that are read. Those whose inputs and attributes are the operation's say so in its own file
 * (`onnx` of its definition); a file under `operators/` is for the others.
 */
import { allDefinitions } from '@tacit/graph';
import { formOperator } from './form-operator.js';
import { MAX_OPSET, MIN_OPSET, type OnnxOperator } from './operator.js';
import { batchNormalizationOnnx } from './operators/affine.js';
import { affineGridOnnx } from './operators/affine-grid.js';
import { argMaxOnnx, argMinOnnx } from './operators/arg-max.js';
import { attentionOnnx } from './operators/attention.js';
import { averagePoolOnnx } from './operators/average-pool.js';
import { castLikeOnnx, castOnnx } from './operators/cast.js';
import { causalConvWithStateOnnx } from './operators/causal-conv.js';
import { centerCropPadOnnx } from './operators/center-crop-pad.js';
import {
  arrayFeatureExtractorOnnx,
  binarizerOnnx,
  featureVectorizerOnnx,
  imputerOnnx,
  normalizerOnnx,
  scalerOnnx,
  zipMapOnnx,
} from './operators/classical/features.js';
import { linearClassifierOnnx, linearRegressorOnnx } from './operators/classical/linear-models.js';
import {
  treeEnsembleClassifierOnnx,
  treeEnsembleRegressorOnnx,
} from './operators/classical/tree-ensembles.js';
import { clipOnnx } from './operators/clip.js';
import { col2ImOnnx } from './operators/col2im.js';
import { compressOnnx } from './operators/compress.js';
import { concatOnnx } from './operators/concat.js';
import { constantOnnx } from './operators/constant.js';
import { constantOfShapeOnnx } from './operators/constant-of-shape.js';
import { convOnnx } from './operators/conv.js';
import { convTransposeOnnx } from './operators/conv-transpose.js';
import { cumProdOnnx } from './operators/cum-prod.js';
import { cumSumOnnx } from './operators/cum-sum.js';
import { depthToSpaceOnnx, spaceToDepthOnnx } from './operators/depth-to-space.js';
import { divOnnx } from './operators/div.js';
import { dropoutOnnx } from './operators/dropout.js';
import { einsumOnnx } from './operators/einsum.js';
import { expandOnnx } from './operators/expand.js';
import { celuOnnx, eluOnnx, seluOnnx } from './operators/exponential-linear.js';
import { eyeLikeOnnx, nonZeroOnnx } from './operators/eye-like.js';
import { flattenOnnx } from './operators/flatten.js';
import { gatherOnnx } from './operators/gather.js';
import { gatherElementsOnnx, gatherNDOnnx } from './operators/gather-elements.js';
import { geluOnnx } from './operators/gelu.js';
import { gridSampleOnnx } from './operators/grid-sample.js';
import { gruOnnx, rnnOnnx } from './operators/gru.js';
import { identityOnnx } from './operators/identity.js';
import { ifOnnx } from './operators/if.js';
import { isInfOnnx, isNaNOnnx } from './operators/is-nan.js';
import { gemmOnnx } from './operators/linear.js';
import { linearAttentionOnnx } from './operators/linear-attention.js';
import { loopOnnx } from './operators/loop.js';
import { negativeLogLikelihoodLossOnnx, softmaxCrossEntropyLossOnnx } from './operators/losses.js';
import { globalLpPoolOnnx, lpPoolOnnx } from './operators/lp-pool.js';
import { lstmOnnx } from './operators/lstm.js';
import { matMulOnnx } from './operators/mat-mul.js';
import { maxPoolOnnx } from './operators/max-pool.js';
import { maxUnpoolOnnx } from './operators/max-unpool.js';
import { modOnnx } from './operators/mod.js';
import { mulOnnx } from './operators/mul.js';
import {
  groupNormalizationOnnx,
  instanceNormalizationOnnx,
  layerNormalizationOnnx,
  lpNormalizationOnnx,
  lrnOnnx,
  meanVarianceNormalizationOnnx,
  rmsNormalizationOnnx,
} from './operators/normalization.js';
import { oneHotOnnx } from './operators/one-hot.js';
import { padOnnx } from './operators/pad.js';
import { powOnnx } from './operators/pow.js';
import {
  convIntegerOnnx,
  dequantizeLinearOnnx,
  dynamicQuantizeLinearOnnx,
  matMulIntegerOnnx,
  qLinearConvOnnx,
  qLinearMatMulOnnx,
  quantizeLinearOnnx,
} from './operators/quantize.js';
import { rangeOnnx } from './operators/range.js';
import { reduceL1Onnx } from './operators/reduce-l1.js';
import { reduceL2Onnx } from './operators/reduce-l2.js';
import { reduceLogSumOnnx } from './operators/reduce-log-sum.js';
import { reduceLogSumExpOnnx } from './operators/reduce-log-sum-exp.js';
import { reduceMaxOnnx } from './operators/reduce-max.js';
import { reduceMeanOnnx } from './operators/reduce-mean.js';
import { reduceMinOnnx } from './operators/reduce-min.js';
import { reduceProdOnnx } from './operators/reduce-prod.js';
import { reduceSumOnnx } from './operators/reduce-sum.js';
import { reduceSumSquareOnnx } from './operators/reduce-sum-square.js';
import { reshapeOnnx } from './operators/reshape.js';
import { resizeOnnx, upsampleOnnx } from './operators/resize.js';
import { reverseSequenceOnnx } from './operators/reverse-sequence.js';
import { rotaryEmbeddingOnnx } from './operators/rotary-embedding.js';
import { scanOnnx } from './operators/scan.js';
import { scatterElementsOnnx, scatterNDOnnx, scatterOnnx } from './operators/scatter-elements.js';
import { shapeOnnx, sizeOnnx } from './operators/shape.js';
import { shrinkOnnx } from './operators/shrink.js';
import { sliceOnnx } from './operators/slice.js';
import { hardmaxOnnx, logSoftmaxOnnx, softmaxOnnx } from './operators/softmax.js';
import { splitOnnx } from './operators/split.js';
import { squeezeOnnx } from './operators/squeeze.js';
import { swiGluOnnx, swishOnnx } from './operators/swish.js';
import { tensorScatterOnnx } from './operators/tensor-scatter.js';
import { tileOnnx } from './operators/tile.js';
import { topKOnnx } from './operators/top-k.js';
import { transposeOnnx } from './operators/transpose.js';
import { trigonometry } from './operators/trigonometry.js';
import { triluOnnx } from './operators/trilu.js';
import { unsqueezeOnnx } from './operators/unsqueeze.js';
import { maxOnnx, meanOnnx, minOnnx, sumOnnx } from './operators/variadic.js';
import { whereOnnx } from './operators/where.js';

const READ: readonly OnnxOperator[] = [
  celuOnnx,
  eluOnnx,
  seluOnnx,
  groupNormalizationOnnx,
  instanceNormalizationOnnx,
  layerNormalizationOnnx,
  logSoftmaxOnnx,
  lpNormalizationOnnx,
  lrnOnnx,
  meanVarianceNormalizationOnnx,
  reduceL2Onnx,
  reduceLogSumOnnx,
  reduceLogSumExpOnnx,
  rmsNormalizationOnnx,
  softmaxCrossEntropyLossOnnx,
  softmaxOnnx,
  argMaxOnnx,
  argMinOnnx,
  attentionOnnx,
  averagePoolOnnx,
  batchNormalizationOnnx,
  castLikeOnnx,
  castOnnx,
  centerCropPadOnnx,
  clipOnnx,
  compressOnnx,
  concatOnnx,
  constantOfShapeOnnx,
  constantOnnx,
  convOnnx,
  convTransposeOnnx,
  cumSumOnnx,
  depthToSpaceOnnx,
  divOnnx,
  dropoutOnnx,
  einsumOnnx,
  expandOnnx,
  eyeLikeOnnx,
  flattenOnnx,
  gatherElementsOnnx,
  gatherNDOnnx,
  gatherOnnx,
  geluOnnx,
  gemmOnnx,
  identityOnnx,
  globalLpPoolOnnx,
  gruOnnx,
  hardmaxOnnx,
  ifOnnx,
  isInfOnnx,
  isNaNOnnx,
  loopOnnx,
  lpPoolOnnx,
  lstmOnnx,
  matMulOnnx,
  maxOnnx,
  maxPoolOnnx,
  meanOnnx,
  minOnnx,
  modOnnx,
  mulOnnx,
  negativeLogLikelihoodLossOnnx,
  nonZeroOnnx,
  oneHotOnnx,
  padOnnx,
  powOnnx,
  convIntegerOnnx,
  dequantizeLinearOnnx,
  dynamicQuantizeLinearOnnx,
  matMulIntegerOnnx,
  qLinearConvOnnx,
  qLinearMatMulOnnx,
  quantizeLinearOnnx,
  rangeOnnx,
  reduceL1Onnx,
  reduceMaxOnnx,
  reduceMeanOnnx,
  reduceMinOnnx,
  reduceProdOnnx,
  reduceSumOnnx,
  reduceSumSquareOnnx,
  reshapeOnnx,
  resizeOnnx,
  reverseSequenceOnnx,
  rnnOnnx,
  rotaryEmbeddingOnnx,
  scanOnnx,
  scatterElementsOnnx,
  scatterNDOnnx,
  scatterOnnx,
  shapeOnnx,
  shrinkOnnx,
  sizeOnnx,
  sliceOnnx,
  spaceToDepthOnnx,
  splitOnnx,
  squeezeOnnx,
  sumOnnx,
  swiGluOnnx,
  swishOnnx,
  tileOnnx,
  topKOnnx,
  transposeOnnx,
  ...trigonometry,
  triluOnnx,
  unsqueezeOnnx,
  upsampleOnnx,
  whereOnnx,
  affineGridOnnx,
  causalConvWithStateOnnx,
  col2ImOnnx,
  cumProdOnnx,
  gridSampleOnnx,
  linearAttentionOnnx,
  maxUnpoolOnnx,
  tensorScatterOnnx,
  arrayFeatureExtractorOnnx,
  binarizerOnnx,
  featureVectorizerOnnx,
  imputerOnnx,
  linearClassifierOnnx,
  linearRegressorOnnx,
  normalizerOnnx,
  scalerOnnx,
  treeEnsembleClassifierOnnx,
  treeEnsembleRegressorOnnx,
  zipMapOnnx,
];
/** A file takes the place of what a definition says. */
const FORMS = allDefinitions().flatMap(({ op, onnx }) =>
  onnx && !READ.some(({ name }) => name === onnx.name) ? [formOperator(op, onnx)] : [],
);
const OPERATORS = [...READ, ...FORMS];

/** As errors and tables name it. */
const nameIn = (domain: string, name: string): string => (domain === '' ? name : `${domain}.${name}`);

const BY_NAME: ReadonlyMap<string, OnnxOperator> = new Map(
  OPERATORS.map((operator) => [nameIn(operator.domain ?? '', operator.name), operator]),
);

/** How an operator of ONNX is converted; undefined when it is not supported. */
export function onnxOperator(name: string, domain = ''): OnnxOperator | undefined {
  return BY_NAME.get(nameIn(domain, name));
}

export interface OperatorTableRow {
  readonly name: string;
  /** First and last supported version of the operator set. */
  readonly opsets: readonly [number, number];
  readonly note: string;
}

/**
 * What is supported, as a table: ONNX operators by name.
 * @example operatorTable().find(({ name }) => name === 'Conv');
 */
export function operatorTable(): OperatorTableRow[] {
  return OPERATORS.map(({ domain = '', name, opsets, note }) => ({
    name: nameIn(domain, name),
    opsets,
    note,
  })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The operations that an executor meets in a concrete graph, with what they compute.
 * @example graphOperatorTable().map(({ op }) => op);
 */
export function graphOperatorTable(): { readonly op: string; readonly summary: string }[] {
  return allDefinitions()
    .filter(({ publicOnly }) => !publicOnly)
    .map(({ op, summary }) => ({ op, summary }));
}

export { MAX_OPSET, MIN_OPSET };
