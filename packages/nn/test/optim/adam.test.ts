/** Adam over all gradients that it promises to be right for, against double precision. */
import type { CrypTensor } from '@tacit/tensor';
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import { optim, Parameter } from '../../src/index.js';
import { plainAdam } from '../helpers/plain-training.js';

const STEPS = 6;
const PER = 8;
const LR = 0.5;

/** The largest error of a step, in learning rates, of gradients of which the first moves by 1 / 2 to 1 of 2^e. */
async function errors(exponents: readonly number[], eps: number, parties = 2): Promise<number[]> {
  const n = exponents.length * PER;
  // Signs differ now and then, so that moments do.
  const gradients = Array.from({ length: STEPS }, (_, s) =>
    Float64Array.from({ length: n }, (_, i) => {
      const part = 0.5 + 0.5 * Math.abs(Math.sin(7 * s + 3 * i));
      return 2 ** exponents[Math.floor(i / PER)] * part * (Math.cos(5 * s + i) > 0.7 ? -1 : 1);
    }),
  );
  const { results } = await simulate({ parties }, async (party) => {
    const parameter = new Parameter([n]);
    parameter.encrypt(party, 0, 'shared');
    const adam = new optim.Adam([parameter], { lr: LR, eps });
    const found: Float64Array[] = [new Float64Array(n)];
    for (const gradient of gradients) {
      adam.zeroGrad();
      const given = party.cryptensor(gradient, { src: 1, precision: 32 });
      (parameter.operand as CrypTensor).backward(given);
      adam.step();
      found.push((await parameter.reveal({}))?.data ?? new Float64Array());
    }
    return found;
  });
  const w = new Float64Array(n);
  const rule = plainAdam({ lr: LR, eps });
  const worst = exponents.map(() => 0);
  gradients.forEach((gradient, s) => {
    const before = w.slice();
    rule(w, gradient, 0);
    w.forEach((v, i) => {
      const step = results[0][s + 1][i] - results[0][s][i];
      const k = Math.floor(i / PER);
      worst[k] = Math.max(worst[k], Math.abs(step - (v - before[i])) / LR);
    });
  });
  return worst;
}

const from = (low: number, high: number): number[] =>
  Array.from({ length: high - low + 1 }, (_, i) => low + i);

describe('Adam', () => {
  it('is right for gradients from 2^-14 to 2^5', async function () {
    this.timeout(30_000);
    const exponents = from(-13, 5);
    (await errors(exponents, 1e-8)).forEach((error, i) => {
      const e = exponents[i];
      expect(error, `gradients of 2^${e}`).below(e >= 4 ? 2 ** -6 : 2 ** -8);
    });
  });

  it('is right with an eps that counts, and between three parties', async function () {
    this.timeout(30_000);
    for (const error of await errors(from(-13, 5), 1e-3)) expect(error).below(2 ** -8);
    for (const error of await errors(from(-12, 3), 1e-8, 3)) expect(error).below(2 ** -8);
  });

  it('takes larger gradients as large ones, and no steps without gradients', async () => {
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const parameter = new Parameter([4]);
      parameter.encrypt(party, 0, 'shared');
      const adam = new optim.Adam([parameter], { lr: 1 });
      for (let step = 0; step < 2; step++) {
        adam.zeroGrad();
        (parameter.operand as CrypTensor).backward(
          party.cryptensor([1000, -200000, 0, 2 ** -16], { src: 0 }),
        );
        adam.step();
      }
      return [...((await parameter.reveal({}))?.data ?? [])];
    });
    const [a, b, c, d] = results[0];
    // 1 / sqrt(V) has a relative error at the end of its range.
    expect(a).within(-2.1, -1.9);
    expect(b).within(1.9, 2.1);
    expect(c).closeTo(0, 2 ** -8);
    expect(d).within(-2, 0);
  });
});
