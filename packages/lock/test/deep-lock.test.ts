import { createHash } from 'node:crypto';
import { parseOnnx } from '@tacit/onnx';
import { fixtureBytes, MODELS } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import fc from 'fast-check';
import { type DeepLockOptions, deepLock, deepLockKey, deepUnlock } from '../src/deep-lock/index.js';
import {
  encodeKey,
  inspectKey,
  type Json,
  type LockKey,
  MARK_ENTRY,
  newKeyId,
  readMark,
  readMetadata,
  readWeights,
  weightsHash,
  writeWeights,
} from '../src/index.js';
import { anyTensors } from './helpers/arbitrary.js';
import { accuracy, digits } from './helpers/digits.js';
import { modelOf, type TestTensor } from './helpers/models.js';

type Key = LockKey<{ readonly secret: Uint8Array }>;

const PROFILES: readonly DeepLockOptions[] = [
  { profile: 'sealed' },
  { profile: 'paper' },
  { profile: 'paper', key256: true },
  { profile: 'paper', quantised: true },
];
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const withoutMark = (file: Uint8Array): Uint8Array =>
  writeWeights(file, new Map(), { metadata: { [MARK_ENTRY]: undefined } });

async function refusal(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}

/** A key with one bit of its secret changed. */
function wrongBy(key: Key, bit: number): Key {
  const secret = key.body.secret.slice();
  secret[bit >> 3] ^= 1 << (bit & 7);
  return { ...key, body: { secret } };
}

