/**
 * Every error code of every package: what it means and what helps. docs/errors.md is made from it. A module of its own,
 * so that programs that only throw and catch do not load the texts.
 */
import { BATCHES } from './codes/batches.js';
import { COMPUTATION } from './codes/computation.js';
import { HOMOMORPHIC } from './codes/homomorphic.js';
import { LOCKS } from './codes/locks.js';
import { MODELS } from './codes/models.js';
import { ONNXRUNTIME } from './codes/onnxruntime.js';
import { ORGANISATIONS } from './codes/organisations.js';
import { POLICY } from './codes/policy.js';
import { SERVICE } from './codes/service.js';
import { SERVING } from './codes/serving.js';
import { SESSIONS } from './codes/sessions.js';
import type { CodeTable } from './codes/table.js';
import { TAPES } from './codes/tapes.js';
import { TRANSFORMS } from './codes/transforms.js';

export type { CodeEntry, CodeTable } from './codes/table.js';

/** By area, in the order of docs/errors.md. */
export const ERROR_CODES = {
  'Computations among parties': COMPUTATION,
  'Between organisations': ORGANISATIONS,
  'Sessions between organisations': SESSIONS,
  'Configuration, consent, audit': POLICY,
  Batches: BATCHES,
  'Tapes made ahead': TAPES,
  Models: MODELS,
  'Models as a service': SERVING,
  'Model locks': LOCKS,
  'Training with a secret key': TRANSFORMS,
  'Private models in ONNX Runtime': ONNXRUNTIME,
  'Homomorphic encryption': HOMOMORPHIC,
  'The homomorphic service': SERVICE,
} as const satisfies Record<string, CodeTable>;

/** A code with a line in the table. */
export type ErrorCode =
  | keyof typeof BATCHES
  | keyof typeof COMPUTATION
  | keyof typeof ONNXRUNTIME
  | keyof typeof ORGANISATIONS
  | keyof typeof POLICY
  | keyof typeof MODELS
  | keyof typeof SERVING
  | keyof typeof LOCKS
  | keyof typeof TRANSFORMS
  | keyof typeof HOMOMORPHIC
  | keyof typeof SERVICE
  | keyof typeof SESSIONS
  | keyof typeof TAPES;
