/** ONNX file to compiled model. */
import { bytesToHex, randomBytes } from '@noble/hashes/utils.js';
import type { ConcreteGraph } from '@tacit/graph';
import { ARTEFACT_VERSION } from '../artefact/schemas.js';
import type { Boundary, ClientArtefact, ServerArtefact } from '../artefact/types.js';
import { ckksShape, hashParameters } from '../envelope/index.js';
import { concreteGraph } from '../network/concrete-graph.js';
import { HeModelError } from '../network/errors.js';
import { networkFromGraph } from '../network/from-graph.js';
import { type InputRange, randomInputs } from '../network/inputs.js';
import { sizeOf } from '../network/network.js';
import { type NormalNetwork, normalizeNetwork } from '../network/normalize.js';
import { splitRotations } from '../plan/baby-giant.js';
import { backendParameters } from '../plan/backend-parameters.js';
import { stepCosts } from '../plan/costs.js';
import type { Layout } from '../plan/layout.js';
import { chooseParameters, type ParameterChoice } from '../plan/parameters.js';
import { type Mode, planLatency } from '../plan/plan.js';
import { measureRanges, type Ranges } from '../plan/ranges.js';
import { depthOf, schedule } from '../plan/schedule.js';
import { chooseLayouts } from '../plan/search.js';
import type { SecurityBits } from '../plan/security.js';
import { TransformPlanner } from '../plan/slot-transform.js';
import { type Approximated, approximateActivations } from './approximate.js';
import { type CompileReport, reportOf } from './report.js';

export interface CompileOptions {
  readonly mode?: Mode;
  /** Largest error of an output that is acceptable. Default 1e-2. */
  readonly precision?: number;
  readonly security?: SecurityBits;
  /** What inputs may hold. Default 0 to 1. */
  readonly inputRange?: InputRange;
  /** Typical inputs, to choose scales by. Default: random ones in the range. */
  readonly samples?: readonly ArrayLike<number>[];
  /** Shape of the input with a batch of one, where the file leaves sizes open. */
  readonly inputShape?: readonly number[];
  /** Replace activations that are no polynomials by ones of this degree (2 to 4), fitted to the samples. */
  readonly approximate?: number;
  /** Let clients ask for a range of layers, which shows them values between layers. Default false. */
  readonly layerRanges?: boolean;
  /** A name for the model. Default 'model'. */
  readonly name?: string;
  readonly ringDegree?: number;
  /** Room for results this many times as large as the samples' where bounds are out of reach. Default 8. */
  readonly headroom?: number;
}

export interface CompiledModel {
  readonly server: ServerArtefact;
  readonly client: ClientArtefact;
  readonly report: CompileReport;
}

const SAMPLES = 32;

/**
 * Plans a network for computation on ciphertexts.
 * @param onnx the ONNX file: convolutions, average pools, pads, polynomials of degree up to 4, batch normalisation,
 *   linear layers, reshaping; one input, one output
 * @param options range and samples of the inputs, and what is wanted of precision, security and mode
 * @returns both halves of the model, and what was chosen and why
 * @throws HeModelError (HE_MODEL) naming the layer that can't be computed; HePlanError (HE_PLAN) when it is too deep or
 *   the precision is out of reach; errors of the ONNX reader
 */
export async function compileModel(onnx: Uint8Array, options: CompileOptions = {}): Promise<CompiledModel> {
  const graph = concreteGraph(onnx, options.inputShape);
  const inputRange = options.inputRange ?? { low: 0, high: 1 };
  const given = checkSamples(options.samples, graph, inputRange);
  const approximated = approximate(graph, options, given);
  const network = normalizeNetwork(networkFromGraph(graph, { approximations: approximated?.polynomials }));
  const samples = given ?? randomInputs(network, inputRange, SAMPLES);
  const ranges = measureRanges(network, inputRange, samples);
  const mode = options.mode ?? 'latency';
  const planner = new Planner(network, ranges, mode, options);
  const choice = planner.choose();
  const layouts = planner.layoutsFor(choice.parameters.ringDegree);
  const server: ServerArtefact = {
    kind: 'server',
    version: ARTEFACT_VERSION,
    name: options.name ?? 'model',
    modelId: bytesToHex(randomBytes(16)),
    mode,
    parameters: choice.parameters,
    parametersId: await hashParameters(backendParameters(choice.parameters), ckksShape(choice.parameters)),
    input: network.input,
    output: network.output,
    expectedError: choice.expectedError,
    schedule: choice.schedule,
    network,
    layouts,
    layerRanges: mode === 'latency' && (options.layerRanges ?? false),
  };
  const client = clientOf(server, inputRange);
  return { server, client, report: reportOf(server, client, choice, ranges, approximated) };
}

function checkSamples(
  samples: CompileOptions['samples'],
  graph: ConcreteGraph,
  { low, high }: InputRange,
): readonly ArrayLike<number>[] | undefined {
  if (samples === undefined || samples.length === 0) return undefined;
  const size = sizeOf(graph.inputs[0]?.shape ?? []);
  for (const sample of samples) {
    if (sample.length !== size)
      throw new HeModelError(`A sample has ${sample.length} values, the input has ${size}.`);
    for (let i = 0; i < size; i++) {
      const value = sample[i] as number;
      if (!(value >= low && value <= high))
        throw new HeModelError(
          `A sample holds ${value}, outside of the input range ${low} to ${high} (inputRange, --input-range).`,
        );
    }
  }
  return samples;
}

