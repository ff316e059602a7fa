/** Weights in files beside a model. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mutated, randomInteger } from '@tacit/testing';
import { expect } from 'chai';
import { readOnnxFile } from '../src/file.js';
import { externalFiles, OnnxFormatError, parseOnnx, withExternalData } from '../src/index.js';
import { encodeModel, rawData, type TensorSpec } from './helpers/onnx-encoder.js';

/** A tensor for each place and type, of which none is like another. */
const TENSORS = {
  floats: { shape: [2, 3], data: [1, -2, 0.5, 1e-9, 3e8, -0.25] },
  whole: { type: 7, shape: [3], data: [-1n, 2n, 7n] },
  half: { type: 10, shape: [2], data: [0x3c00, 0xc000] },
  double: { type: 11, shape: [1], data: [Math.PI] },
  nothing: { shape: [0], data: [] },
  constant: { shape: [2], data: [5, 6] },
  branch: { shape: [1], data: [9] },
} satisfies Record<string, TensorSpec>;
type Name = keyof typeof TENSORS;

/** The model, and what is beside it where `place` says so. */
function model(place: (name: Name, spec: TensorSpec) => TensorSpec = (_, spec) => spec): Uint8Array {
  const at = (name: Name): TensorSpec => place(name, TENSORS[name]);
  const branch = {
    inputs: [],
    outputs: [{ name: 'b' }],
    nodes: [{ op: 'Constant', inputs: [], outputs: ['b'], attributes: { value: { t: at('branch') } } }],
  };
  return encodeModel({
    opset: 17,
    inputs: [{ name: 'x', type: 1, shape: [2] }],
    outputs: [{ name: 'y', type: 1, shape: [2] }],
    initializers: Object.fromEntries(
      (['floats', 'whole', 'half', 'double', 'nothing'] as const).map((name) => [name, at(name)]),
    ),
    nodes: [
      { op: 'Constant', inputs: [], outputs: ['c'], attributes: { value: { t: at('constant') } } },
      { op: 'If', inputs: ['x'], outputs: ['d'], attributes: { then_branch: { g: branch } } },
      { op: 'Add', inputs: ['x', 'c'], outputs: ['y'] },
    ],
  });
}

/** All tensors one after the other in one file, with a gap between them. */
function beside(file = 'weights.bin'): {
  readonly bytes: Uint8Array;
  readonly files: Map<string, Uint8Array>;
} {
  const parts: number[] = [];
  const bytes = model((_, spec) => {
    const data = rawData(spec.type ?? 1, spec.data);
    const external = { location: file, offset: String(parts.length), length: String(data.length) };
    parts.push(...data, 0xff, 0xff, 0xff);
    return { ...spec, data: [], external };
  });
  return { bytes, files: new Map([[file, Uint8Array.from(parts)]]) };
}

const refused = (run: () => unknown, message: RegExp): void => {
  expect(run).throw(OnnxFormatError, message);
};
const one = (external: Record<string, string>, shape: number[] = [1]): Uint8Array =>
  model((name, spec) => (name === 'floats' ? { shape, data: [], external } : spec));

