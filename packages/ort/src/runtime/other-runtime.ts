/** Files that are no stubs, given to an ONNX Runtime of the program's choice. */
import type { TensorData, TensorLike } from '../client.js';
import type { FileSource } from '../load-file.js';
import type { SessionCore, SlotMetadata } from '../session/core.js';
import { readTensor } from '../tensors/read-tensor.js';

/** The part of an ONNX Runtime that is needed: onnxruntime-web, onnxruntime-node, … */
export interface OtherRuntime {
  readonly InferenceSession: { create(...given: never[]): Promise<OtherSession> };
  readonly Tensor: new (...given: never[]) => unknown;
}

interface OtherSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata?: readonly unknown[];
  readonly outputMetadata?: readonly unknown[];
  run(...given: never[]): Promise<unknown>;
  release(): Promise<void>;
}

/** The calls that are made, whatever overloads there are. */
type Create = (model: FileSource, options: object) => Promise<OtherSession>;
type NewTensor = new (type: string, data: TensorData, dims: readonly number[]) => unknown;
type Run = (feeds: object, fetches: readonly string[]) => Promise<Readonly<Record<string, unknown>>>;

/**
 * A session of another runtime. Tensors are made anew for it, of its own class, and so are what it gives.
 * @param runtime the other runtime
 * @param source the file
 * @param options of the session, as the program gave them
 * @returns the session
 * @throws what the runtime throws
 */
export async function openOther(
  runtime: OtherRuntime,
  source: FileSource,
  options: Readonly<Record<string, unknown>>,
): Promise<SessionCore> {
  const { InferenceSession } = runtime;
  const session = await (InferenceSession.create as Create).call(InferenceSession, source, options);
  const OwnTensor = runtime.Tensor as NewTensor;
  const { inputNames, outputNames, inputMetadata, outputMetadata } = session;
  return {
    inputNames,
    outputNames,
    inputMetadata: (inputMetadata ?? []) as readonly SlotMetadata[],
    outputMetadata: (outputMetadata ?? []) as readonly SlotMetadata[],
    run: async (feeds, fetches) => {
      const given: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(feeds)) {
        const { type, data, dims } = await readTensor(name, value);
        given[name] = new OwnTensor(type, data, dims);
      }
      const made = await (session.run as Run).call(session, given, fetches);
      const read: Record<string, TensorLike> = {};
      for (const name of fetches) read[name] = await readTensor(name, made[name]);
      return read;
    },
    release: () => session.release(),
  };
}
