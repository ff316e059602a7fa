/** Artefacts as a hostile server, or a damaged disk, would have them. */
import { expect } from 'chai';
import {
  decodeClientArtefact,
  decodeServerArtefact,
  encodeClientArtefact,
  encodeServerArtefact,
} from '../../src/artefact/artefacts.js';
import { packClientArtefact, packServerArtefact, unpackClientArtefact } from '../../src/artefact/files.js';
import { encodeSections } from '../../src/artefact/sections.js';
import type { ClientArtefact, ServerArtefact } from '../../src/artefact/types.js';
import { compileModel } from '../../src/compile/compile.js';
import { SparseMatrix } from '../../src/network/sparse-matrix.js';
import { generator, mutations } from '../helpers/mutations.js';
import { waveInputs, waveNetwork } from '../helpers/wave-network.js';

type Change = (value: never) => unknown;

/** A copy of a value in which one place is changed. */
function changed<T>(value: T, [key, ...rest]: readonly (string | number)[], change: Change): T {
  if (key === undefined) return change(value as never) as T;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string | number, unknown>;
  copy[key] = changed(copy[key], rest, change);
  return copy as T;
}

const to = (value: unknown) => () => value;

describe('artefacts that nobody should believe', function () {
  this.timeout(60_000);
  let client: ClientArtefact;
  let server: ServerArtefact;
  let ranges: ClientArtefact;
  let batches: { client: ClientArtefact; server: ServerArtefact };

  before(async () => {
    const options = { inputRange: { low: -1, high: 1 }, samples: waveInputs(9) };
    ({ client, server } = await compileModel(waveNetwork, options));
    ({ client: ranges } = await compileModel(waveNetwork, { ...options, layerRanges: true }));
    batches = await compileModel(waveNetwork, { ...options, mode: 'throughput' });
  });

  it('are restored exactly where nothing is wrong', () => {
    for (const one of [client, ranges, batches.client])
      expect(decodeClientArtefact(encodeClientArtefact(one))).to.deep.equal(one);
    for (const one of [server, batches.server])
      expect(decodeServerArtefact(encodeServerArtefact(one))).to.deep.equal(one);
  });

  function refuses<T>(value: T, decode: (value: T) => unknown, places: [string, Change][]): void {
    for (const [place, change] of places) {
      const path = place.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
      const bad = changed(value, path, change);
      expect(() => decode(bad), `${place} ${String(change)}`)
        .to.throw()
        .with.property('code', 'HE_ARTEFACT');
    }
  }

  it('of clients are refused for every field that is wrong', () => {
    const slotsWith = (at: number, slot: number) => (slots: Int32Array) => slots.with(at, slot);
    const places: [string, Change][] = [
      ['name', to('a\u001b[2J')],
      ['name', to(undefined)],
      ['modelId', to('../../etc/passwd')],
      ['mode', to('turbo')],
      ['parameters', to(null)],
      ['parameters.ringDegree', to(4097)],
      ['parameters.ringDegree', to(2 ** 20)],
      ['parameters.primes', to([])],
      ['parameters.primes', to(new Array(1e5).fill(268369921))],
      ['parameters.primes.0', to(1.5)],
      ['parameters.security', to(0)],
      ['parametersId', to('')],
      ['input.shape.0', to(1e300)],
      ['input.shape.1', to(17)],
      ['output.shape', to([2 ** 20, 2 ** 20])],
      ['expectedError', to(-1)],
      ['expectedError', to(null)],
      ['inputRange.low', to(2)],
      ['inputRange.high', to(null)],
      ['inputRange.high', to(1e30)],
      ['slots', to(1)],
      ['slots', to(2 ** 30)],
      ['rotationSteps', to(3)],
      ['rotationSteps.0', to(0)],
      ['rotationSteps.0', to(1e9)],
      ['rotationSteps', to([1, 2, 1])],
      ['rotationSteps', to(Array.from({ length: 4095 }, (_, i) => i + 1))],
      ['rotationSteps', to(new Array(200_000).fill(1))],
      ['boundaries', to([])],
      ['boundaries', (all: unknown[]) => [...all, all[0]]],
      ['boundaries.0.shape.0', to(0)],
      ['boundaries.0.shape.0', to(-16)],
      ['boundaries.0.scale', to(0)],
      ['boundaries.0.scale', to(-1)],
      ['boundaries.0.scale', to(null)],
      ['boundaries.0.scale', to(1e200)],
      ['boundaries.1.level', to(0)],
      ['boundaries.1.level', to(60)],
      ['boundaries.0.layout.slotOf', to([1, 2, 3])],
      ['boundaries.0.layout.slotOf', to(new Float64Array(16))],
      ['boundaries.0.layout.slotOf', to(new Int32Array(15))],
      ['boundaries.0.layout.slotOf', slotsWith(3, -1)],
      ['boundaries.0.layout.slotOf', slotsWith(3, 2 ** 30)],
      ['boundaries.0.layout.slotOf', slotsWith(3, 5)],
      ['boundaries.0.layout.period', to(0)],
      ['boundaries.0.layout.period', to(-16)],
      ['boundaries.0.layout.period', to(1e-9)],
      ['boundaries.0.layout.period', to(3)],
      ['boundaries.0.layout.period', to(2 ** 30)],
      ['boundaries.0.layout.ciphertexts', to(0)],
      ['boundaries.0.layout.ciphertexts', to(2)],
      ['boundaries.0.layout.ciphertexts', to(1e9)],
      ['stages', to([['a'], ['b']])],
      ['stages', to([[1]])],
    ];
    refuses(client, (bad) => decodeClientArtefact(encodeSections(bad)), places);
    refuses(batches.client, (bad) => decodeClientArtefact(encodeSections(bad)), [
      ['boundaries.0.layout.ciphertexts', to(1e9)],
      ['boundaries.1.layout.slotOf', to(new Int32Array(4))],
      ['mode', to('latency')],
    ]);
  });

  it('of servers are refused for every field that is wrong', () => {
    const matrix = (change: (m: SparseMatrix) => Partial<SparseMatrix>) => (m: SparseMatrix) => {
      const { rows, columns, rowStart, columnIndex, values } = { ...m, ...change(m) };
      return new SparseMatrix(rows, columns, rowStart, columnIndex, values);
    };
    const first = 'network.stages.0.matrix';
    refuses(server, (bad) => decodeServerArtefact(encodeServerArtefact(bad)), [
      ['schedule.steps', to([])],
      ['schedule.steps.0.level', to(99)],
      ['schedule.steps.2.level', to(0)],
      ['schedule.steps.0.weightScale', to(null)],
      ['schedule.steps.0.kind', to('activation')],
      ['schedule.outputLevel', to(50)],
      ['schedule.inputScale', to(-1)],
      ['layerRanges', to('yes')],
      ['layouts', to([])],
      ['layouts.1.period', to(0)],
      ['layouts.0.slotOf', to(new Int32Array(3))],
      ['network.stages', (all: unknown[]) => all.slice(0, 2)],
      ['network.stages', (all: unknown[]) => [all[0], all[0], all[2]]],
      ['network.stages.0.shape', to([9])],
      ['network.stages.0.bias', to(new Float64Array(3))],
      ['network.stages.0.bias', (bias: Float64Array) => bias.with(0, Number.NaN)],
      ['network.stages.1.activation', to({ kind: 'cubic', p: null })],
      ['network.stages.1.activation.kind', to('__proto__')],
      [first, matrix(() => ({ columns: 1 }))],
      [first, matrix(({ rowStart }) => ({ rowStart: rowStart.with(1, 1e9) }))],
      [first, matrix(({ rowStart }) => ({ rowStart: rowStart.subarray(1) }))],
      [first, matrix(({ columnIndex }) => ({ columnIndex: columnIndex.with(2, -1) }))],
      [first, matrix(({ columnIndex }) => ({ columnIndex: columnIndex.with(2, 16) }))],
      [first, matrix(({ values }) => ({ values: values.with(0, Number.POSITIVE_INFINITY) }))],
      [first, matrix(({ values }) => ({ values: values.subarray(1) }))],
    ]);
  });

  it('reach no prototype, and bring no fields of their own', () => {
    const text = JSON.stringify(client, (_, value) => (value instanceof Int32Array ? undefined : value));
    const poisoned = text.replace('{', '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"x":1}},');
    const bytes = new Uint8Array(Math.ceil((4 + poisoned.length) / 8) * 8);
    new DataView(bytes.buffer).setUint32(0, poisoned.length, true);
    bytes.set(new TextEncoder().encode(poisoned), 4);
    expect(() => decodeClientArtefact(bytes))
      .to.throw('slotOf')
      .with.property('code', 'HE_ARTEFACT');
    expect(({} as { isAdmin?: boolean }).isAdmin).to.equal(undefined);
    const more = { ...client, toString: 'x', extra: 1, boundaries: client.boundaries };
    expect(decodeClientArtefact(encodeSections(more))).to.deep.equal(client);
  });

  it('are refused with a code, whatever is changed in their bytes', () => {
    const random = generator(7);
    for (const [bytes, decode] of [
      [encodeClientArtefact(client), decodeClientArtefact],
      [encodeServerArtefact(server), decodeServerArtefact],
    ] as const) {
      const inHeader = Array.from({ length: 300 }, () => {
        const bad = bytes.slice();
        bad[4 + random(Math.min(3000, bytes.length - 4))] = 32 + random(96);
        return bad;
      });
      for (const bad of [...mutations(bytes, 100, 3), ...inHeader])
        try {
          decode(bad);
        } catch (error) {
          expect(error).to.have.property('code', 'HE_ARTEFACT');
        }
    }
  });

  it('are refused where the parameters are not those that they are named after', async () => {
    const [a, b] = client.parameters.primes as [number, number];
    const swapped = changed(client, ['parameters', 'primes'], (all: number[]) => [b, a, ...all.slice(2)]);
    const renamed = { ...client, parametersId: '0'.repeat(63).padStart(64, '1') };
    for (const bad of [swapped, renamed]) {
      const error = await unpackClientArtefact(await packClientArtefact(bad)).catch((e: Error) => e);
      expect(error).to.have.property('code', 'HE_ARTEFACT');
    }
    const other = await unpackClientArtefact(await packServerArtefact(server)).catch((e: Error) => e);
    expect(other).to.have.property('code', 'HE_ARTEFACT');
  });
});
