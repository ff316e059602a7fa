/** A session on a private model: what a stub is opened as. */
import { ArgumentError } from '@tacit/errors';
import type { Connect, PrivateModel, TensorLike } from '../client.js';
import { ReleasedError, StubError } from '../errors.js';
import type { Stub } from '../stub/read-stub.js';
import { dataOf, numbersIn } from '../tensors/element-types.js';
import { type CoreRunOptions, metadataOf, type SessionCore, type SlotMetadata } from './core.js';
import { readFeeds } from './feeds.js';
import { checkMatch } from './match.js';

/** How private models are opened. */
export interface OpenOptions {
  /** Opens the model of an invite: `connect` of `@tacit/service/client`. */
  readonly connect: Connect;
  /** Called with each model that was opened, to read its `info` and `stats`. */
  readonly onConnect?: (model: PrivateModel) => void;
}

/**
 * Connects to the model of a stub.
 * @param stub what a file says
 * @param options how
 * @param signal gives up
 * @returns a session, which owns the connection
 * @throws StubError (`STUB_MODEL`) where the model has other inputs or outputs than the stub; as `connect`
 */
export async function openPrivate(
  stub: Stub,
  { connect, onConnect }: OpenOptions,
  signal?: AbortSignal,
): Promise<SessionCore> {
  const model = await connect(stub.invite, { signal });
  try {
    checkMatch(stub, model.info);
    onConnect?.(model);
  } catch (error) {
    await model.close();
    throw error;
  }
  return new PrivateSession(stub, model);
}

class PrivateSession implements SessionCore {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly SlotMetadata[];
  readonly outputMetadata: readonly SlotMetadata[];
  readonly #stub: Stub;
  readonly #model: PrivateModel;
  /** Ends when all runs so far have. */
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(stub: Stub, model: PrivateModel) {
    this.#stub = stub;
    this.#model = model;
    this.inputNames = stub.inputs.map(({ name }) => name);
    this.outputNames = stub.outputs.map(({ name }) => name);
    this.inputMetadata = metadataOf(stub.inputs);
    this.outputMetadata = metadataOf(stub.outputs);
  }

  /** Runs that are asked for while another one is under way come after it, in the order in which they were asked for. */
  async run(
    feeds: Readonly<Record<string, unknown>>,
    fetches: readonly string[],
    options: CoreRunOptions = {},
  ): Promise<Record<string, TensorLike>> {
    if (this.#closing) throw new ReleasedError();
    const unknown = fetches.find((name) => !this.outputNames.includes(name));
    if (unknown !== undefined)
      throw new ArgumentError(
        `the model has no output ${JSON.stringify(unknown)}, but ${this.outputNames.join(', ')}`,
      );
    const inputs = readFeeds(this.#stub.inputs, feeds);
    const before = this.#last;
    const result = (async () => {
      const read = await inputs;
      await before;
      options.signal?.throwIfAborted();
      return this.#outputs(await this.#model.run(read, options), fetches);
    })();
    // The next run waits for this one, however it ends.
    this.#last = result.catch(() => undefined).then(() => before);
    return result;
  }

  #outputs(
    made: Readonly<Record<string, TensorLike>>,
    fetches: readonly string[],
  ): Record<string, TensorLike> {
    return Object.fromEntries(
      fetches.map((name) => {
        const tensor = made[name];
        const type = this.#stub.outputs.find((slot) => slot.name === name)?.type ?? 'float32';
        if (!tensor)
          throw new StubError('STUB_MODEL', `the model did not give the output ${JSON.stringify(name)}`);
        const { dims, data } = tensor;
        if (tensor.type === type) return [name, { type, dims: [...dims], data }];
        return [name, { type, dims: [...dims], data: dataOf(type, numbersIn(tensor.type, data)) }];
      }),
    );
  }

  /** Runs that were asked for before are computed first. */
  release(): Promise<void> {
    this.#closing ??= this.#last.then(() => this.#model.close());
    return this.#closing;
  }
}
