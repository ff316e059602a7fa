/** A session on a private model: what a stub is opened as. */
import { ArgumentError } from '@tacit/errors';
import type { PrivateModel, PrivateRunOptions, ResultTensor, TensorData, TensorLike } from '../client.js';
import { ReleasedError, StubError } from '../errors.js';
import type { Stub } from '../stub/read-stub.js';
import { dataOf, numbersIn } from '../tensors/element-types.js';
import { metadataOf, type SessionCore, type SlotMetadata } from './core.js';
import { readFeeds } from './feeds.js';

/** A model and what the program knows of it. */
export class PrivateSession implements SessionCore {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly SlotMetadata[];
  readonly outputMetadata: readonly SlotMetadata[];
  readonly #stub: Stub;
  readonly #model: PrivateModel;
  /** Runs that are under way. */
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  /**
   * @param stub what the program was written for
   * @param model open, and this session's from now on
   */
  constructor(stub: Stub, model: PrivateModel) {
    this.#stub = stub;
    this.#model = model;
    this.inputNames = stub.inputs.map(({ name }) => name);
    this.outputNames = stub.outputs.map(({ name }) => name);
    this.inputMetadata = metadataOf(stub.inputs);
    this.outputMetadata = metadataOf(stub.outputs);
  }

  /** Several runs may be under way; they are asked in the order of the calls. */
  async run(
    feeds: Readonly<Record<string, unknown>>,
    fetches: readonly string[],
    options: PrivateRunOptions = {},
  ): Promise<Record<string, TensorLike>> {
    if (this.#closing) throw new ReleasedError();
    const unknown = fetches.find((name) => !this.outputNames.includes(name));
    if (unknown !== undefined)
      throw new ArgumentError(
        `the model has no output ${JSON.stringify(unknown)}, but ${this.outputNames.join(', ')}`,
      );
    const result = (async () => {
      const read = await readFeeds(this.#stub.inputs, feeds);
      options.signal?.throwIfAborted();
      return this.#outputs(await this.#model.run(read, options), fetches);
    })();
    const ended = result.then(
      () => {},
      () => {},
    );
    this.#running.add(ended);
    ended.then(() => this.#running.delete(ended));
    return result;
  }

  #outputs(
    made: Readonly<Record<string, ResultTensor>>,
    fetches: readonly string[],
  ): Record<string, TensorLike> {
    return Object.fromEntries(
      fetches.map((name) => {
        const tensor = made[name];
        const type = this.#stub.outputs.find((slot) => slot.name === name)?.type ?? 'float32';
        if (!tensor)
          throw new StubError('STUB_MODEL', `the model did not give the output ${JSON.stringify(name)}`);
        const { dims } = tensor;
        const data = tensor.data as TensorData;
        const same = tensor.type === type;
        return [
          name,
          { type, dims: [...dims], data: same ? data : dataOf(type, numbersIn(tensor.type, data)) },
        ];
      }),
    );
  }

  /** Runs that are under way are computed first. */
  release(): Promise<void> {
    this.#closing ??= Promise.all(this.#running).then(() => this.#model.close());
    return this.#closing;
  }
}
