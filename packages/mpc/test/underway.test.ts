/** Tensors that are used while they are still being made. */
import { expect } from 'chai';
import type { Session } from '../src/index.js';
import { shareInput } from '../src/protocols/input.js';
import { maskOnce } from '../src/protocols/mask.js';
import { multiplyMasked } from '../src/protocols/multiply.js';
import { productBits } from '../src/protocols/product-form.js';
import { relu } from '../src/protocols/relu.js';
import { reveal } from '../src/protocols/reveal.js';
import { BLOCK } from '../src/runtime/layout.js';
import type { Share } from '../src/runtime/share.js';
import { failure, runParties, signed, words } from './helpers/parties.js';

const n = 3 * BLOCK + 77;
const config = { chunk: BLOCK };
const numbers = Array.from({ length: n }, (_, i) => BigInt(((i * 7919) % 20011) - 10005));
const given = (s: Session): Share => shareInput(s, 0, [n], s.rank === 0 ? words(numbers) : undefined);

describe('tensors under way', () => {
  for (const parties of [2, 3])
    for (const delays of [undefined, 5])
      it(`a chain of operations in chunks, ${parties} parties${delays ? ', with delays' : ''}`, async () => {
        const f = 4;
        const { results } = await runParties(
          parties,
          async (s) => {
            const x = given(s);
            const positive = relu(s, x);
            const masked = maskOnce(s, positive);
            const y = multiplyMasked(s, masked, maskOnce(s, x), { f: f + productBits(parties), l: 64 });
            const z = relu(s, y);
            for (const t of [x, positive, y]) t.dispose(); // what is under way goes on
            return (await reveal(s, z)) as BigUint64Array;
          },
          { config, delays },
        );
        for (const result of results)
          signed(result).forEach((v, i) => {
            const exact = numbers[i] > 0n ? (numbers[i] * numbers[i]) >> BigInt(f) : 0n;
            expect(v - exact === 0n || v - exact === 1n, `${numbers[i]} gave ${v}`).equal(true);
          });
      });

  it('the operation that fails in the middle is named, by those that use its result, too', async () => {
    const errors: unknown[] = [];
    const run = runParties(
      2,
      async (s) => {
        const x = given(s);
        const broken = s.issueElementwise(
          { descriptor: { kind: 'broken', n, shape: [n] }, inputs: [x], shape: [n], rounds: 0 },
          (op, [a], out) => {
            if (s.rank === 0 && op.chunk.index === 1) throw new Error('the second chunk');
            out.set(a);
          },
        );
        const masked = maskOnce(s, broken);
        const y = relu(s, multiplyMasked(s, masked, masked, { f: 5, l: 64 }));
        const settled = await Promise.allSettled([broken.value, masked.value, y.value]);
        if (s.rank === 0)
          for (const r of settled) errors.push(r.status === 'rejected' ? r.reason : undefined);
        await y.value;
      },
      { config, timeoutMs: 5000 },
    );
    await failure(run);
    expect(errors.length).equal(3);
    for (const error of errors) expect(String(error)).match(/broken \(operation \d+\)/);
  });
});
