/**
 * The server's side: a compiled model in memory, evaluation keys of clients, ciphertexts in, ciphertexts out. One
 * thread; computes synchronously between its awaits.
 */
import { type Ciphertext, type EvaluationKeys, Evaluator } from '@tacit/rlwe';
import { unpackServerArtefact } from '../artefact/files.js';
import type { ServerArtefact } from '../artefact/types.js';
import type { CkksContext } from '../backend/library.js';
import { loadHeLibrary } from '../backend/node-seal.js';
import { Wire } from '../envelope/wire.js';
import { HeKeyError } from '../errors.js';
import { backendParameters } from '../plan/backend-parameters.js';
import { type LatencyPlan, planLatency } from '../plan/plan.js';
import { planThroughput, type ThroughputPlan } from '../plan/throughput.js';
import { HeRangeError } from './errors.js';
import { LatencyNetwork, type Share } from './latency.js';
import type { StageObserver, StageRange } from './stages.js';
import { type BatchProgress, ThroughputNetwork } from './throughput.js';

/** Evaluation keys of one client in the memory of one model. */
export interface LoadedKeys {
  readonly keys: EvaluationKeys;
  /** Memory that they take. */
  readonly bytes: number;
  dispose(): void;
}

export interface EvaluateOptions {
  /** Some of the stages only, where the model was compiled with layer ranges. */
  readonly range?: StageRange;
  /** Latency mode: called after every stage. */
  readonly observe?: StageObserver;
  /** Throughput mode: called now and then. */
  readonly progress?: BatchProgress;
  /** Latency mode: what other threads compute of an affine map; see HeTeam. */
  readonly elsewhere?: (stage: number, prepared: readonly Ciphertext[]) => Promise<Ciphertext[][]>;
}

export class HeModel {
  private constructor(
    readonly artefact: ServerArtefact,
    readonly evaluator: Evaluator,
    private readonly context: CkksContext,
    private readonly network: LatencyNetwork | ThroughputNetwork,
    private readonly wire: Wire,
  ) {}

  /**
   * Reads the server's half of a compiled model and encodes its weights.
   * @param artefact the server's half of the model, as an object or its bytes
   * @param share the part that one of several threads computes; default all of it
   * @returns the model with its weights encoded; it needs no key
   * @throws HeArtefactError (HE_ARTEFACT)
   */
  static async load(artefact: ServerArtefact | Uint8Array, share?: Share): Promise<HeModel> {
    const server = artefact instanceof Uint8Array ? await unpackServerArtefact(artefact) : artefact;
    const { parameters } = server;
    const library = await loadHeLibrary();
    const context = library.createContext(backendParameters(parameters));
    const evaluator = await Evaluator.create(parameters);
    const network =
      server.mode === 'latency'
        ? new LatencyNetwork(
            evaluator,
            planLatency(server.network, parameters, server.schedule, server.layouts),
            share,
          )
        : new ThroughputNetwork(evaluator, planThroughput(server.network, parameters, server.schedule));
    return new HeModel(server, evaluator, context, network, new Wire(parameters, server.parametersId));
  }

  get plan(): LatencyPlan | ThroughputPlan {
    return this.network.plan;
  }

  /**
   * Ciphertexts that enter and leave, for the whole network or a range.
   * @param range stages that are evaluated; left out: all
   * @returns how many
   */
  ciphertexts(range?: StageRange): { readonly inputs: number; readonly outputs: number } {
    const { plan } = this.network;
    if (!('input' in plan)) return { inputs: plan.inputs, outputs: plan.outputs };
    const { from, to } = this.checkRange(range);
    return { inputs: ciphertextsBefore(plan, from), outputs: ciphertextsBefore(plan, to + 1) };
  }

  /**
   * Checks and expands a client's evaluation keys.
   * @param envelope what `HeClient` made for upload, from anybody
   * @returns handles to the keys, to be disposed of
   * @throws HeFormatError, HeForeignError for what are no keys under these parameters; HeKeyError (HE_KEY) when a
   *   rotation that the model needs is missing
   */
  async loadKeys(envelope: Uint8Array): Promise<LoadedKeys> {
    const opened = await this.wire.openKeys(envelope);
    const { context } = this;
    function* expanded(): Generator<Uint8Array> {
      for (const key of opened.galois) yield context.expandGaloisKeys(key);
    }
    const keys = this.evaluator.importKeys({
      relinearization: context.expandRelinearizationKey(opened.relinearization),
      galois: expanded(),
    });
    const { plan } = this.network;
    const missing = 'rotationSteps' in plan ? plan.rotationSteps.filter((step) => !keys.hasStep(step)) : [];
    const dispose = () => this.evaluator.free(keys);
    if (missing.length > 0) {
      dispose();
      throw new HeKeyError(
        `The keys lack ${missing.length} of ${'rotationSteps' in plan ? plan.rotationSteps.length : 0} rotations (first: ${missing[0]}); make them with this model's client artefact.`,
      );
    }
    return { keys, bytes: keys.bytes, dispose };
  }

