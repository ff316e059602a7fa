/** `@tacit/he/network`: models as chains of affine maps and polynomials, before anything is planned. */
export { layerName, MAX_DEGREE } from './affine-backend.js';
export { concreteGraph, singleEnds } from './concrete-graph.js';
export { HeModelError } from './errors.js';
export { networkFromGraph } from './from-graph.js';
export { type InputRange, randomInputs } from './inputs.js';
export {
  activationInterval,
  affineInterval,
  boundOf,
  type Interval,
  uniformInterval,
} from './interval.js';
export { evaluatePolynomial, type PolynomialNetwork, sizeOf } from './network.js';
export {
  type Activation,
  activationDepth,
  degreeOf,
  evaluateActivation,
  evaluateNormal,
  type NormalNetwork,
  normalForm,
  normalizeNetwork,
  type PolynomialForm,
} from './normalize.js';
export { convMatrix, matMulMatrix, poolMatrix } from './operator-matrices.js';
export { SparseMatrix } from './sparse-matrix.js';
