import { expect } from 'chai';
import fc from 'fast-check';
import { Bfv } from '../../src/bfv/index.js';
import { decodeInteger, encodeInteger } from '../../src/bfv/integer-code.js';

describe('whole numbers as polynomials', () => {
  it('are restored, with small digits', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
        fc.integer({ min: 2, max: 1000 }),
        (value, base) => {
          const digits = encodeInteger(value, base, 64);
          expect(decodeInteger(digits, base)).to.equal(value);
          for (const digit of digits) expect(Math.abs(Number(digit))).to.be.at.most(base / 2);
        },
      ),
    );
    expect(() => encodeInteger(1n << 64n, 2, 64)).to.throw(/64 digits/);
  });
});

describe('encrypted numbers', () => {
  let bfv: Bfv;
  const a = 127.15717263;
  const b = -2.128965182;

  before(async () => {
    bfv = await Bfv.create();
  });
  after(() => bfv.dispose());

  it('add, subtract and multiply as in the clear', () => {
    bfv.context.scope(() => {
      const [x, y] = [bfv.encryptFraction(a), bfv.encryptFraction(b)];
      expect(bfv.decryptFraction(bfv.add(x, y))).to.be.closeTo(a + b, 1e-8);
      expect(bfv.decryptFraction(bfv.sub(x, y))).to.be.closeTo(a - b, 1e-8);
      expect(bfv.decryptFraction(bfv.multiply(x, y))).to.be.closeTo(a * b, 1e-7);
      expect(bfv.decryptFraction(bfv.square(x))).to.be.closeTo(a * a, 1e-6);
      expect(bfv.decryptFraction(bfv.negate(x))).to.be.closeTo(-a, 1e-8);
    });
  });

  it('combine with numbers and encoded numbers', () => {
    bfv.context.scope(() => {
      const x = bfv.encryptFraction(a);
      expect(bfv.decryptFraction(bfv.add(x, 2.5))).to.be.closeTo(a + 2.5, 1e-8);
      expect(bfv.decryptFraction(bfv.sub(x, bfv.encodeFraction(b)))).to.be.closeTo(a - b, 1e-8);
      expect(bfv.decryptFraction(bfv.multiply(x, -0.375))).to.be.closeTo(a * -0.375, 1e-8);
      expect(bfv.decryptFraction(bfv.multiply(x, 0))).to.equal(0);
      expect(bfv.decodeFraction(bfv.encodeFraction(b))).to.be.closeTo(b, 2 ** -32);
      expect(() => bfv.add(x, bfv.secretKey as never))
        .to.throw()
        .with.property('code', 'HE_ARGUMENT');
    });
    // Keys only.
    expect(bfv.context.liveHandles).to.equal(1);
  });

  it('may be whole numbers of any size', () => {
    bfv.context.scope(() => {
      const [x, y] = [123456789012345n, -987654321987n];
      const [u, v] = [bfv.encryptInteger(x), bfv.encryptInteger(y)];
      expect(bfv.decryptInteger(bfv.multiply(u, v))).to.equal(x * y);
      expect(bfv.decryptInteger(bfv.sub(u, v))).to.equal(x - y);
      expect(bfv.decryptInteger(bfv.add(u, bfv.encodeInteger(y)))).to.equal(x + y);
    });
  });

  it('lose noise budget as in the notebook: little in sums, most of it in products, hardly any in plain products', () => {
    bfv.context.scope(() => {
      const x = bfv.encryptFraction(a);
      const two = bfv.encodeFraction(2);
      const fresh = bfv.noiseLevel(x);
      const sum = bfv.noiseLevel(bfv.add(x, x));
      const product = bfv.noiseLevel(bfv.multiply(x, x));
      expect(fresh).to.be.greaterThan(40);
      expect(sum).to.be.within(fresh - 2, fresh);
      expect(product).to.be.lessThan(fresh - 15);
      expect(bfv.noiseLevel(bfv.add(x, two))).to.be.within(fresh - 1, fresh);
      expect(bfv.noiseLevel(bfv.multiply(x, two))).to.be.within(fresh - 2, fresh);
      expect(product).to.be.lessThan(sum);
    });
  });

  it('have powers, with a relinearisation key', async () => {
    const larger = await Bfv.create({ ringDegree: 8192 });
    larger.context.scope(() => {
      const x = larger.encryptFraction(1.5);
      expect(() => larger.power(x, 2))
        .to.throw()
        .with.property('code', 'HE_KEY');
      expect(larger.multiply(x, x).size).to.equal(3);
      larger.generateRelinearizationKey();
      expect(larger.multiply(x, x).size).to.equal(2);
      for (const exponent of [1, 2, 3, 4])
        expect(larger.decryptFraction(larger.power(x, exponent))).to.be.closeTo(1.5 ** exponent, 1e-6);
    });
    larger.dispose();
  });

  it('stand more products in a larger ring, and fewer under a larger plain modulus', async () => {
    const depthOf = async (options: Parameters<typeof Bfv.create>[0]) => {
      const numbers = await Bfv.create({ fractionDigits: 64, ...options });
      numbers.generateRelinearizationKey();
      const result = numbers.multiplicationDepth({ maxDepth: 4 });
      numbers.dispose();
      for (const { right, noiseBudget } of result.steps.slice(0, -1))
        expect([right, noiseBudget > 0]).to.deep.equal([true, true]);
      expect(result.steps.map(({ expected }) => Math.round(expected))).to.deep.equal(
        [10, 1, 10, 1].slice(0, result.steps.length),
      );
      return result;
    };
    const small = await depthOf({ ringDegree: 4096 });
    const large = await depthOf({ ringDegree: 8192 });
    // 2^40 and a little more.
    const precise = await depthOf({ ringDegree: 8192, plainModulus: 1099511922689n });
    expect(small.depth).to.equal(1);
    expect(small.steps.at(-1)).to.include({ multiplications: 2, noiseBudget: 0, right: false });
    expect(large.depth).to.be.greaterThan(small.depth);
    expect(precise.depth).to.be.lessThan(large.depth);
  });

  it('say when the noise budget is used up', () => {
    bfv.context.scope(() => {
      const x = bfv.encryptFraction(1.25);
      const wrong = bfv.multiply(bfv.multiply(x, x), bfv.multiply(x, x));
      expect(bfv.noiseLevel(wrong)).to.equal(0);
      expect(() => bfv.decryptFraction(wrong))
        .to.throw()
        .with.property('code', 'HE_NOISE');
      expect(() => bfv.decryptInteger(wrong))
        .to.throw()
        .with.property('code', 'HE_NOISE');
      expect(bfv.decryptFraction(wrong, { evenIfNoisy: true })).to.be.a('number');
    });
  });

  it('keep the secret key', async () => {
    const again = await Bfv.create({ secretKey: bfv.context.saveSecretKey(bfv.secretKey) });
    const bytes = bfv.context.scope(() => bfv.context.saveCiphertext(bfv.encryptFraction(b)));
    expect(again.decryptFraction(again.context.loadCiphertext(bytes))).to.be.closeTo(b, 1e-8);
    again.dispose();
  });

  it('are refused for parameters that do not fit', async () => {
    for (const options of [
      { plainModulus: 65538n },
      { ringDegree: 1000 },
      { base: 1 },
      { integerDigits: 5000 },
    ]) {
      const error = await Bfv.create(options).then(
        () => expect.fail('no error'),
        (thrown) => thrown,
      );
      expect(error.code).to.be.oneOf(['HE_PARAMETERS', 'HE_ARGUMENT']);
    }
    expect(() => bfv.encryptFraction(Number.NaN))
      .to.throw()
      .with.property('code', 'HE_ARGUMENT');
    expect(() => bfv.encryptFraction(2 ** 70))
      .to.throw()
      .with.property('code', 'HE_ARGUMENT');
  });
});