  /**
   * Computes the network, or a range of its stages, on ciphertexts.
   * @param inputs envelopes of one input (latency) or one batch (throughput)
   * @param keys the client's, loaded into this model
   * @param options range, and who computes shares
   * @returns envelopes of the result
   * @throws HeFormatError, HeForeignError, HeRangeError (HE_RANGE)
   */
  async evaluate(
    inputs: readonly Uint8Array[],
    keys: LoadedKeys,
    options: EvaluateOptions = {},
  ): Promise<Uint8Array[]> {
    const range = this.checkRange(options.range);
    const expected = this.ciphertexts(options.range).inputs;
    if (inputs.length !== expected)
      throw new HeRangeError(`${inputs.length} ciphertexts were sent; the input has ${expected}.`);
    const loaded: Ciphertext[] = [];
    let results: Ciphertext[] = [];
    try {
      const scale = this.scaleAt(range.from);
      for (const input of inputs) loaded.push(this.import(await this.wire.openCiphertext(input), scale));
      const { network } = this;
      // Whatever is in memory when an evaluation fails is freed with the scope.
      results =
        options.elsewhere !== undefined && network instanceof LatencyNetwork
          ? await network.evaluateShared(loaded, keys.keys, range, options.elsewhere)
          : this.evaluator.scope(() =>
              network instanceof LatencyNetwork
                ? network.evaluate(loaded, keys.keys, range, options.observe)
                : network.evaluate(loaded, keys.keys, options.progress),
            );
      const answer: Uint8Array[] = [];
      for (const result of results)
        answer.push(await this.wire.sealCiphertext(this.evaluator.exportCiphertext(result)));
      return answer;
    } finally {
      this.evaluator.free(...loaded, ...results);
    }
  }

  /**
   * For a thread of a team: its share of one affine map.
   * @param prepared SEAL's bytes of the prepared inputs
   * @param stage number of the affine map
   * @param keys the client's, loaded into this model
   * @returns SEAL's bytes of the partial results; none where the share has no diagonals
   */
  transformShare(prepared: readonly Uint8Array[], stage: number, keys: LoadedKeys): Uint8Array[] {
    const { evaluator, network } = this;
    if (!(network instanceof LatencyNetwork)) return [];
    const inputs = prepared.map((bytes) => evaluator.importCiphertext(bytes));
    try {
      const outputs = network.transformShare(inputs, stage, keys.keys);
      const bytes = outputs.map((output) => evaluator.exportCiphertext(output));
      evaluator.free(...outputs);
      return bytes;
    } finally {
      evaluator.free(...inputs);
    }
  }

  /** Frees the weights and all native memory. */
  dispose(): void {
    this.evaluator.dispose();
    this.context.dispose();
  }

  private import(seal: Uint8Array, scale: number): Ciphertext {
    const ciphertext = this.evaluator.importCiphertext(this.context.expandCiphertext(seal));
    const fresh = this.artefact.parameters.primes.length;
    // The scale is the sender's word; another one would only give the sender wrong numbers, but it is cheap to say so.
    if (
      ciphertext.level !== fresh ||
      ciphertext.size !== 2 ||
      Math.abs(ciphertext.scale / scale - 1) > 1e-9
    ) {
      this.evaluator.free(ciphertext);
      throw new HeRangeError('A ciphertext is not fresh, or was encoded for another place in the network.');
    }
    return ciphertext;
  }

  private scaleAt(stage: number): number {
    return this.artefact.schedule.steps[stage]?.scaleIn ?? this.artefact.schedule.inputScale;
  }

  private checkRange(range?: StageRange): StageRange {
    const last = this.artefact.network.stages.length - 1;
    if (range === undefined || (range.from === 0 && range.to === last)) return { from: 0, to: last };
    if (!this.artefact.layerRanges)
      throw new HeRangeError(
        'This model was compiled without layer ranges (--layer-ranges): ask for all of it.',
      );
    const { from, to } = range;
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || from > to || to > last)
      throw new HeRangeError(`Stages ${from} to ${to} are not a range within 0 to ${last}.`);
    return range;
  }
}

/** Ciphertexts that hold the value before a stage. */
function ciphertextsBefore(plan: LatencyPlan, stage: number): number {
  let count = plan.input.ciphertexts;
  for (const { kind, ...rest } of plan.stages.slice(0, stage))
    if (kind === 'affine' && 'transform' in rest) count = rest.transform.outputs;
  return count;
}