const floats = (name: string, shape: readonly number[], values: readonly number[]): TestTensor => ({
  name,
  dataType: 1,
  shape,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

describe('Deep-Lock', function () {
  this.timeout(60_000);

  it('gives every kind of tensor back bit for bit, in a file that differs in nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(anyTensors(), fc.constantFrom(...PROFILES.slice(0, 3)), async (tensors, options) => {
        // A name longer than what HKDF of node:crypto takes.
        const some = [...tensors, floats('w'.repeat(3000), [2, 1], [1, -0])];
        const file = modelOf(some);
        const { file: locked, key, original, leftOpen } = await deepLock(file, options);
        expect(original).equal(file);
        expect(leftOpen).deep.equal([]);
        const before = new Map(readWeights(file).map((weight) => [weight.name, weight]));
        for (const { name, type, bytes, shape } of readWeights(locked)) {
          expect(shape).deep.equal(before.get(name)?.shape);
          const changed = Buffer.compare(Buffer.from(bytes), before.get(name)?.bytes ?? bytes) !== 0;
          // Shapes, indices and truth values stay; of a long weight something changes with certainty.
          if (/^(u?int(16|32|64)|bool)$/.test(type)) expect(changed).equal(false);
          else if (bytes.length > 16) expect(changed).equal(true);
        }
        const unlocked = await deepUnlock(locked, key);
        expect(sha(unlocked)).equal(sha(file));
      }),
      { numRuns: 150 },
    );
  });

  it('locks trained models, which then still open, and gives them back', async () => {
    for (const model of MODELS) {
      const file = fixtureBytes(`${model}/model.onnx`);
      for (const options of PROFILES) {
        const { file: locked, key, original, tensors } = await deepLock(file, options);
        expect(tensors.length).greaterThan(0);
        const { graph } = parseOnnx(locked);
        expect([...graph.initializers.values()].map(({ shape }) => shape)).deep.equal(
          [...parseOnnx(file).graph.initializers.values()].map(({ shape }) => shape),
        );
        expect(graph.nodes.length).equal(parseOnnx(file).graph.nodes.length);
        expect(readMark(locked)).include({ kind: 'deep-lock', keyId: key.id });
        expect(sha(await deepUnlock(locked, key))).equal(sha(original));
        expect(key.model).deep.equal({ original: weightsHash(original), locked: weightsHash(locked) });
        expect(options.quantised || original === file).equal(true);
      }
    }
  });

  it('locks one model twice into files that have nothing in common', async () => {
    const file = fixtureBytes('mnist_lenet1_tanh/model.onnx');
    const [one, two] = [
      await deepLock(file, { profile: 'paper' }),
      await deepLock(file, { profile: 'paper' }),
    ];
    const [a, b] = [readWeights(one.file), readWeights(two.file)];
    const equal = a.flatMap(({ bytes }, t) => [...bytes].map((byte, i) => byte === b[t].bytes[i]));
    expect(equal.filter(Boolean).length / equal.length).within(0, 0.01);
  });

  it('quantises to at most half a step and leaves weights in their range', async () => {
    for (const [dataType, of] of [
      [1, (v: number) => new Uint8Array(Float32Array.of(v).buffer)],
      [11, (v: number) => new Uint8Array(Float64Array.of(v).buffer)],
    ] as const) {
      const values = [3, -2, 0.5, -0, 1e-3, -3];
      const bytes = Buffer.concat(values.map(of));
      const file = modelOf([{ name: 'w', dataType, shape: [2, 3], bytes }]);
      const { file: locked, original, key } = await deepLock(file, { profile: 'paper', quantised: true });
      const numbers = (f: Uint8Array): number[] => [
        ...(parseOnnx(f).graph.initializers.get('w')?.data ?? []),
      ];
      numbers(original).forEach((v, i) => {
        expect(Math.abs(v - values[i])).at.most(3 / 127 / 2 + 1e-6);
      });
      for (const v of numbers(locked)) expect(Math.abs(v)).at.most((3 / 127) * 128 + 1e-6);
      expect(sha(await deepUnlock(locked, key))).equal(sha(original));
    }
  });

  it('quantises half precision, denormals, zeros and the largest numbers so that codes can be told apart', async () => {
    const words = (...bits: number[]) => new Uint8Array(Uint16Array.from(bits).buffer);
    const cases: Omit<TestTensor, 'name' | 'shape'>[] = [
      { dataType: 10, bytes: words(0x7bff, 0xfbff, 0x3c00, 0) },
      { dataType: 10, bytes: words(1, 0x8001, 0, 2) },
      { dataType: 10, bytes: words(0, 0x8000, 0, 0) },
      { dataType: 16, bytes: words(0x7f7f, 0xff7f, 0x3f80, 0) },
      { dataType: 16, bytes: words(1, 0x8001, 0, 2) },
      { dataType: 16, bytes: words(0x3f81, 0x3f01, 0xbf80, 0x3e99) },
      { dataType: 1, bytes: new Uint8Array(Uint32Array.of(0x7f7fffff, 0xff7fffff, 1, 0x80000001).buffer) },
      { dataType: 1, bytes: new Uint8Array(Uint32Array.of(1, 2, 3, 0x80000001).buffer) },
      { dataType: 11, bytes: new Uint8Array(Float64Array.of(Number.MAX_VALUE, -1, 5e-324, 0).buffer) },
      { dataType: 11, bytes: new Uint8Array(Float64Array.of(5e-324, -5e-324, 1e-323, 0).buffer) },
    ];
    for (const tensor of cases)
      for (let repeat = 0; repeat < 40; repeat++) {
        const file = modelOf([{ name: 'w', shape: [2, 2], ...tensor }]);
        const { file: locked, original, key } = await deepLock(file, { profile: 'paper', quantised: true });
        expect(sha(await deepUnlock(locked, key))).equal(sha(original));
      }
    const half = modelOf([{ name: 'w', dataType: 10, shape: [1, 1], bytes: words(0x7c00) }]);
    expect(await refusal(() => deepLock(half, { profile: 'paper', quantised: true }))).match(
      /^ARGUMENT .*Infinity/,
    );
  });

  it('is worth nothing with one wrong bit: chance on the digits, or a refusal', async () => {
    const sample = digits(10);
    const file = fixtureBytes('mnist_lenet1_tanh/model.onnx');
    for (const options of [{ quantised: true }, {}]) {
      const { file: locked, key, original } = await deepLock(file, { profile: 'paper', ...options });
      expect(await accuracy(original, sample)).greaterThan(0.9);
      // A network of random weights is right about 10 % of balanced digits, give or take 5: the mean of 48 is within 3.
      const found = [];
      for (let bit = 0; bit < 128; bit += options.quantised ? 128 / 48 : 16) {
        const wrong = wrongBy(key, Math.floor(bit));
        found.push(await accuracy(await deepUnlock(locked, wrong, { check: false }), sample));
      }
      const mean = found.reduce((a, b) => a + b, 0) / found.length;
      expect(mean, String(found)).within(0.07, 0.13);
      expect(await accuracy(locked, sample)).lessThan(0.4);
      expect(await refusal(() => deepUnlock(locked, wrongBy(key, 5)))).match(/^LOCK_DAMAGED .*secret/);
    }
    const { file: sealed, key } = await deepLock(file);
    expect(await accuracy(sealed, sample)).lessThan(0.4);
    for (const check of [true, false])
      expect(await refusal(() => deepUnlock(sealed, wrongBy(key, 77), { check }))).match(
        /^LOCK_DAMAGED .*does not open/,
      );
  });

  it('refuses keys of other models, and models that were changed', async () => {
    const one = modelOf([floats('a', [2, 2], [1, 2, 3, 4]), floats('b', [2, 2], [5, 6, 7, 8])]);
    for (const options of PROFILES) {
      const { file, key } = await deepLock(one, options);
      const { key: other } = await deepLock(one, options);
      expect(await refusal(() => deepUnlock(file, other))).match(/^LOCK_KEY_MODEL .*another model/);
      const renamed = { ...key, id: newKeyId() };
      expect(await refusal(() => deepUnlock(file, renamed))).match(
        /^LOCK_KEY_MODEL .*was locked with the key/,
      );
      const short = { ...key, body: { secret: key.body.secret.subarray(1) } };
      expect(await refusal(() => deepUnlock(file, short))).match(/^LOCK_KEY_MODEL .*bits/);
      expect(await refusal(() => deepUnlock(one, key))).match(/^LOCK_STATE .*not locked/);
      expect(await refusal(() => deepUnlock(withoutMark(file), key))).match(/^LOCK_STATE .*not locked/);
      expect(await refusal(() => deepLock(file, options))).match(/^LOCK_STATE .*locked already/);
      const [a, b] = readWeights(file);
      const exchanged = writeWeights(
        file,
        new Map([
          ['a', b.bytes],
          ['b', a.bytes],
        ]),
      );
      expect(await refusal(() => deepUnlock(exchanged, key))).match(/^LOCK_KEY_MODEL /);
      if (options.profile === 'sealed')
        expect(await refusal(() => deepUnlock(exchanged, key, { check: false }))).match(/^LOCK_DAMAGED /);
    }
  });

  it('refuses marks that were damaged', async () => {
    const { file, key } = await deepLock(modelOf([floats('a', [2, 2], [1, 2, 3, 4])]));
    const mark = JSON.parse(readMetadata(file).get(MARK_ENTRY) ?? '');
    const [tensor] = mark.tensors;
    const cases: [RegExp, unknown][] = [
      [/not JSON/, '{'],
      [/no object/, []],
      [/format/, { ...mark, format: 1 }],
      [/version 2/, { ...mark, version: 2 }],
      [/no kind/, { ...mark, kind: 'other' }],
      [/names no key/, { ...mark, keyId: 'x' }],
      [/no profile/, { ...mark, profile: 'x' }],
      [/no id of the lock/, { ...mark, lockId: 1 }],
      [/length of the key/, { ...mark, keyBits: 64 }],
      [/no list/, { ...mark, tensors: 1 }],
      [/without a name/, { ...mark, tensors: [null] }],
      [/without a name/, { ...mark, tensors: [tensor, tensor] }],
      [/nonce and tag/, { ...mark, tensors: [{ name: 'a' }] }],
      [/is gone/, { ...mark, tensors: [{ ...tensor, name: 'b' }] }],
      [/does not open/, { ...mark, tensors: [{ ...tensor, nonce: 'AAAAAAAAAAAAAAAA' }] }],
      [/does not open/, { ...mark, lockId: '0'.repeat(32) }],
      [/not those that were locked/, { ...mark, tensors: [] }],
    ];
    for (const [pattern, changed] of cases) {
      const text = typeof changed === 'string' ? changed : JSON.stringify(changed);
      const bad = writeWeights(file, new Map(), { metadata: { [MARK_ENTRY]: text } });
      expect(await refusal(() => deepUnlock(bad, key)), text)
        .match(pattern)
        .match(/^LOCK_DAMAGED /);
    }
  });

  it('refuses files that are cut off anywhere, and models without weights', async () => {
    const { file, key } = await deepLock(modelOf([floats('a', [2, 2], [1, 2, 3, 4])]), { profile: 'paper' });
    for (let length = 0; length < file.length; length++)
      expect(await refusal(() => deepUnlock(file.subarray(0, length), key)), `${length}`).match(
        /^(MODEL_FORMAT|LOCK_STATE|LOCK_DAMAGED) /,
      );
    const indices = { name: 'i', dataType: 7, shape: [1], bytes: new Uint8Array(8) };
    for (const tensors of [[], [indices], [floats('empty', [0], [])]])
      expect(await refusal(() => deepLock(modelOf(tensors)))).match(/^LOCK_STATE .*no weights/);
    expect(await refusal(() => deepLock(modelOf([]), { quantised: true }))).match(/^ARGUMENT /);
  });

  it('has keys that come back from files, and bodies that are checked', async () => {
    const { key } = await deepLock(modelOf([floats('a', [1], [1])]), { profile: 'paper' });
    for (const form of ['json', 'binary'] as const) {
      const file = await encodeKey(deepLockKey, key, { form });
      expect(inspectKey(file)).deep.equal({
        kind: 'deep-lock',
        id: key.id,
        model: key.model,
        form,
        sealed: false,
      });
    }
    expect([...deepLockKey.fromJson(deepLockKey.toJson(key.body)).secret]).deep.equal([...key.body.secret]);
    const more: Json = { secret: '0'.repeat(32), more: 1 };
    const bodies: Json[] = [null, 5, [], {}, { secret: 'xy' }, { secret: '00' }, more];
    for (const body of bodies)
      expect(await refusal(() => deepLockKey.fromJson(body))).match(/^LOCK_KEY_FORMAT /);
    expect(await refusal(() => deepLockKey.fromBytes(new Uint8Array(17)))).match(/^LOCK_KEY_FORMAT /);
  });

  it('tells how far it is, and stops when it is told to', async () => {
    const file = fixtureBytes('mnist_lenet1_tanh/model.onnx');
    const seen: number[] = [];
    await deepLock(file, { onProgress: (done, total) => seen.push(done / total) });
    expect(seen.at(-1)).equal(1);
    expect([...seen].sort((a, b) => a - b)).deep.equal(seen);
    const controller = new AbortController();
    const stopped = deepLock(file, { signal: controller.signal, onProgress: () => controller.abort() });
    expect(await stopped.catch((error: Error) => error.name)).equal('AbortError');
  });
});
