import { WireType } from '@bufbuild/protobuf/wire';
import { parseOnnx } from '@tacit/onnx';
import { fixtureBytes, MODELS } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import fc from 'fast-check';
import { readMetadata, readWeights, weightsHash, writeWeights } from '../src/index.js';
import { anyTensors } from './helpers/arbitrary.js';
import { modelOf, nested, type TestTensor, writeTensor } from './helpers/models.js';

const float = (name: string, values: readonly number[], more: Partial<TestTensor> = {}): TestTensor => ({
  name,
  dataType: 1,
  shape: [values.length],
  bytes: new Uint8Array(Float32Array.from(values).buffer),
  ...more,
});
const inverted = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => ~byte);
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
  return 'nothing';
};

describe('weights of a file', () => {
  it('are read bit for bit from every field that may hold them', () => {
    fc.assert(
      fc.property(anyTensors(), (tensors) => {
        const found = readWeights(modelOf(tensors));
        expect(found.map(({ name, dataType, shape }) => ({ name, dataType, shape }))).deep.equal(
          tensors.map(({ name, dataType, shape }) => ({ name, dataType, shape })),
        );
        found.forEach(({ bytes }, i) => {
          expect(Buffer.compare(Buffer.from(bytes), tensors[i].bytes)).equal(0);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('are changed without a change elsewhere, and back to the same file', () => {
    fc.assert(
      fc.property(anyTensors(), fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), (tensors, chosen) => {
        const wanted = tensors.map((t, i) => (chosen[i] ? { ...t, bytes: inverted(t.bytes) } : t));
        const file = modelOf(tensors);
        const replacements = new Map(wanted.filter((_, i) => chosen[i]).map((t) => [t.name, t.bytes]));
        const changed = writeWeights(file, replacements);
        // Unknown fields, orders and packing are those of the first file.
        expect(Buffer.compare(changed, modelOf(wanted))).equal(0);
        expect(weightsHash(changed) === weightsHash(file)).equal(
          tensors.every((t, i) => !chosen[i] || t.bytes.length === 0),
        );
        const originals = new Map(tensors.map((t) => [t.name, t.bytes]));
        expect(Buffer.compare(writeWeights(changed, originals), file)).equal(0);
      }),
      { numRuns: 300 },
    );
  });

  it('have a hash that does not depend on how they are stored, but on all else of theirs', () => {
    const hashes = (['raw', 'packed', 'single', 'halves'] as const).map((storage) =>
      weightsHash(modelOf([float('w', [1, 2, 3], { storage })])),
    );
    expect(new Set(hashes).size).equal(1);
    expect(hashes[0]).match(/^[0-9a-f]{64}$/);
    const others = [
      [float('v', [1, 2, 3])],
      [float('w', [1, 2, 4])],
      [float('w', [1, 2, 3], { shape: [3, 1] })],
      [float('w', [1, 2, 3], { dataType: 6 })],
      [float('w', [1, 2, 3]), float('empty', [])],
      [],
    ];
    const all = [hashes[0], ...others.map((tensors) => weightsHash(modelOf(tensors)))];
    expect(new Set(all).size).equal(all.length);
  });

  it('are those of trained models, and such files still open', () => {
    for (const model of MODELS) {
      const file = fixtureBytes(`${model}/model.onnx`);
      const weights = readWeights(file);
      const parsed = parseOnnx(file).graph.initializers;
      expect(weights.map(({ name }) => name)).deep.equal([...parsed.keys()]);
      for (const { name, bytes, type } of weights)
        if (type === 'float')
          expect(Float64Array.from(new Float32Array(bytes.slice().buffer))).deep.equal(
            parsed.get(name)?.data,
          );
      const turned = writeWeights(file, new Map(weights.map(({ name, bytes }) => [name, inverted(bytes)])));
      expect(turned.length).equal(file.length);
      const back = writeWeights(turned, new Map(weights.map(({ name, bytes }) => [name, bytes])));
      expect(Buffer.compare(back, file)).equal(0);
    }
  });

  it('leave varints of unusual length as they are where nothing changes', () => {
    // Six in three bytes, and -1 in five, as old writers have it.
    const raw = Uint8Array.of(0x86, 0x80, 0x00, 0xff, 0xff, 0xff, 0xff, 0x0f);
    const file = modelOf([float('f', [1])], (graph) =>
      nested(graph, 5, (t) => {
        t.tag(1, WireType.Varint).int64(2);
        t.tag(2, WireType.Varint).int32(3);
        t.tag(5, WireType.LengthDelimited).bytes(raw);
        t.tag(8, WireType.LengthDelimited).string('old');
      }),
    );
    expect([...readWeights(file)[1].bytes]).deep.equal([6, 255]);
    expect(Buffer.compare(writeWeights(file, new Map([['old', Uint8Array.of(6, 255)]])), file)).equal(0);
    const changed = writeWeights(file, new Map([['old', Uint8Array.of(6, 254)]]));
    expect([...readWeights(changed)[1].bytes]).deep.equal([6, 254]);
  });

  it('carry metadata, which comes and goes without a trace', () => {
    const file = modelOf([float('w', [1])]);
    const marked = writeWeights(file, new Map(), { metadata: { 'tacit.lock': '{"ü":1}', other: '' } });
    expect([...readMetadata(marked)]).deep.equal([
      ['author', 'nobody'],
      ['tacit.lock', '{"ü":1}'],
      ['other', ''],
    ]);
    const again = writeWeights(marked, new Map(), { metadata: { 'tacit.lock': 'new' } });
    expect(readMetadata(again).get('tacit.lock')).equal('new');
    const bare = writeWeights(again, new Map(), { metadata: { 'tacit.lock': undefined, other: undefined } });
    expect(Buffer.compare(bare, file)).equal(0);
  });

  it('are refused where they cannot be read, by a stable code', () => {
    const tensor = (write: TestTensor['more'], values = [1]): Uint8Array =>
      modelOf([float('w', values, { more: write })]);
    const cases: [string, () => unknown][] = [
      ['MODEL_FORMAT', () => readWeights(new Uint8Array(0))],
      ['MODEL_FORMAT', () => readWeights(Uint8Array.from({ length: 300 }, (_, i) => i & 0xff))],
      ['MODEL_FORMAT', () => readWeights(Buffer.from('\x89PNG\r\n\x1a\n not a model'))],
      ['WEIGHTS_EXTERNAL', () => readWeights(tensor((w) => w.tag(14, WireType.Varint).int32(1)))],
      [
        'WEIGHTS_EXTERNAL',
        () => readWeights(tensor((w) => nested(w, 13, (e) => e.tag(1, 2).string('location')))),
      ],
      ['WEIGHTS_TYPE', () => readWeights(modelOf([float('s', [1], { dataType: 8 })]))],
      ['WEIGHTS_TYPE', () => readWeights(tensor((w) => nested(w, 3, () => {})))],
      ['WEIGHTS_TYPE', () => readWeights(modelOf([], (g) => nested(g, 15, () => {})))],
      ['MODEL_FORMAT', () => readWeights(modelOf([float('u', [1], { dataType: 60 })]))],
      ['MODEL_FORMAT', () => readWeights(modelOf([float('w', [1]), float('w', [2])]))],
      ['MODEL_FORMAT', () => readWeights(tensor((w) => w.tag(9, 2).bytes(new Uint8Array(4))))],
      ['MODEL_FORMAT', () => readWeights(tensor((w) => w.tag(4, WireType.Bit32).float(1)))],
      ['MODEL_FORMAT', () => readWeights(modelOf([float('w', [1], { shape: [2] })]))],
      ['MODEL_FORMAT', () => readWeights(modelOf([float('w', [], { shape: [-1, 0] })]))],
      ['MODEL_FORMAT', () => readWeights(Buffer.concat([modelOf([]), modelOf([])]))],
      ['WEIGHTS_REPLACEMENT', () => writeWeights(modelOf([]), new Map([['w', new Uint8Array(4)]]))],
      [
        'WEIGHTS_REPLACEMENT',
        () =>
          writeWeights(
            tensor(() => {}),
            new Map([['w', new Uint8Array(3)]]),
          ),
      ],
    ];
    expect(cases.map(([, act]) => codeOf(act))).deep.equal(cases.map(([code]) => code));
    // An int8 whose data is in the field of floats.
    const wrongField = modelOf([], (graph) =>
      nested(graph, 5, (t) => {
        writeTensor(t, { name: 'w', dataType: 3, shape: [0], bytes: new Uint8Array(0) });
        t.tag(4, WireType.Bit32).float(1);
      }),
    );
    expect(codeOf(() => readWeights(wrongField))).equal('MODEL_FORMAT');
  });

  it('are refused in files that are cut off anywhere, and never read wrongly', () => {
    const tensors = [
      float('raw', [1, 2, 3]),
      float('typed', [4, 5], { storage: 'packed' }),
      { name: 'int8', dataType: 3, shape: [3], bytes: Uint8Array.of(1, 255, 7), storage: 'packed' } as const,
    ];
    const file = modelOf(tensors);
    const whole = weightsHash(file);
    for (let length = 0; length < file.length; length++) {
      const cut = file.subarray(0, length);
      // What comes after the graph and the version may be missing in a file that is whole.
      const code = codeOf(() => expect(weightsHash(cut)).equal(whole));
      expect(code === 'MODEL_FORMAT' || code === 'nothing', `${length}: ${code}`).equal(true);
    }
  });
});
