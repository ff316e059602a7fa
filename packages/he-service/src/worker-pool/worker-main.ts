/** Entry point of a worker thread: one engine, its models, a cache of keys, one task after the other. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { HeError } from '@tacit/he';
import type { Engine, EngineModule, KeyHandle, LoadedModel } from './engine.js';
import { KeyCache } from './key-cache.js';
import type { FromWorker, KeySource, Task, TaskResult, ToWorker, WorkerSetup } from './messages.js';

const setup = workerData as WorkerSetup;
const port = parentPort;
if (!port) throw new Error('worker-main runs in a worker thread only');
const say = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

const models = new Map<string, LoadedModel>();
const cache = new KeyCache(setup.keyCacheBytes);
const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Codes that say that the engine failed, not its caller: the library is unusable, or objects were mixed up. */
const ENGINE_FAULTS: ReadonlySet<string> = new Set(['HE_LIBRARY', 'HE_DISPOSED', 'RLWE_MEMORY']);

/** The engine's memory is full. Its native memory has a limit of its own, whatever the cache of keys may take. */
const isFull = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'RLWE_MEMORY';

/** The code of an error that says what is wrong with its caller's bytes; undefined for an engine that failed. */
function refusalCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  // A system error (ENOENT, ...) has a code as well, and an errno; an error of Node.js starts with ERR_.
  const isFault = 'errno' in error || error.code.startsWith('ERR_') || ENGINE_FAULTS.has(error.code);
  return isFault ? undefined : error.code;
}

async function readKeys(source: KeySource): Promise<Uint8Array> {
  // A copy: what is checked must not change afterwards, and WebCrypto takes no shared memory.
  if ('shared' in source.place) return new Uint8Array(source.place.shared).slice();
  let bytes: Uint8Array;
  try {
    bytes = await readFile(source.place.path);
  } catch (error) {
    throw new HeError('KEY_NOT_FOUND', 'these evaluation keys are gone; upload them again', {
      cause: error,
    });
  }
  // The file was checked when it came; this finds a disk that lost bits, before they reach the engine.
  if (bytes.length !== source.bytes || createHash('sha256').update(bytes).digest('hex') !== source.sha256)
    throw new HeError(
      'KEY_DAMAGED',
      'the stored evaluation keys are damaged; delete them and upload them again',
    );
  return bytes;
}

async function keysFor(engine: Engine, model: LoadedModel, source: KeySource): Promise<[KeyHandle, boolean]> {
  // Two models with the same parameters may need different rotations, so keys are loaded for a model.
  const name = `${source.tag} ${model.id}`;
  const cached = cache.get(name);
  if (cached) return [cached, true];
  const bytes = await readKeys(source);
  cache.makeRoom(source.bytes);
  const handle = await engine.loadKeys(model, bytes);
  cache.add(name, handle);
  return [handle, false];
}

async function run(engine: Engine, task: Task): Promise<TaskResult> {
  try {
    return await attempt(engine, task);
  } catch (error) {
    if (!isFull(error) || cache.bytes === 0) throw error;
    // Keys of other clients fill it; they can be loaded again.
    cache.clear();
    return attempt(engine, task);
  }
}

async function attempt(engine: Engine, task: Task): Promise<TaskResult> {
  const model = models.get(task.modelId);
  if (!model) throw new Error(`no model ${task.modelId} in this worker`);
  const start = performance.now();
  const [keys, keysWereCached] = await keysFor(engine, model, task.key);
  const loaded = performance.now();
  const outputs = task.kind === 'evaluate' ? await engine.evaluate(model, keys, task.inputs, task.range) : [];
  return {
    // Copies: an output may be a view of the engine's memory, which must not be transferred.
    outputs: outputs.map((output) => Uint8Array.from(output)),
    keysWereCached,
    loadKeysMs: loaded - start,
    evaluateMs: performance.now() - loaded,
  };
}

async function answer(engine: Engine, task: Task): Promise<void> {
  try {
    const result = await run(engine, task);
    const buffers = result.outputs.map((output) => output.buffer as ArrayBuffer);
    say({ type: 'done', result, cachedKeys: cache.names() }, buffers);
  } catch (error) {
    const code = refusalCode(error);
    if (code === undefined) say({ type: 'failed', message: textOf(error) });
    else say({ type: 'refused', code, message: textOf(error), cachedKeys: cache.names() });
  }
}

async function loadModels(engine: Engine): Promise<boolean> {
  for (const [index, artefact] of setup.artefacts.entries()) {
    try {
      const model = await engine.loadModel(artefact);
      models.set(model.id, model);
    } catch (error) {
      const code = refusalCode(error) ?? 'ENGINE_FAILED';
      say({ type: 'unusable', artefact: index, code, message: textOf(error) });
      return false;
    }
  }
  return true;
}

/** Facts only: what else the engine keeps in its object stays in this thread. */
const factsOf = (model: LoadedModel): LoadedModel => ({
  id: model.id,
  parametersId: model.parametersId,
  layers: model.layers.map(({ name, inputCiphertexts, inputBytesMax }) => ({
    name,
    ...(inputCiphertexts === undefined ? {} : { inputCiphertexts }),
    ...(inputBytesMax === undefined ? {} : { inputBytesMax }),
  })),
  inputCiphertexts: model.inputCiphertexts,
  inputBytesMax: model.inputBytesMax,
  outputCiphertexts: model.outputCiphertexts,
  outputBytesMax: model.outputBytesMax,
  keyBytesMax: model.keyBytesMax,
});

async function start(): Promise<void> {
  let engine: Engine;
  try {
    const module = (await import(setup.engine)) as EngineModule;
    engine = await module.createEngine();
  } catch (error) {
    say({
      type: 'unusable',
      artefact: -1,
      code: refusalCode(error) ?? 'ENGINE_FAILED',
      message: textOf(error),
    });
    return;
  }
  if (!(await loadModels(engine))) return;
  // One after the other: an engine may wait in the middle of a task, whose keys must not be disposed of then.
  let last = Promise.resolve();
  port?.on('message', (message: ToWorker) => {
    last = last.then(() =>
      message.type === 'task' ? answer(engine, message.task) : cache.dropAll(`${message.tag} `),
    );
  });
  say({ type: 'ready', models: [...models.values()].map(factsOf) });
}

await start();
