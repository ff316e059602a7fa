/**
 * An engine for tests of the service: it checks the SHA-256 in front of every envelope, whose parameters and keys it
 * has, and computes one hash per layer. A payload that is JSON with an `op` makes it misbehave.
 */
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { TacitError } from '@tacit/comm';
import type { Engine, KeyHandle, LayerRange, LoadedModel } from '../../src/service/engine.js';
import { fingerprintOf, layerHash, makeEnvelope, openEnvelope, type TestModel } from './test-envelopes.js';

interface Misdeed {
  readonly op: 'sleep' | 'exit' | 'exit-once' | 'throw' | 'heap' | 'spin' | 'gate' | 'refuse';
  readonly ms?: number;
  readonly path?: string;
}

const pauseThread = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function misbehave({ op, ms = 0, path = '' }: Misdeed): void {
  switch (op) {
    case 'sleep':
      pauseThread(ms);
      return;
    case 'exit':
      process.exit(3);
      return;
    case 'exit-once':
      if (existsSync(path)) return;
      writeFileSync(path, '');
      process.exit(3);
      return;
    case 'throw':
      throw new Error('unreachable executed');
    case 'refuse':
      throw new TacitError('TEST_REFUSAL', 'the engine does not like this');
    case 'heap': {
      const hoard: number[][] = [];
      for (;;) hoard.push(Array.from({ length: 100_000 }, (_, i) => i / 3));
    }
    case 'spin':
      for (;;);
    case 'gate':
      writeFileSync(`${path}.reached`, '');
      while (!existsSync(path)) pauseThread(2);
  }
}

class TestKeys implements KeyHandle {
  disposed = false;
  constructor(
    readonly fingerprint: string,
    readonly bytes: number,
  ) {}
  dispose(): void {
    this.disposed = true;
  }
}

class TestEngine implements Engine {
  readonly #models = new Map<string, TestModel>();

  async loadModel(serverArtefact: Uint8Array): Promise<LoadedModel> {
    const text = new TextDecoder().decode(serverArtefact);
    if (!text.startsWith('{')) throw new TacitError('TEST_ARTEFACT', 'this is no artefact');
    const model: TestModel = JSON.parse(text);
    this.#models.set(model.id, model);
    return {
      id: model.id,
      parametersId: model.parametersId,
      layers: model.layers.map((name, i) =>
        i === 0 ? { name } : { name, inputCiphertexts: 1, inputBytesMax: 2000 },
      ),
      inputCiphertexts: model.inputCiphertexts,
      inputBytesMax: model.inputBytesMax ?? 2000,
      outputCiphertexts: model.outputCiphertexts,
      outputBytesMax: 300 + (model.outputPadding ?? 0),
      keyBytesMax: model.keyBytesMax ?? 100_000,
    };
  }

  async loadKeys(model: LoadedModel, envelope: Uint8Array): Promise<KeyHandle> {
    openEnvelope(envelope, 'KEYS', model.parametersId);
    return new TestKeys(fingerprintOf(envelope), envelope.length);
  }

  async evaluate(
    model: LoadedModel,
    keys: KeyHandle,
    inputs: readonly Uint8Array[],
    range: LayerRange = { from: 0, to: model.layers.length - 1 },
  ): Promise<Uint8Array[]> {
    if (!(keys instanceof TestKeys) || keys.disposed)
      throw new Error('keys that nobody loaded, or disposed of');
    const test = this.#models.get(model.id);
    if (!test) throw new Error('a model that nobody loaded');
    const payloads = inputs.map((input) => {
      const { payload, fingerprint } = openEnvelope(input, 'CIPH', model.parametersId);
      if (fingerprint !== keys.fingerprint)
        throw new TacitError('TEST_FOREIGN', 'a ciphertext of other keys');
      return payload;
    });
    for (const payload of payloads) {
      const text = new TextDecoder().decode(payload);
      if (text.startsWith('{"op"')) misbehave(JSON.parse(text));
    }
    let state: Uint8Array = createHash('sha256').update(Buffer.concat(payloads)).digest();
    if (range.from > 0) state = Buffer.from(payloads[0] ?? []);
    for (let layer = range.from; layer <= range.to; layer++)
      state = layerHash(test, layer, keys.fingerprint, state);
    const count = range.to === model.layers.length - 1 ? model.outputCiphertexts : 1;
    return Array.from({ length: count }, (_, i) =>
      makeEnvelope(
        'CIPH',
        model.parametersId,
        keys.fingerprint,
        Buffer.concat([state, Buffer.alloc(i + (test.outputPadding ?? 0))]),
      ),
    );
  }
}

export const createEngine = (): Engine => new TestEngine();