function approximate(
  graph: ConcreteGraph,
  options: CompileOptions,
  samples: readonly ArrayLike<number>[] | undefined,
): Approximated | undefined {
  if (options.approximate === undefined) return undefined;
  if (samples === undefined)
    throw new HeModelError(
      'Polynomials are fitted to samples: give some typical inputs (samples, --samples FILE.npy).',
    );
  return approximateActivations(graph, samples, options.approximate);
}

/** Parameters and layouts depend on each other through the ring degree; layouts are searched once for each. */
class Planner {
  private readonly layouts = new Map<number, readonly Layout[]>();

  constructor(
    private readonly network: NormalNetwork,
    private readonly ranges: Ranges,
    private readonly mode: Mode,
    private readonly options: CompileOptions,
  ) {}

  choose(): ParameterChoice {
    const options = {
      precision: this.options.precision ?? 1e-2,
      security: this.options.security ?? 128,
      // Where the client could not notice a result without room, there must be room for every result.
      headroom:
        this.mode === 'throughput' || fillsCiphertexts(this.network)
          ? Number.POSITIVE_INFINITY
          : (this.options.headroom ?? 8),
      ringDegree: this.options.ringDegree,
    };
    const [best] = chooseParameters(this.network, this.ranges, options, (ringDegree) =>
      this.noiseOf(ringDegree),
    );
    return best as ParameterChoice;
  }

  layoutsFor(ringDegree: number): readonly Layout[] {
    if (this.mode === 'throughput') return [];
    const known = this.layouts.get(ringDegree);
    if (known !== undefined) return known;
    const { layouts } = chooseLayouts(this.network, ringDegree / 2, this.levels());
    this.layouts.set(ringDegree, layouts);
    return layouts;
  }

  private noiseOf(ringDegree: number): { rotations: number[]; diagonals: number[]; folded: number[] } {
    const maps = this.network.stages.filter((stage) => stage.kind === 'affine');
    if (this.mode === 'throughput')
      return { rotations: maps.map(() => 0), diagonals: maps.map(() => 1), folded: maps.map(() => 1) };
    const layouts = this.layoutsFor(ringDegree);
    const levels = this.levels();
    const shapes = maps.map(({ matrix }, i) => {
      const [from, to] = [layouts[i] as Layout, layouts[i + 1] as Layout];
      const shape = new TransformPlanner(matrix, ringDegree / 2).shape(from, to);
      const costs = stepCosts(levels[i] as number, from.ciphertexts, to.ciphertexts);
      return { ...shape, giants: splitRotations(shape.rotations, shape.period, costs).giantSteps.length };
    });
    return {
      rotations: shapes.map(({ presums, giants, folds }) => 2 ** presums.length + giants + folds.length),
      diagonals: shapes.map(({ diagonals }) => diagonals),
      folded: shapes.map(({ folds }) => 2 ** folds.length),
    };
  }

  /** Levels of the affine maps if two primes are left at the end. */
  private levels(): number[] {
    const primes = new Array<number>(depthOf(this.network) + 2).fill(2 ** 30);
    const { steps } = schedule(this.network, { primes, scale: 2 ** 30, lastWeightScale: 1 });
    return steps.filter((step) => step.kind === 'affine').map((step) => step.level);
  }
}

/** Whether outputs may fill all slots of a ciphertext of the smallest ring, so that none is left free. */
const fillsCiphertexts = ({ output }: NormalNetwork): boolean => sizeOf(output.shape) >= 1024;

function clientOf(server: ServerArtefact, inputRange: InputRange): ClientArtefact {
  const { kind: _, schedule: plan, network, layouts, layerRanges, ...base } = server;
  const slots = server.parameters.ringDegree / 2;
  const perElement = (shape: readonly number[]): Layout => ({
    name: 'one ciphertext an element',
    slotOf: new Int32Array(),
    period: 1,
    ciphertexts: sizeOf(shape),
  });
  const layoutAt = (shape: readonly number[], index: number) => layouts[index] ?? perElement(shape);
  let affine = 0;
  const first: Boundary = {
    shape: network.input.shape,
    scale: plan.inputScale,
    level: server.parameters.primes.length,
    layout: layoutAt(network.input.shape, 0),
  };
  const between = network.stages.map((stage, i): Boundary => {
    const step = plan.steps[i];
    if (stage.kind === 'affine') affine++;
    return {
      shape: stage.shape,
      scale: step?.scaleOut ?? 1,
      level: plan.steps[i + 1]?.level ?? plan.outputLevel,
      layout: layoutAt(stage.shape, affine),
    };
  });
  return {
    ...base,
    kind: 'client',
    inputRange,
    slots,
    rotationSteps:
      server.mode === 'latency' ? planLatency(network, server.parameters, plan, layouts).rotationSteps : [],
    boundaries: layerRanges ? [first, ...between] : [first, between.at(-1) as Boundary],
    stages: layerRanges ? network.stages.map((stage) => stage.layers) : [],
  };
}
