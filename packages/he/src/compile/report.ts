/** What the planner decided, and what it should cost: printed by `tacit he compile`. */
import type { ClientArtefact, ServerArtefact } from '../artefact/types.js';
import {
  decompositionCost,
  hoistedCost,
  plainProductCost,
  rescaleCost,
  rotationCost,
  squareCost,
} from '../plan/costs.js';
import type { ParameterChoice } from '../plan/parameters.js';
import { planLatency } from '../plan/plan.js';
import type { Ranges } from '../plan/ranges.js';
import { planThroughput } from '../plan/throughput.js';
import type { Approximated } from './approximate.js';

/** Milliseconds of one transform of 8,192 residues on the machine that it was measured on. */
const TRANSFORM_MS = 0.05;

export interface StageReport {
  readonly layers: string;
  readonly kind: string;
  readonly level: number;
  /** log2 of the scale of the result. */
  readonly scaleBits: number;
  readonly rotations: number;
  readonly products: number;
  readonly estimatedMs: number;
  readonly layout?: string;
  /** Largest value on the samples, and the bound for all inputs in range. */
  readonly largest: number;
  readonly bound: number;
}

export interface CompileReport {
  readonly name: string;
  readonly mode: ServerArtefact['mode'];
  readonly ringDegree: number;
  readonly primeBits: readonly number[];
  readonly specialPrimeBits: number;
  readonly modulusBits: number;
  readonly security: number;
  readonly expectedError: number;
  readonly guaranteed: boolean;
  /** Images that one evaluation serves. */
  readonly images: number;
  readonly uploadBytes: number;
  readonly downloadBytes: number;
  readonly evaluationKeyBytes: number;
  readonly rotationSteps: number;
  readonly estimatedMs: number;
  readonly stages: readonly StageReport[];
  readonly approximated?: Approximated;
}

export function reportOf(
  server: ServerArtefact,
  client: ClientArtefact,
  choice: ParameterChoice,
  ranges: Ranges,
  approximated?: Approximated,
): CompileReport {
  const { ringDegree, primes, specialPrime, security } = server.parameters;
  const unit = TRANSFORM_MS * ((ringDegree * Math.log2(ringDegree)) / (8192 * 13));
  const stages = (server.mode === 'latency' ? latencyStages(server) : throughputStages(server)).map(
    (stage, i): StageReport => ({
      layers: stage.layers.join(' + '),
      kind: stage.kind,
      level: stage.level,
      scaleBits: Math.log2(stage.scale),
      rotations: stage.rotations,
      products: stage.products,
      estimatedMs: stage.units * unit,
      layout: stage.layout,
      largest: ranges.stages[i]?.largest ?? 0,
      bound: ranges.stages[i]?.bound ?? 0,
    }),
  );
  const bits = (prime: number) => Math.ceil(Math.log2(prime));
  const polynomial = (level: number) =>
    (primes.slice(0, level).reduce((sum, p) => sum + bits(p), 0) * ringDegree) / 8;
  const [input, output] = [client.boundaries[0], client.boundaries.at(-1)];
  const keyPolynomial = polynomial(primes.length) + (bits(specialPrime) * ringDegree) / 8;
  return {
    name: server.name,
    mode: server.mode,
    ringDegree,
    primeBits: primes.map(bits),
    specialPrimeBits: bits(specialPrime),
    modulusBits: Math.ceil(primes.reduce((sum, p) => sum + Math.log2(p), Math.log2(specialPrime))),
    security,
    expectedError: choice.expectedError,
    guaranteed: choice.guaranteed,
    images: server.mode === 'latency' ? 1 : client.slots,
    uploadBytes: polynomial(primes.length) * (input?.layout.ciphertexts ?? 0),
    downloadBytes: 2 * polynomial(server.schedule.outputLevel) * (output?.layout.ciphertexts ?? 0),
    evaluationKeyBytes: (client.rotationSteps.length + 1) * primes.length * keyPolynomial,
    rotationSteps: client.rotationSteps.length,
    estimatedMs: stages.reduce((sum, stage) => sum + stage.estimatedMs, 0),
    stages,
    approximated,
  };
}

interface CountedStage {
  readonly layers: readonly string[];
  readonly kind: string;
  readonly level: number;
  readonly scale: number;
  readonly rotations: number;
  readonly products: number;
  readonly units: number;
  readonly layout?: string;
}

function latencyStages(server: ServerArtefact): CountedStage[] {
  const plan = planLatency(server.network, server.parameters, server.schedule, server.layouts);
  let layout = 0;
  let ciphertexts = plan.input.ciphertexts;
  return plan.stages.map((stage): CountedStage => {
    const { level, scaleOut: scale } = stage.step;
    const base = { layers: stage.layers, level, scale };
    if (stage.kind === 'activation') {
      const products = ciphertexts * (stage.activation.kind === 'square' ? 1 : 2);
      return {
        ...base,
        kind: stage.activation.kind,
        rotations: 0,
        products,
        units: products * squareCost(level),
      };
    }
    layout++;
    const { presums, babySteps, giantSteps, folds, diagonals, inputs, outputs } = stage.transform;
    const moved = (steps: readonly number[]) => steps.filter((step) => step !== 0).length;
    const units =
      presums.length * inputs * rotationCost(level) +
      (moved(babySteps) > 0 ? inputs * decompositionCost(level) : 0) +
      moved(babySteps) * inputs * hoistedCost(level) +
      moved(giantSteps) * outputs * rotationCost(level) +
      diagonals.length * plainProductCost(level) +
      (stage.step.rescale ? outputs * rescaleCost(level) : 0) +
      folds.length * outputs * rotationCost(stage.step.rescale ? level - 1 : level);
    ciphertexts = outputs;
    return {
      ...base,
      kind: 'affine',
      rotations: (presums.length + moved(babySteps)) * inputs + (moved(giantSteps) + folds.length) * outputs,
      products: diagonals.length,
      units,
      layout: `${server.layouts[layout]?.name} x ${outputs}`,
    };
  });
}

function throughputStages(server: ServerArtefact): CountedStage[] {
  const plan = planThroughput(server.network, server.parameters, server.schedule);
  let values = 0;
  return plan.stages.map((stage): CountedStage => {
    const { level, scaleOut: scale } = stage.step;
    const base = { layers: stage.layers, level, scale, rotations: 0 };
    if (stage.kind === 'activation') {
      const products = values * (stage.activation.kind === 'square' ? 1 : 2);
      const units =
        products * 3 * level * 0.12 + stage.sums.length * (rotationCost(level) + rescaleCost(level));
      return { ...base, kind: stage.activation.kind, products, units };
    }
    values = stage.rows.length;
    const products = stage.rows.reduce((sum, row) => sum + row.columns.length, 0);
    const units =
      products * plainProductCost(level) * 0.5 + (stage.step.rescale ? values * rescaleCost(level) : 0);
    return { ...base, kind: 'affine', products, units };
  });
}
