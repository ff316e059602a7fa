/**
 * An engine for tests of the service: it checks the SHA-256 in front of every envelope, whose parameters and keys it
 * has, and computes one hash per layer. A payload that is JSON with an `op` makes it misbehave.
 */
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { foreignCode, TacitError } from '@tacit/errors';
import type { Engine, KeyHandle, LayerRange, LoadedModel } from '../../src/worker-pool/engine.js';
import { fingerprintOf, layerHash, makeEnvelope, openEnvelope, type TestModel } from './test-envelopes.js';

interface Misdeed {
  readonly op: 'wait' | 'sleep' | 'exit' | 'exit-once' | 'throw' | 'heap' | 'spin' | 'gate' | 'refuse';
  readonly ms?: number;
  readonly path?: string;
}

const pauseThread = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

async function misbehave({ op, ms = 0, path = '' }: Misdeed): Promise<void> {
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
      throw new TacitError(foreignCode('TEST_REFUSAL'), 'the engine does not like this');
    case 'heap': {
      const hoard: number[][] = [];
      for (;;) hoard.push(Array.from({ length: 100_000 }, (_, i) => i / 3));
    }
    case 'spin':
      for (;;);
    case 'wait':
      // As the gate, but the thread hears messages meanwhile.
      writeFileSync(`${path}.reached`, '');
      while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 2));
      return;
    case 'gate':
      writeFileSync(`${path}.reached`, '');
      while (!existsSync(path)) pauseThread(2);
  }
}

/** Bytes of keys that are loaded. */
let keyBytes = 0;

class TestKeys implements KeyHandle {
  disposed = false;
  constructor(
    readonly fingerprint: string,
    readonly bytes: number,
  ) {
    keyBytes += bytes;
  }
  dispose(): void {
    this.disposed = true;
    keyBytes -= this.bytes;
  }
}

class TestEngine implements Engine {
  readonly #models = new Map<string, TestModel>();

  async loadModel(serverArtefact: Uint8Array): Promise<LoadedModel> {
    const text = new TextDecoder().decode(serverArtefact);
    if (!text.startsWith('{')) throw new TacitError(foreignCode('TEST_ARTEFACT'), 'this is no artefact');
    const model: TestModel = JSON.parse(text);
    this.#models.set(model.id, model);
    return {
      id: model.id,
      parametersId: model.parametersId,
      layers: model.layers.map((name, i) =>
        i === 0 || model.opaque ? { name } : { name, inputCiphertexts: 1, inputBytesMax: 2000 },
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
    if (keyBytes + envelope.length > (this.#models.get(model.id)?.keyMemory ?? Number.POSITIVE_INFINITY))
      throw new TacitError('RLWE_MEMORY', 'the memory is full');
    return new TestKeys(fingerprintOf(envelope), envelope.length);
  }

  async evaluate(
    model: LoadedModel,
    keys: KeyHandle,
    inputs: readonly Uint8Array[],
    range: LayerRange = { from: 0, to: model.layers.length - 1 },
  ): Promise<Uint8Array[]> {
    const checkKeys = () => {
      if (keys instanceof TestKeys && !keys.disposed) return keys;
      throw new Error('keys that nobody loaded, or disposed of');
    };
    const { fingerprint: own } = checkKeys();
    const test = this.#models.get(model.id);
    if (!test) throw new Error('a model that nobody loaded');
    const payloads = inputs.map((input) => {
      const { payload, fingerprint } = openEnvelope(input, 'CIPH', model.parametersId);
      if (fingerprint !== own)
        throw new TacitError(foreignCode('TEST_FOREIGN'), 'a ciphertext of other keys');
      return payload;
    });
    for (const payload of payloads) {
      const text = new TextDecoder().decode(payload);
      if (text.startsWith('{"op"')) await misbehave(JSON.parse(text));
    }
    checkKeys();
    let state: Uint8Array = createHash('sha256').update(Buffer.concat(payloads)).digest();
    if (range.from > 0) state = Buffer.from(payloads[0] ?? []);
    for (let layer = range.from; layer <= range.to; layer++) state = layerHash(test, layer, own, state);
    const count = range.to === model.layers.length - 1 ? model.outputCiphertexts : 1;
    return Array.from({ length: count }, (_, i) =>
      makeEnvelope(
        'CIPH',
        model.parametersId,
        own,
        Buffer.concat([state, Buffer.alloc(i + (test.outputPadding ?? 0))]),
      ),
    );
  }
}

export const createEngine = (): Engine => new TestEngine();
