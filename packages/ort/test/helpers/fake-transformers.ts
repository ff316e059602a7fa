/**
 * What @huggingface/transformers 4.3.1 does with a runtime, and nothing else of it: src/backends/onnx.js, src/models/session.js,
 * src/ops/registry.js, src/utils/tensor.js and two pipelines, in as few lines as show every call.
 */
import { topK } from './small-graphs.js';

/** The class of tensors of the copy of onnxruntime-common that the library imports. */
export type NewTensor = new (type: string, data: unknown, dims: readonly number[]) => OrtTensor;

interface OrtTensor {
  readonly type: string;
  readonly data: ArrayLike<number>;
  readonly dims: readonly number[];
}

interface Session {
  readonly inputNames: readonly string[];
  config?: unknown;
  run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>;
  release(): Promise<void>;
}

interface Injected {
  readonly InferenceSession: { create(model: unknown, options: object): Promise<Session> };
  // biome-ignore lint/complexity/noBannedTypes: whatever is on the right of instanceof
  readonly Tensor: Function;
  readonly env: {
    wasm?: Record<string, unknown>;
    webgpu?: object;
    versions?: { web?: string };
    logLevel?: string;
  };
}

export interface Scored {
  readonly label: string;
  readonly score: number;
}

/** Its tensors hold one of onnxruntime's. */
class Wrapped {
  constructor(readonly ort_tensor: OrtTensor) {}
}

const LABELS = ['red', 'green', 'blue', 'dark'];
const MOODS = ['NEGATIVE', 'POSITIVE'];

export class FakeTransformers {
  readonly #onnx: Injected;
  readonly #Tensor: NewTensor;
  readonly #sessions: Session[] = [];
  #topK: Promise<Session> | undefined;

  /** As its modules do when they are imported. */
  constructor(Tensor: NewTensor) {
    this.#Tensor = Tensor;
    this.#onnx = (globalThis as unknown as Record<symbol, Injected>)[Symbol.for('onnxruntime')];
    const { env } = this.#onnx;
    if (env.wasm) env.wasm.proxy = false;
    if (env.webgpu) Object.assign(env.webgpu, { powerPreference: 'high-performance' });
    env.logLevel = 'error';
  }

  async #create(source: unknown, config: object): Promise<Session> {
    const options = { logSeverityLevel: 4, executionProviders: [] };
    const session = await this.#onnx.InferenceSession.create(source, options);
    session.config = config;
    this.#sessions.push(session);
    return session;
  }

  /** `sessionRun`: only what the session names is given, and each output is wrapped if it is a tensor. */
  async #run(session: Session, inputs: Record<string, Wrapped>): Promise<Record<string, OrtTensor>> {
    const feeds = Object.fromEntries(session.inputNames.map((name) => [name, inputs[name].ort_tensor]));
    const outputs = await session.run(feeds);
    for (const value of Object.values(outputs))
      if (!(value instanceof this.#onnx.Tensor)) throw new Error('an output is not a Tensor');
    return outputs;
  }

  /** `topk` of softmax, by a session of its own. */
  async #best(logits: readonly number[], k: number, labels: readonly string[]): Promise<Scored[]> {
    this.#topK ??= this.#create(new Uint8Array(topK), {});
    const exps = logits.map((v) => Math.exp(v - Math.max(...logits)));
    const scores = Float32Array.from(exps, (v) => v / exps.reduce((a, b) => a + b));
    const { v, i } = await (await this.#topK).run({
      x: new this.#Tensor('float32', scores, [scores.length]),
      k: new this.#Tensor('int64', [BigInt(Math.min(k, scores.length))], [1]),
    });
    return Array.from(i.data, (at, j) => ({ label: labels[Number(at)], score: v.data[j] }));
  }

  async imageClassification(source: unknown): Promise<(pixels: Float32Array) => Promise<Scored[]>> {
    const session = await this.#create(source, { device: 'auto' });
    return async (pixels) => {
      const pixel_values = new Wrapped(new this.#Tensor('float32', pixels, [1, 3, 16, 16]));
      const { logits } = await this.#run(session, { pixel_values });
      return this.#best([...Array.from(logits.data)], 5, LABELS);
    };
  }

  async textClassification(source: unknown): Promise<(ids: number[][]) => Promise<Scored[][]>> {
    const session = await this.#create(source, { device: 'auto' });
    return async (ids) => {
      const dims = [ids.length, ids[0].length];
      const whole = (value: (id: number) => number) =>
        new Wrapped(
          new this.#Tensor(
            'int64',
            BigInt64Array.from(ids.flat(), (id) => BigInt(value(id))),
            dims,
          ),
        );
      const { logits } = await this.#run(session, {
        input_ids: whole((id) => id),
        token_type_ids: whole(() => 0),
        attention_mask: whole((id) => (id === 0 ? 0 : 1)),
      });
      const rows = ids.map((_, i) => Array.from(logits.data).slice(2 * i, 2 * i + 2));
      const results: Scored[][] = [];
      for (const row of rows) results.push(await this.#best(row, 1, MOODS));
      return results;
    };
  }

  async dispose(): Promise<void> {
    for (const session of this.#sessions.splice(0)) await session.release();
  }
}
