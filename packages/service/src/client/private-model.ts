/** A model elsewhere with tensors of onnxruntime-common, wherever the computation runs. */
import { Tensor } from 'onnxruntime-common';
import type { ModelInfo, ModelStats, PrivateModel, RunOptions } from './types.js';
import type { Answer, Feeds } from './values.js';

/** What computes: in this thread or in another one. */
export interface Asked {
  readonly info: ModelInfo;
  readonly stats: ModelStats;
  ask(feeds: Feeds, options?: RunOptions): Promise<readonly Answer[]>;
  close(): Promise<void>;
}

/**
 * With tensors.
 * @param asked what computes
 * @returns the model as programs have it
 */
export function withTensors(asked: Asked): PrivateModel {
  const close = (): Promise<void> => asked.close();
  return {
    get info() {
      return asked.info;
    },
    get stats() {
      return asked.stats;
    },
    run: async (feeds, options) =>
      Object.fromEntries(
        (await asked.ask(feeds, options)).map(({ name, type, data, dims }) => [
          name,
          new Tensor(type, data, dims),
        ]),
      ),
    close,
    [Symbol.asyncDispose]: close,
  };
}
