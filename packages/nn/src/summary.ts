/** A model as a table, in the style of Keras and torchinfo: layers, shapes, parameters, and what an inference costs. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { checkOptions, sizeOf } from '@tacit/graph';
import { costEngine, defaultConfig, type ProtocolConfig } from '@tacit/mpc';
import { type CrypTensor, type OwnedTensor, Party } from '@tacit/tensor';
import { CostTrace, type TracedModule } from './cost-trace.js';
import { countingRing } from './counting-ring.js';
import type { EncryptionMode, Parameter } from './parameter.js';

/** For whom costs are counted. */
export interface SummaryOptions {
  /** Computing parties. Default 2. */
  readonly parties?: number;
  /** How the weights are protected. Default 'shared' for models with parameters that are trained, 'owned' for others. */
  readonly mode?: EncryptionMode;
  /** Settings that the parties would have. Default those of a launch without settings. */
  readonly config?: Partial<ProtocolConfig>;
}

/** A layer of a model. */
export interface LayerSummary {
  /** The fields that lead to it; empty for the model itself. */
  readonly name: string;
  /** Name of its class. */
  readonly type: string;
  /** Undefined for a layer that is not called. */
  readonly outputShape: readonly number[] | undefined;
  /** Numbers that are trained, without those of the layers inside of it. */
  readonly trained: number;
  /** Numbers that are fixed: buffers, and parameters that are not trained. */
  readonly fixed: number;
  /** What it adds to the longest chain of messages of an inference. */
  readonly rounds: number;
  /** Bytes that all parties send, together. */
  readonly bytes: number;
  readonly dealerBytes: number;
}

/** What `summary` needs of a module. */
export interface Summarized extends TracedModule {
  readonly training: boolean;
  modules(): Iterable<Summarized>;
  multiplied(): Iterable<Parameter>;
  parameters(): Iterable<Parameter>;
  buffers(): Iterable<Parameter>;
  train(training: boolean): unknown;
}

/** A model as a table. */
export class ModelSummary {
  /** In the order of their calls. */
  readonly layers: readonly LayerSummary[];
  readonly trained: number;
  readonly fixed: number;
  /** Of one inference, from the input to the output, which is revealed to one party. */
  readonly rounds: number;
  /** Bytes that all parties send, together, in one inference. Payload: messages have keys of some ten bytes beside it. */
  readonly bytes: number;
  readonly dealerBytes: number;
  /** Bytes that are sent once for a model, before the first inference. */
  readonly setupBytes: number;

  /**
   * Made by `summary`.
   * @param inputShapes of the inputs
   * @param layers rows
   * @param totals sums
   */
  constructor(
    readonly inputShapes: readonly (readonly number[])[],
    layers: readonly LayerSummary[],
    totals: Pick<ModelSummary, 'rounds' | 'bytes' | 'dealerBytes' | 'setupBytes' | 'parties' | 'mode'>,
  ) {
    this.layers = layers;
    this.trained = sum(layers.map(({ trained }) => trained));
    this.fixed = sum(layers.map(({ fixed }) => fixed));
    this.rounds = totals.rounds;
    this.bytes = totals.bytes;
    this.dealerBytes = totals.dealerBytes;
    this.setupBytes = totals.setupBytes;
    this.parties = totals.parties;
    this.mode = totals.mode;
  }
  readonly parties: number;
  readonly mode: EncryptionMode;

  /** All numbers of the model. */
  get parameters(): number {
    return this.trained + this.fixed;
  }

  /**
   * The table.
   * @returns lines of text
   */
  toString(): string {
    const rows = this.layers.map((layer) => [
      `${layer.name === '' ? '' : `${layer.name} `}(${layer.type})`.trim(),
      layer.outputShape ? `[${layer.outputShape.join(', ')}]` : 'not used',
      number(layer.trained + layer.fixed),
      number(layer.rounds),
      size(layer.bytes),
      size(layer.dealerBytes),
    ]);
    const head = ['Layer', 'Output shape', 'Parameters', 'Rounds', 'Sent', 'By the dealer'];
    const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
    const line = (cells: readonly string[]) =>
      cells
        .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd();
    const rule = '─'.repeat(sum(widths) + 2 * (widths.length - 1));
    const inputs = this.inputShapes.map((shape) => `[${shape.join(', ')}]`).join(', ');
    return [
      rule,
      line(head),
      rule,
      ...rows.map(line),
      rule,
      `Input ${inputs}, ${this.parties} parties, weights ${this.mode === 'owned' ? 'kept by their owner' : 'shared'}`,
      `Parameters ${number(this.parameters)}: ${number(this.trained)} trained, ${number(this.fixed)} fixed`,
      `An inference: ${number(this.rounds)} rounds, ${size(this.bytes)} by the parties, ${size(this.dealerBytes)} by the dealer`,
      `Before the first one: ${size(this.setupBytes)}`,
      rule,
    ].join('\n');
  }
}

/** Whom the model and the input belong to: who it is does not matter for the sums. */
const MODEL_OWNER = 0;
const DATA_OWNER = 1;

/**
 * A model as a table, from the shape of its input alone; the model stays as it is, encrypted or not. Nothing is computed.
 * @param model the model
 * @param inputShape shape of the input, or shapes of several
 * @param options parties, mode, settings
 * @returns rows and sums, with `toString()`
 * @throws ShapeError where the input does not fit the model; ArgumentError for options that do not exist
 */
