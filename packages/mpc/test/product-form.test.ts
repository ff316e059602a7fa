import { expect } from 'chai';
import fc from 'fast-check';
import { productBits, productForm } from '../src/protocols/product-form.js';

describe('product form', () => {
  it('shares s X Y with one product a party and one less at the dealer, for any number of parties', () => {
    const small = fc.bigInt({ min: -(1n << 40n), max: 1n << 40n });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 33 }), fc.infiniteStream(small), (parties, numbers) => {
        const next = () => numbers.next().value as bigint;
        const { l, k, dealt, extraBits } = productForm(parties);
        const many = () => Array.from({ length: parties }, next);
        const [x, y, A, B] = [next(), next(), many(), many()];
        const sum = (list: readonly bigint[]) => list.reduce((a, b) => a + b, 0n);
        const weighted = (w: readonly bigint[], list: readonly bigint[]) => sum(list.map((v, i) => w[i] * v));
        const [E, F] = [x - sum(A), y - sum(B)];
        const own = A.map((a, i) => k[i] * (l[i] * E + a) * (l[i] * F + B[i]));
        const C = dealt.map(({ left, right }) => weighted(left, A) * weighted(right, B));
        expect(dealt.length).equal(parties - 1);
        expect(sum(own) + sum(C)).equal(x * y * 2n ** BigInt(extraBits));
        for (const [i, v] of l.entries()) expect(v * k[i]).equal(2n ** BigInt(extraBits));
        expect(extraBits)
          .equal(productBits(parties))
          .equal(parties % 2 === 0 ? 1 : 0);
      }),
    );
  });
});