describe('weights beside a model', () => {
  it('become part of it, wherever their tensors are', () => {
    const { bytes, files } = beside();
    expect(externalFiles(bytes)).deep.equal(['weights.bin']);
    expect(() => parseOnnx(bytes)).throw('withExternalData');
    const whole = withExternalData(bytes, files);
    expect(externalFiles(whole)).deep.equal([]);
    expect(parseOnnx(whole)).deep.equal(parseOnnx(model()));
  });

  it('may be in a file each, and are all of it where no place is said', () => {
    const files = new Map<string, Uint8Array>();
    const bytes = model((name, spec) => {
      files.set(name, Uint8Array.from(rawData(spec.type ?? 1, spec.data)));
      return { ...spec, data: [], external: { location: name } };
    });
    expect([...externalFiles(bytes)].sort()).deep.equal(Object.keys(TENSORS).sort());
    expect(parseOnnx(withExternalData(bytes, files))).deep.equal(parseOnnx(model()));
  });

  it('are not looked for where a model has them', () => {
    const bytes = model();
    expect(externalFiles(bytes)).deep.equal([]);
    expect(withExternalData(bytes, new Map())).equal(bytes);
    for (const other of [new Uint8Array(0), new TextEncoder().encode('<html>'), Uint8Array.of(0x3a, 0xff)])
      expect(externalFiles(other)).deep.equal([]);
  });

  it('are refused where they are not there, or not all of them', () => {
    const { bytes, files } = beside();
    const [[name, weights]] = files;
    refused(() => withExternalData(bytes, new Map()), /"branch"?.*missing|missing/);
    refused(() => withExternalData(bytes, new Map([[name, weights.slice(0, -9)]])), /which has/);
    const file = new Map([['w', new Uint8Array(16)]]);
    for (const [entries, message] of [
      [{ location: 'w', offset: '13', length: '4' }, /bytes 13 to 17 of "w", which has 16/],
      [{ location: 'w', offset: '17' }, /which has 16/],
      [{ location: 'w', offset: '-4' }, /"-4" is not a place/],
      [{ location: 'w', offset: '1e1' }, /not a place/],
      [{ location: 'w', length: '9007199254740993' }, /not a place/],
      [{ location: 'w', length: '' }, /not a place/],
      [{ offset: '0' }, /in which file/],
      [{ location: '' }, /in which file/],
    ] as const)
      refused(() => withExternalData(one(entries), file), message);
    // Joined, but of another size than the shape says.
    const joined = withExternalData(one({ location: 'w', offset: '4', length: '4' }, [3]), file);
    refused(() => parseOnnx(joined), /3 elements, but holds 1/);
  });

  it('may be shared, but not without bound', () => {
    const shared = (count: number): Uint8Array =>
      encodeModel({
        opset: 17,
        inputs: [],
        outputs: [],
        nodes: [],
        initializers: Object.fromEntries(
          Array.from({ length: count }, (_, i) => [
            `w${i}`,
            { shape: [250], data: [], external: { location: 'w' } },
          ]),
        ),
      });
    const files = new Map([['w', new Uint8Array(1000)]]);
    expect(parseOnnx(withExternalData(shared(4), files)).graph.initializers.size).equal(4);
    refused(() => withExternalData(shared(5), files), /share more bytes/);
  });

  it('never end in another error, however a model is damaged', () => {
    const { bytes, files } = beside();
    for (let i = 0; i < 2000; i++) {
      const damaged = mutated(bytes);
      try {
        expect(externalFiles(damaged).length).below(8);
        parseOnnx(withExternalData(damaged, randomInteger(2) === 0 ? files : new Map()));
      } catch (error) {
        expect(error).instanceOf(OnnxFormatError);
      }
    }
  });
});

describe('files of models', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tacit-external-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, bytes);
    return path;
  };

  it('are read with the files beside them', async () => {
    for (const name of ['weights.bin', 'weights/of the model.bin', './w', 'weights/../w']) {
      const { bytes, files } = beside(name);
      const path = write('model.onnx', bytes);
      write(name, files.get(name) ?? new Uint8Array());
      expect(parseOnnx(await readOnnxFile(path)), name).deep.equal(parseOnnx(model()));
    }
    const plain = model();
    expect(Buffer.from(await readOnnxFile(write('plain.onnx', plain)))).deep.equal(Buffer.from(plain));
  });

  it('do not reach other files of the machine', async () => {
    write('secret', new Uint8Array(1000));
    const inner = join(folder, 'inner');
    mkdirSync(inner);
    symlinkSync(join(folder, 'secret'), join(inner, 'link'));
    symlinkSync(folder, join(inner, 'up'));
    for (const name of [
      '../secret',
      'x/../../secret',
      join(folder, 'secret'),
      '..',
      '.',
      'link',
      'up/secret',
      'C:\\secret',
      'a\0b',
    ]) {
      const path = write('inner/model.onnx', beside(name).bytes);
      const error = await readOnnxFile(path).catch((thrown) => thrown);
      expect(error, name).include({ code: 'MODEL_FORMAT' });
      expect(error.message).match(/not a file in its folder/);
    }
  });

  it('that are links are read beside what they lead to or where they are', async () => {
    const { bytes, files } = beside();
    write('real/model.onnx', bytes);
    write('real/weights.bin', files.get('weights.bin') ?? new Uint8Array());
    symlinkSync(join(folder, 'real'), join(folder, 'other'));
    expect(parseOnnx(await readOnnxFile(join(folder, 'other/model.onnx')))).deep.equal(parseOnnx(model()));
  });

  it('are read where a cache links both to one folder', async () => {
    const { bytes, files } = beside();
    const links = join(folder, 'snapshot');
    mkdirSync(links);
    symlinkSync(write('blobs/1f', bytes), join(links, 'model.onnx'));
    symlinkSync(write('blobs/2e', files.get('weights.bin') ?? new Uint8Array()), join(links, 'weights.bin'));
    expect(parseOnnx(await readOnnxFile(join(links, 'model.onnx')))).deep.equal(parseOnnx(model()));
  });

  it('are missed by name', async () => {
    const path = write('lone/model.onnx', beside().bytes);
    const error = await readOnnxFile(path).catch((thrown) => thrown);
    expect(error).include({ code: 'FILE_NOT_FOUND' });
    expect(error.message).contain('weights.bin');
    expect(await readOnnxFile(join(folder, 'none.onnx')).catch((thrown) => thrown)).include({
      code: 'FILE_NOT_FOUND',
    });
  });
});
