/**
 * @packageDocumentation Asking models of others in private, from a web page. Everything that computes runs in a worker; no
 * SharedArrayBuffer, so that a page needs neither COOP nor COEP. A strict Content-Security-Policy needs `'wasm-unsafe-eval'`
 * in script-src, `'self'` in worker-src and the addresses of service and dealer in connect-src.
 */
import { foreignCode, TacitError } from '@tacit/errors';
import {
  ModelClosedError,
  ModelFeedsError,
  ServiceInviteError,
  ServiceProtocolError,
  ServiceRefusedError,
  ServiceUnreachableError,
} from '../errors.js';
import { checkedInvite } from './check.js';
import { type Asked, withTensors } from './private-model.js';
import type { ConnectOptions, ModelInfo, ModelStats, PrivateModel, RunOptions } from './types.js';
import type { Answer, Feeds } from './values.js';
import type { FromWorker, SentError, ToWorker } from './worker-messages.js';

export * from './exports.js';

/**
 * Connects to a model that somebody serves, and prepares it: the first question then takes as long as later ones.
 * @param invite `tacit:1:…`, from the owner of the model. A secret
 * @param options a signal, progress, shapes to prepare for, the dealer that is trusted, where the worker is
 * @returns the model; close it
 * @throws ServiceInviteError for a text that is no invite, ServiceUnreachableError, ServiceRefusedError with the reason;
 *   errors with the code of what failed in the worker
 * @example
 * const model = await connect('tacit:1:…');
 * const { logits } = await model.run({ input: pixels });
 */
export async function connect(invite: string, options: ConnectOptions = {}): Promise<PrivateModel> {
  checkedInvite(invite, options, ['worker']);
  const { signal, onProgress, worker, ...sent } = options;
  signal?.throwIfAborted();
  const asked = new ModelInWorker(workerOf(worker), onProgress);
  return withTensors(await asked.connect(invite, sent, signal));
}

function workerOf(given: string | URL | Worker | undefined): Worker {
  if (typeof given === 'string' || given instanceof URL)
    return new Worker(given, { type: 'module', name: 'tacit' });
  // In one piece, which is what bundlers look for.
  return (
    given ??
    new Worker(new URL('../../worker/client-worker.js', import.meta.url), { type: 'module', name: 'tacit' })
  );
}

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

class ModelInWorker implements Asked {
  readonly #worker: Worker;
  readonly #questions = new Map<number, Waiting<readonly Answer[]>>();
  /** Ends everything. */
  #signal: AbortSignal | undefined;
  #connecting: Waiting<void> | undefined;
  #closing: Waiting<void> | undefined;
  #closed = false;
  #asked = 0;
  #info: ModelInfo | undefined;
  #stats: ModelStats | undefined;

  constructor(worker: Worker, onProgress: ConnectOptions['onProgress']) {
    this.#worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === 'progress') onProgress?.(data.progress);
      else this.#onMessage(data);
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#fail(
        new ModelClosedError(
          `the worker of the page failed${event.message ? `: ${event.message}` : ': can the page load worker/client-worker.js, and does its Content-Security-Policy allow workers?'}`,
        ),
      );
    });
  }

  get info(): ModelInfo {
    return this.#info as ModelInfo; // known since `connect`
  }
  get stats(): ModelStats {
    return this.#stats as ModelStats;
  }

  async connect(
    invite: string,
    options: Extract<ToWorker, { type: 'connect' }>['options'],
    signal: AbortSignal | undefined,
  ): Promise<this> {
    this.#signal = signal;
    signal?.addEventListener('abort', this.#abort);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#connecting = { resolve, reject };
        this.#post({ type: 'connect', invite, options });
      });
      return this;
    } catch (error) {
      signal?.removeEventListener('abort', this.#abort);
      this.#worker.terminate();
      throw signal?.aborted ? signal.reason : error;
    }
  }

  async ask(feeds: Feeds, { signal, onProgress }: RunOptions = {}): Promise<readonly Answer[]> {
    signal?.throwIfAborted();
    if (this.#closed) throw new ModelClosedError();
    const id = this.#asked++;
    onProgress?.({ phase: 'running', done: 0 });
    let giveUp = (): void => {};
    const answers = await new Promise<readonly Answer[]>((resolve, reject) => {
      giveUp = () => reject(signal?.reason);
      signal?.addEventListener('abort', giveUp);
      this.#questions.set(id, { resolve, reject });
      this.#post({ type: 'run', id, feeds: cloneable(feeds) });
    }).finally(() => signal?.removeEventListener('abort', giveUp));
    onProgress?.({ phase: 'running', done: 1 });
    return answers;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal?.removeEventListener('abort', this.#abort);
    await new Promise<void>((resolve) => {
      this.#closing = { resolve, reject: () => resolve() };
      this.#post({ type: 'close' });
    });
    this.#worker.terminate();
    this.#fail(
      this.#signal?.aborted
        ? this.#signal.reason
        : new ModelClosedError('the model was closed before it had answered'),
    );
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #onMessage(message: Exclude<FromWorker, { type: 'progress' }>): void {
    if (message.type === 'connected') {
      this.#info = message.info;
      this.#stats = message.stats;
      this.#connecting?.resolve();
    } else if (message.type === 'answer') {
      this.#stats = message.stats;
      this.#questions.get(message.id)?.resolve(message.answers);
      this.#questions.delete(message.id);
    } else if (message.type === 'closed') this.#closing?.resolve();
    else if (message.id === undefined) this.#connecting?.reject(received(message.error));
    else {
      this.#questions
        .get(message.id)
        ?.reject(this.#signal?.aborted ? this.#signal.reason : received(message.error));
      this.#questions.delete(message.id);
    }
  }

  /** Gives up connecting; once that is over, ends the session and the worker. */
  readonly #abort = (): void => {
    this.#post({ type: 'abort' });
    if (this.#info !== undefined) void this.close();
  };

  #fail(error: unknown): void {
    this.#closed = true;
    this.#connecting?.reject(error);
    this.#closing?.resolve();
    for (const question of this.#questions.values()) question.reject(error);
    this.#questions.clear();
  }
}

/** Tensors are objects with getters, which a message would lose. */
function cloneable(feeds: Feeds): Feeds {
  if (typeof feeds !== 'object' || feeds === null || ArrayBuffer.isView(feeds) || 'dims' in feeds)
    return feeds;
  return Object.fromEntries(
    Object.entries(feeds).map(([name, given]) =>
      typeof given === 'object' && given !== null && 'dims' in given
        ? [name, { dims: [...given.dims], data: given.data }]
        : [name, given],
    ),
  );
}

/** What went wrong in the worker, with its class where programs know it. */
function received({ code, message, ...details }: SentError): Error {
  if (code === undefined) return new Error(message);
  const Known = KNOWN[code];
  if (Known === undefined) return Object.assign(new TacitError(foreignCode(code), message), details);
  const error = Object.create(Known.prototype) as Error;
  return Object.assign(error, { name: Known.name, message, code, ...details });
}

const KNOWN: Readonly<Record<string, { readonly name: string; readonly prototype: Error } | undefined>> = {
  MODEL_CLOSED: ModelClosedError,
  MODEL_FEEDS: ModelFeedsError,
  MODEL_INVITE: ServiceInviteError,
  MODEL_PROTOCOL: ServiceProtocolError,
  MODEL_REFUSED: ServiceRefusedError,
  MODEL_UNREACHABLE: ServiceUnreachableError,
};
