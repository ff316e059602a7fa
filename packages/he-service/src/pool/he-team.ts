/** A compiled model whose rotations are spread over threads: one input at a time, faster. Node.js only. */
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { HeArgumentError, HeLibraryError, HeModel, type LoadedKeys } from '@tacit/he';
import { threadModule } from '../location.js';
import type { FromHelper, TeamSetup, ToHelper } from './team-messages.js';

export interface HeTeamOptions {
  /** Threads, this one included. Default 2. */
  readonly threads?: number;
}

/** Evaluation keys that all threads of the team have loaded. */
export interface TeamKeys {
  readonly id: string;
  readonly own: LoadedKeys;
}

type WithoutCall<T> = T extends { readonly call: number } ? Omit<T, 'call'> : never;

/**
 * Every affine map is cut by its giant steps: each thread rotates the inputs by the baby steps, multiplies and rotates
 * its part of the sums; the caller's thread adds the parts and does the rest. Activations are not shared. For many
 * inputs HePool serves more of them a second, since nothing is computed twice there.
 */
export class HeTeam {
  private constructor(
    readonly model: HeModel,
    private readonly helpers: readonly Helper[],
  ) {}

  /**
   * @param server bytes of the server's half of a model that was compiled for latency
   * @param options number of threads
   * @returns a team whose threads have all loaded the model
   * @throws HeArgumentError for a number of threads that is not 1 to 64, and for models compiled for throughput
   */
  static async create(server: Uint8Array, { threads = 2 }: HeTeamOptions = {}): Promise<HeTeam> {
    if (!Number.isInteger(threads) || threads < 1 || threads > 64)
      throw new HeArgumentError(`a team has 1 to 64 threads, not ${threads}`);
    const model = await HeModel.load(server, { index: 0, of: threads });
    if (model.artefact.mode !== 'latency') {
      model.dispose();
      throw new HeArgumentError('only models compiled for latency have rotations to share');
    }
    const helpers = Array.from(
      { length: threads - 1 },
      (_, i) => new Helper({ server, share: { index: i + 1, of: threads } }),
    );
    try {
      await Promise.all(helpers.map((helper) => helper.ready));
    } catch (error) {
      await Promise.all(helpers.map((helper) => helper.close()));
      model.dispose();
      throw error;
    }
    return new HeTeam(model, helpers);
  }

  /**
   * Checks a client's evaluation keys and loads them in every thread.
   * @param envelope what `HeClient` made for upload, from anybody
   * @returns handles to the keys, for `evaluate`
   */
  async loadKeys(envelope: Uint8Array): Promise<TeamKeys> {
    const own = await this.model.loadKeys(envelope);
    const shared = new SharedArrayBuffer(envelope.length);
    new Uint8Array(shared).set(envelope);
    const id = createHash('sha256').update(envelope).digest('hex');
    await Promise.all(this.helpers.map((helper) => helper.call({ type: 'keys', id, envelope: shared })));
    return { id, own };
  }

  /**
   * Envelopes of one input in, those of its result out. One call at a time.
   * @param inputs one envelope for each ciphertext of the input
   * @param keys of this team
   * @returns one envelope for each ciphertext of the result
   */
  evaluate(inputs: readonly Uint8Array[], keys: TeamKeys): Promise<Uint8Array[]> {
    const { evaluator } = this.model;
    return this.model.evaluate(inputs, keys.own, {
      elsewhere: async (stage, prepared) => {
        const bytes = prepared.map((x) => evaluator.exportCiphertext(x));
        const parts = await Promise.all(
          this.helpers.map((helper) => helper.call({ type: 'transform', id: keys.id, stage, inputs: bytes })),
        );
        return parts.map((outputs) => outputs.map((output) => evaluator.importCiphertext(output)));
      },
    });
  }

  /**
   * Forgets a client's keys in every thread.
   * @param keys of this team
   */
  dropKeys(keys: TeamKeys): void {
    keys.own.dispose();
    for (const helper of this.helpers) helper.post({ type: 'drop', id: keys.id });
  }

  /** Ends the threads, also while they compute, and frees the model. */
  async close(): Promise<void> {
    await Promise.all(this.helpers.map((helper) => helper.close()));
    this.model.dispose();
  }

  /** Calls `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

interface Waiting {
  readonly resolve: (outputs: readonly Uint8Array[]) => void;
  readonly reject: (error: Error) => void;
}

class Helper {
  readonly ready: Promise<void>;
  readonly #thread: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #lost: Error | undefined;

  constructor(setup: TeamSetup) {
    this.#thread = new Worker(threadModule('pool/team-helper'), { name: 'he-team', workerData: setup });
    this.ready = new Promise((resolve, reject) => {
      this.#thread.on('message', (message: FromHelper) => {
        if (message.type === 'ready') resolve();
        else this.#hear(message);
      });
      this.#thread.on('error', (error) => reject(this.#lose(error.message)));
      this.#thread.once('exit', (code) => reject(this.#lose(`it ended with code ${code}`)));
    });
    // Whoever created the team awaits it; without that a failure must not end the process.
    this.ready.catch(() => undefined);
  }

  call(message: WithoutCall<ToHelper>): Promise<readonly Uint8Array[]> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const call = this.#calls++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
      this.post({ ...message, call } as ToHelper);
    });
  }

  post(message: ToHelper): void {
    this.#thread.postMessage(message);
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }

  #hear(message: Exclude<FromHelper, { type: 'ready' }>): void {
    const waiting = this.#waiting.get(message.call);
    this.#waiting.delete(message.call);
    if (message.type === 'done') waiting?.resolve(message.outputs);
    else waiting?.reject(new HeLibraryError(`a thread of the team failed: ${message.message}`));
  }

  #lose(why: string): Error {
    this.#lost ??= new HeLibraryError(`a thread of the team is gone: ${why}; make a new team`);
    for (const { reject } of this.#waiting.values()) reject(this.#lost);
    this.#waiting.clear();
    return this.#lost;
  }
}
