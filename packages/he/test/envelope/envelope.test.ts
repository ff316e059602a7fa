import { expect } from 'chai';
import {
  type Envelope,
  type EnvelopeExpectation,
  envelopeBytes,
  hashParameters,
  openEnvelope,
  peekEnvelope,
  sealEnvelope,
} from '../../src/envelope/index.js';
import { isFormatError, mutations } from '../helpers/mutations.js';

const ID = 'ab'.repeat(32);

async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  return promise.then(
    () => expect.fail('no error'),
    (error) => error,
  );
}

describe('envelopes', () => {
  const payloads = [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(1000).fill(7)];
  const sealed = (change: Partial<Envelope> = {}) =>
    sealEnvelope({ kind: 'ciphertext', parametersId: ID, payloads, ...change });
  const open = (bytes: Uint8Array, change: Partial<EnvelopeExpectation> = {}) =>
    openEnvelope(bytes, { kind: 'ciphertext', parametersId: ID, ...change });

  it('give back what was put in', async () => {
    const bytes = await sealed();
    expect(bytes.length).to.equal(envelopeBytes(3, 0, 1000));
    expect(await open(bytes)).to.deep.equal({ kind: 'ciphertext', parametersId: ID, payloads });
    expect(peekEnvelope(bytes)).to.deep.equal({ kind: 'ciphertext', parametersId: ID });
    const none = await sealed({ kind: 'server artefact', parametersId: '', payloads: [] });
    expect((await openEnvelope(none, { kind: 'server artefact' })).parametersId).to.equal('');
  });

  it('open also inside larger buffers, at any byte', async () => {
    const bytes = await sealed();
    const shifted = new Uint8Array(new SharedArrayBuffer(bytes.length + 5)).subarray(5);
    shifted.set(bytes);
    expect((await open(shifted)).payloads.map((payload) => payload.length)).to.deep.equal([3, 0, 1000]);
  });

  it('say what they are when they are not what is wanted', async () => {
    const bytes = await sealed();
    const wrongKind = await failure(open(bytes, { kind: 'evaluation keys' }));
    expect(wrongKind.code).to.equal('HE_FORMAT');
    expect(wrongKind.message).to.include('a ciphertext').and.include('evaluation keys');
    const foreign = await failure(open(bytes, { parametersId: 'cd'.repeat(32) }));
    expect(foreign.code).to.equal('HE_FOREIGN');
    expect((await failure(open(bytes, { maxPayloads: 2 }))).code).to.equal('HE_FORMAT');
    const newer = bytes.slice();
    newer[8] = 2;
    expect((await failure(open(newer))).message).to.include('version 2');
    expect((await failure(open(new Uint8Array(0)))).code).to.equal('HE_FORMAT');
    expect((await failure(sealed({ parametersId: 'AB' }))).code).to.equal('HE_ARGUMENT');
  });

  it('refuse any damage', async () => {
    const bytes = await sealed();
    let refused = 0;
    for (const damaged of mutations(bytes, 400)) {
      if (Buffer.compare(damaged, bytes) === 0) continue;
      const error = await failure(open(damaged));
      expect(isFormatError(error), error.message).to.equal(true);
      refused++;
    }
    expect(refused).to.be.greaterThan(300);
  });

  it('refuse lengths that overflow', async () => {
    const bytes = await sealed();
    new DataView(bytes.buffer).setBigUint64(64, 2n ** 64n - 1n, true);
    expect((await failure(open(bytes))).code).to.equal('HE_FORMAT');
    new DataView(bytes.buffer).setUint32(12, 2 ** 32 - 1, true);
    expect((await failure(open(bytes, { maxPayloads: 2 ** 32 }))).code).to.equal('HE_FORMAT');
  });

  it('identify parameters by all that must agree', async () => {
    const shape = { ringDegree: 8192, moduli: [97n, 193n] };
    const ids = await Promise.all([
      hashParameters({ scheme: 'ckks', ringDegree: 8192, primes: [97], specialPrime: 193 }, shape),
      hashParameters({ scheme: 'bfv', ringDegree: 8192, plainModulus: 17n }, shape),
      hashParameters({ scheme: 'bfv', ringDegree: 8192, plainModulus: 19n }, shape),
      hashParameters(
        { scheme: 'bfv', ringDegree: 8192, plainModulus: 19n },
        { ...shape, moduli: [193n, 97n] },
      ),
      hashParameters({ scheme: 'bfv', ringDegree: 4096, plainModulus: 19n }, { ...shape, ringDegree: 4096 }),
    ]);
    expect(new Set(ids).size).to.equal(5);
    for (const id of ids) expect(id).to.match(/^[0-9a-f]{64}$/);
  });
});
