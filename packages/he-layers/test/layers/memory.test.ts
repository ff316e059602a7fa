import { findPrimes } from '@tacit/he/backend';
import { expect } from 'chai';
import {
  BfvKeyHolder,
  buildEncodedNetwork,
  CkksKeyHolder,
  createBfvArithmetic,
  createCkksArithmetic,
  encryptLocally,
  LocalReencryptionPeer,
} from '../../src/layers/index.js';
import { numbers } from './helpers.js';
import { tinyModel } from './tiny-model.js';

const RANGE = { low: -1, high: 1 };

describe('memory of encoded layers', () => {
  it('in BFV every ciphertext is freed, after errors too', async () => {
    const parameters = {
      scheme: 'bfv',
      ringDegree: 4096,
      plainModulus: 557057n,
      fractionalDigits: 10,
    } as const;
    const holder = await BfvKeyHolder.create(parameters);
    const arithmetic = await createBfvArithmetic(parameters, holder.evaluationKeys());
    const peer = new LocalReencryptionPeer(holder);
    const [leaking, refusing] = [true, false].map((leakActivations) =>
      buildEncodedNetwork(tinyModel(), { reencryptAt: [2], peer, leakActivations }),
    );
    const before = arithmetic.liveHandles;
    using input = encryptLocally(holder, arithmetic, [numbers(16)], [1, 1, 4, 4], RANGE);
    expect(arithmetic.liveHandles).to.equal(before + 16);
    (await leaking.forward(input)).dispose();
    let code: unknown;
    await refusing.forward(input).catch((error: { code: string }) => {
      code = error.code;
    });
    expect(code).to.equal('HE_REENCRYPT');
    input.dispose();
    arithmetic.forgetWeights();
    expect(arithmetic.liveHandles).to.equal(before);
    expect(() => input.elements).to.throw('disposed');
    arithmetic.dispose();
    holder.dispose();
  });

  it('in CKKS memory does not grow from one inference to the next', async () => {
    const [specialPrime] = findPrimes(4096, 28, 1);
    const primes = findPrimes(4096, 27, 3);
    const parameters = { scheme: 'ckks', ringDegree: 4096, primes, specialPrime, scale: 2 ** 23 } as const;
    const holder = await CkksKeyHolder.create(parameters);
    const arithmetic = await createCkksArithmetic(parameters, holder.evaluationKeys());
    const network = buildEncodedNetwork(tinyModel({ squares: 1 }));
    const pass = async () => {
      using input = encryptLocally(holder, arithmetic, [numbers(16)], [1, 1, 4, 4], RANGE);
      // Up to the pool; the linear layer has no level left, and throws.
      (await network.forward(input, { to: 4 })).dispose();
      const failed = await network.forward(input).catch((error: { code: string }) => error.code);
      expect(failed).to.equal('HE_LEVEL');
    };
    await pass();
    const before = arithmetic.memoryBytes;
    for (let i = 0; i < 8; i++) await pass();
    expect(arithmetic.memoryBytes).to.equal(before);
    arithmetic.dispose();
    holder.dispose();
  });
});
