/** A model elsewhere, as its clients have it. */
import { Communicator } from '@tacit/comm';
import { additive, liveDealer, openSession, type ProtocolConfig } from '@tacit/mpc';
import { Ring } from '@tacit/ring';
import { Party } from '@tacit/tensor';
import { ModelClosedError, ServiceRefusedError } from '../errors.js';
import { type PlainInput, Questions } from '../program/ask-predictions.js';
import type { ModelValue, Shapes } from '../program/offer.js';
import { type ModelInvite, toHex } from '../shared/invite.js';
import { type Met, meet, type Surroundings } from './meet.js';
import type { ConnectOptions, ConnectProgress, ModelInfo, ModelStats, RunOptions } from './types.js';
import { type Answer, answerOf, type Feeds, inputsOf } from './values.js';

/** Ended sessions after which the next question opens another one: nothing was under way. */
const RESUMED = ['SESSION_IDLE', 'DRAINING', 'PEER_LEFT', 'SESSION_TIME'];
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 3000;

/** A session that is open. */
interface Open {
  readonly comm: Communicator;
  readonly questions: Questions;
  readonly finish: () => Promise<void>;
  readonly met: Met;
}

export class RemoteModel {
  readonly #invite: ModelInvite;
  readonly #around: Surroundings;
  readonly #options: ConnectOptions;
  #session: Promise<Open> | undefined;
  #info: ModelInfo | undefined;
  #closed = false;
  readonly #closing = new AbortController();
  readonly #totals = { rounds: 0, bytesSent: 0, bytesReceived: 0, runs: 0, sessions: 0, connectMs: 0 };
  #last: ModelStats['last'];

  private constructor(invite: ModelInvite, around: Surroundings, options: ConnectOptions) {
    this.#invite = invite;
    this.#around = around;
    this.#options = options;
  }

  /** Connects; see `connect`. */
  static async open(
    invite: ModelInvite,
    around: Surroundings,
    options: ConnectOptions,
  ): Promise<RemoteModel> {
    const model = new RemoteModel(invite, around, options);
    const began = performance.now();
    try {
      await model.#opened();
    } catch (error) {
      model.#closed = true;
      throw error;
    }
    model.#totals.connectMs = performance.now() - began;
    return model;
  }

  get info(): ModelInfo {
    return this.#info as ModelInfo; // known since `open`
  }

