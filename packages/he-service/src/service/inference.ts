/** One inference request: its images through the pool, a few at a time, results in order. */

import type { LayerRange } from '../worker-pool/engine.js';
import type { WorkerPool } from '../worker-pool/index.js';
import type { TaskResult } from '../worker-pool/messages.js';
import type { KeyEntry, KeyStore } from './key-store/key-store.js';
import type { ServedModel } from './models.js';

export interface Inference {
  readonly tenant: string;
  readonly model: ServedModel;
  readonly keys: KeyEntry;
  readonly images: readonly (readonly Uint8Array[])[];
  readonly range: LayerRange | undefined;
  readonly signal: AbortSignal;
}

export class InferenceRunner {
  constructor(
    readonly pool: WorkerPool,
    readonly store: KeyStore,
    /** Images of one request that wait or run at once. */
    readonly window: number,
  ) {}

  /**
   * Results in the order of the images. The first image must find room in the queue, the others are let in with it;
   * what still waits when the reader stops is cancelled.
   */
  async *run(inference: Inference): AsyncGenerator<Uint8Array[], void, undefined> {
    const { images } = inference;
    const stopped = new AbortController();
    const signal = AbortSignal.any([inference.signal, stopped.signal]);
    const pending: Promise<TaskResult>[] = [];
    let next = 0;
    const submit = () => {
      const inputs = images[next];
      if (!inputs) return;
      const result = this.#submit(inference, inputs, signal, next > 0);
      // Whoever waits for it hears of the failure; nobody does if an earlier image failed.
      result.catch(() => {});
      pending.push(result);
      next++;
    };
    try {
      for (let i = 0; i < this.window; i++) submit();
      for (let result = pending.shift(); result; result = pending.shift()) {
        const { outputs } = await result;
        submit();
        this.#check(inference, outputs);
        yield outputs;
      }
    } finally {
      stopped.abort();
    }
  }

  /** Has a worker load keys, which shows whether the engine takes them. */
  async checkKeys(tenant: string, model: ServedModel, keys: KeyEntry, path: string): Promise<void> {
    await this.pool.submit({
      tenant,
      task: { kind: 'check-keys', modelId: model.id, key: { ...this.#source(keys), place: { path } } },
    });
  }

  #submit(
    { tenant, model, keys, range }: Inference,
    inputs: readonly Uint8Array[],
    signal: AbortSignal,
    admitted: boolean,
  ): Promise<TaskResult> {
    const key = this.#source(keys);
    return this.pool.submit({
      tenant,
      task: { kind: 'evaluate', modelId: model.id, key, inputs, range },
      signal,
      admitted,
    });
  }

  #source(keys: KeyEntry) {
    return {
      tag: this.store.tag(keys),
      place: { path: this.store.path(keys) },
      sha256: keys.id,
      bytes: keys.bytes,
    };
  }

  /** An engine that answers something else than its model says is broken. */
  #check({ model, range }: Inference, outputs: readonly Uint8Array[]): void {
    const { outputCiphertexts, outputBytesMax, layers } = model.facts;
    if (outputs.length === 0) throw new Error(`model ${model.name} answered nothing`);
    if (range && range.to < layers.length - 1) return;
    if (outputs.length !== outputCiphertexts || outputs.some((output) => output.length > outputBytesMax))
      throw new Error(
        `model ${model.name} answered with ${outputs.length} ciphertexts that it did not announce`,
      );
  }
}