export function summarize(
  model: Summarized,
  inputShape: readonly number[] | readonly (readonly number[])[],
  options: SummaryOptions = {},
): ModelSummary {
  checkOptions('summary', options, ['parties', 'mode', 'config']);
  const inputShapes = shapesOf(inputShape);
  const state = [...model.parameters(), ...model.buffers()];
  const trains = state.some(({ requiresGrad }) => requiresGrad);
  const { parties = 2, mode = trains ? 'shared' : 'owned', config } = options;
  if (mode !== 'owned' && mode !== 'shared')
    throw new ArgumentError(`summary: mode is 'owned' or 'shared', not '${String(mode)}'`);
  if (!Number.isInteger(parties) || parties < 2 || parties > 64)
    throw new ArgumentError(`summary: parties is a whole number from 2 to 64, not ${String(parties)}`);
  const engine = costEngine(countingRing, parties, { ...defaultConfig, ...config });
  const { session } = engine;
  const party = new Party(engine);
  const modules = [...model.modules()].map((module) => [module, module.training] as const);
  const restore = state.map((parameter) => parameter.lend(standIn(party, parameter, mode)));
  try {
    model.train(false);
    for (const parameter of model.multiplied()) parameter.masked.catch(() => {}); // never comes
    const setupBytes = sum(session.operations.map(({ bytes }) => bytes));
    const before = session.issued;
    const trace = new CostTrace(session);
    party.tidy(() => {
      const inputs = inputShapes.map((shape) => party.cryptensor(undefined, { src: DATA_OWNER, shape }));
      const y = trace.modules(model, () => model.forward(...inputs));
      trace.part('output', () => void y.revealFloat64({ to: DATA_OWNER }).catch(() => {}));
    });
    const operations = session.operations.slice(before);
    return new ModelSummary(inputShapes, rowsOf(model, trace), {
      rounds: session.rounds,
      bytes: sum(operations.map(({ bytes }) => bytes)),
      dealerBytes: sum(operations.map(({ dealerBytes }) => dealerBytes)),
      setupBytes,
      parties,
      mode,
    });
  } finally {
    for (const put of restore) put();
    // From the outside in: each call also reaches what is below.
    for (const [module, training] of modules) module.train(training);
  }
}

function shapesOf(given: readonly number[] | readonly (readonly number[])[]): readonly (readonly number[])[] {
  const several = Array.isArray(given) && given.length > 0 && given.every(Array.isArray);
  const shapes = (several ? given : [given]) as readonly (readonly number[])[];
  for (const shape of shapes)
    if (!Array.isArray(shape) || !shape.every((d) => Number.isSafeInteger(d) && d >= 0))
      throw new ShapeError(`summary: [${String(shape)}] is not the shape of an input, such as [1, 784]`);
  return shapes;
}

function standIn(party: Party, { shape, scales }: Parameter, mode: EncryptionMode): CrypTensor | OwnedTensor {
  const options = { src: MODEL_OWNER, shape, scales };
  return mode === 'owned' ? party.owned(undefined, options) : party.weights(undefined, options);
}

/** A row a call; a module that only calls others has none. Parameters count once, where their module is called first. */
function rowsOf(model: Summarized, { parts }: CostTrace): LayerSummary[] {
  const named = new Map<TracedModule, string>();
  const counted = new Set<unknown>();
  const walk = (module: TracedModule, name: string): void => {
    if (named.has(module)) return;
    named.set(module, name);
    for (const [field, member] of module.members())
      if (isModule(member)) walk(member, name === '' ? field : `${name}.${field}`);
  };
  walk(model, '');
  const numbersOf = (module: TracedModule) => {
    let [trained, fixed] = [0, 0];
    for (const [, member] of module.members()) {
      if (isModule(member) || counted.has(member)) continue;
      counted.add(member);
      const { shape, requiresGrad } = member as Parameter;
      if (requiresGrad) trained += sizeOf(shape);
      else fixed += sizeOf(shape);
    }
    return { trained, fixed };
  };
  const isLeaf = (module: TracedModule): boolean =>
    [...module.members()].every(([, member]) => !isModule(member));
  const rows = parts.flatMap(({ name, module, shape, rounds, bytes, dealerBytes }): LayerSummary[] => {
    const numbers = module ? numbersOf(module) : { trained: 0, fixed: 0 };
    const works = rounds > 0 || bytes > 0 || numbers.trained + numbers.fixed > 0;
    if (module && !isLeaf(module) && !works) return [];
    const type = module?.constructor.name ?? 'revealed';
    return [{ name, type, outputShape: shape ?? outputOf(parts), ...numbers, rounds, bytes, dealerBytes }];
  });
  const called = new Set(parts.map(({ module }) => module));
  const unused = [...named].flatMap(([module, name]): LayerSummary[] => {
    if (called.has(module)) return [];
    const numbers = numbersOf(module);
    if (numbers.trained + numbers.fixed === 0) return [];
    const nothing = { rounds: 0, bytes: 0, dealerBytes: 0 };
    return [{ name, type: module.constructor.name, outputShape: undefined, ...numbers, ...nothing }];
  });
  return [...rows, ...unused];
}

const outputOf = (parts: CostTrace['parts']): readonly number[] | undefined =>
  parts.find(({ module }) => module !== undefined)?.shape;

const isModule = (member: unknown): member is TracedModule =>
  typeof member === 'object' && member !== null && 'forward' in member && 'members' in member;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** With commas between thousands, whatever the language of the machine. */
const number = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toPrecision(3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toPrecision(3)} MB` : `${(bytes / 1e9).toPrecision(3)} GB`;
}
