/** `@tacit/he/network`: models as chains of affine maps and polynomials, before anything is planned. */
export { concreteGraph } from './concrete-graph.js';
export { HeModelError } from './errors.js';
export { MAX_DEGREE, networkFromGraph } from './from-graph.js';
export { type InputRange, randomInputs } from './inputs.js';
export { evaluatePolynomial, type PolynomialNetwork, sizeOf } from './network.js';
export {
  type Activation,
  activationDepth,
  evaluateActivation,
  evaluateNormal,
  type NormalNetwork,
  normalizeNetwork,
} from './normalize.js';
export { convMatrix, linearMatrix, poolMatrix } from './operator-matrices.js';
export { SparseMatrix } from './sparse-matrix.js';