  get stats(): ModelStats {
    this.#count();
    return { ...this.#totals, last: this.#last };
  }

  /** `run`, with answers that are no tensors of any library yet. */
  async ask(feeds: Feeds, options: RunOptions = {}): Promise<readonly Answer[]> {
    const { signal, onProgress } = options;
    signal?.throwIfAborted();
    if (this.#closed) throw new ModelClosedError();
    const { inputs, outputs } = this.info;
    const given = inputsOf(feeds, inputs);
    const began = performance.now();
    onProgress?.({ phase: 'running', done: 0 });
    const open = await abortable(this.#opened(signal), signal);
    this.#count();
    const before = { ...this.#totals };
    const parts = partsOf(given, inputs);
    const answers = await abortable(Promise.all(parts.map((part) => open.questions.run(part))), signal).catch(
      (error) => {
        throw this.#closed
          ? new ModelClosedError('the model was closed before it had answered', { cause: error })
          : error;
      },
    );
    this.#count();
    this.#totals.runs++;
    this.#last = {
      rounds: this.#totals.rounds - before.rounds,
      bytesSent: this.#totals.bytesSent - before.bytesSent,
      bytesReceived: this.#totals.bytesReceived - before.bytesReceived,
      ms: performance.now() - began,
    };
    onProgress?.({ phase: 'running', done: 1 });
    return outputs.map(({ name, type }, i) =>
      answerOf(name, joined(answers.map((answer) => answer[i])), type),
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const session = this.#session;
    this.#session = undefined;
    const open = await session?.catch(() => undefined);
    if (open) {
      this.#count();
      await open.finish().catch(() => {});
    }
    this.#closing.abort(new ModelClosedError());
  }

  /** The open session, or a new one. */
  #opened(signal?: AbortSignal): Promise<Open> {
    if (this.#session !== undefined) return this.#session;
    const session = this.#connect(signal);
    this.#session = session;
    session.then(
      ({ comm }) =>
        comm.onAbort((error) => {
          // Questions that were under way have failed; the next one gets a session of its own.
          const { code = '' } = error as { code?: string };
          const foreign = (error as { remoteCode?: string }).remoteCode ?? '';
          if (this.#session === session && (RESUMED.includes(code) || RESUMED.includes(foreign)))
            this.#session = undefined;
        }),
      () => {
        if (this.#session === session) this.#session = undefined;
      },
    );
    return session;
  }

  async #connect(during?: AbortSignal): Promise<Open> {
    const { signal: given, onProgress, waitMs = 30_000 } = this.#options;
    const signal = AbortSignal.any([
      this.#closing.signal,
      ...[given, during].filter((one) => one !== undefined),
    ]);
    const tell = (progress: ConnectProgress): void => onProgress?.(progress);
    tell({ phase: 'connecting' });
    const loading = Ring.load();
    const met = await this.#met(signal, waitMs, tell);
    const { offer, transport } = met;
    const { limits } = offer;
    const names = ['this client', offer.service, offer.dealer];
    const comm = new Communicator(transport, { timeoutMs: limits.timeoutMs, names });
    const cancel = (): void => comm.abort(signal.reason as Error);
    signal.addEventListener('abort', cancel);
    try {
      const config = offer.config as Partial<ProtocolConfig>;
      const suite = additive({ randomness: liveDealer() });
      const engine = await openSession({ comm, ring: await loading, suite, config });
      const questions = await Questions.open(new Party(engine));
      this.#info = this.#told(questions, offer);
      tell({ phase: 'preparing' });
      const shapes = this.#firstShapes(questions);
      if (shapes) await questions.prepare(shapes);
      tell({ phase: 'ready' });
      this.#totals.sessions++;
      this.#current = questions;
      this.#count();
      const finish = async (): Promise<void> => {
        try {
          await questions.end();
          await engine.finish();
        } finally {
          signal.removeEventListener('abort', cancel);
          await comm.close();
        }
      };
      return { comm, questions, finish, met };
    } catch (error) {
      signal.removeEventListener('abort', cancel);
      await comm.close();
      throw signal.aborted ? signal.reason : error;
    }
  }

  /** A service that is busy is asked again for a while. */
  async #met(signal: AbortSignal, waitMs: number, tell: (progress: ConnectProgress) => void): Promise<Met> {
    const until = performance.now() + waitMs;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        return await meet(this.#invite, this.#around, signal);
      } catch (error) {
        const busy = error instanceof ServiceRefusedError && error.remoteCode === 'BUSY';
        if (!busy || performance.now() + pause > until) throw error;
        tell({ phase: 'waiting', reason: error.message });
      }
      // So that clients that came together do not come back together.
      const jitter = 0.5 + (crypto.getRandomValues(new Uint8Array(1))[0] as number) / 256;
      await abortable(new Promise((resolve) => setTimeout(resolve, pause * jitter)), signal);
    }
  }

  /** What the caller says is to come, one for each size that it leaves open; or what the service says that fits. */
  #firstShapes({ inputs, example }: Questions): Shapes | undefined {
    const { inputShapes } = this.#options;
    if (inputShapes === undefined) return example;
    return inputs.map(
      ({ name, shape }) => inputShapes[name] ?? shape.map((dim) => (typeof dim === 'number' ? dim : 1)),
    );
  }

  #told({ inputs, outputs }: Questions, { service, dealer }: Met['offer']): ModelInfo {
    const { model, dealerKey, ownDealer } = this.#invite;
    const names = (values: readonly ModelValue[]): string => values.map(({ name }) => name).join(', ');
    return {
      name: model,
      service,
      dealer: { name: dealer, key: toHex(dealerKey), ofTheService: ownDealer },
      inputs,
      outputs,
      learns: {
        client: [
          `the outputs (${names(outputs)})`,
          'the architecture and shapes of the model, not its weights',
        ],
        service: [
          'how many questions, when, and of which shapes',
          `nothing of the inputs (${names(inputs)}) or outputs`,
        ],
        dealer: [
          'the operations and their shapes',
          'nothing of inputs, outputs or weights, unless it colludes',
        ],
      },
    };
  }

  /** Adds what has passed since the last look. */
  #count(): void {
    const { stats } = this.#current ?? {};
    if (stats === undefined) return;
    const { rounds, peers } = stats.snapshot();
    // Rounds are counted from the last reset.
    stats.reset();
    this.#totals.rounds += rounds;
    this.#totals.bytesSent += peers.reduce((sum, peer) => sum + peer.bytesSent, 0);
    this.#totals.bytesReceived += peers.reduce((sum, peer) => sum + peer.bytesReceived, 0);
  }
  /** Of the session whose counters are read. */
  #current: Questions | undefined;
}

/** A batch larger than the file fixes, as several questions. */
function partsOf(
  given: readonly PlainInput[],
  inputs: readonly ModelValue[],
): readonly (readonly PlainInput[])[] {
  const counts = given.map(({ shape }, i) => {
    const batch = inputs[i]?.shape[0];
    return typeof batch === 'number' && shape.length > 0 ? (shape[0] as number) / batch : 1;
  });
  const count = Math.max(...counts);
  if (!(count > 1) || counts.some((one) => one !== count)) return [given];
  return Array.from({ length: count }, (_, part) =>
    given.map(({ shape, data }) => {
      const size = data.length / count;
      return {
        shape: [(shape[0] as number) / count, ...shape.slice(1)],
        data: data.subarray(part * size, (part + 1) * size),
      };
    }),
  );
}

function joined(parts: readonly ({ shape: readonly number[]; data: Float64Array } | undefined)[]) {
  const [first = { shape: [], data: new Float64Array(0) }] = parts;
  if (parts.length === 1) return first;
  const data = new Float64Array(parts.length * first.data.length);
  for (const [i, part] of parts.entries()) data.set(part?.data ?? [], i * first.data.length);
  return { shape: [parts.length * (first.shape[0] ?? 1), ...first.shape.slice(1)], data };
}

/** A caller that gives up is not kept waiting; what is under way goes on. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason as Error);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
