import { expect } from 'chai';
import type { Ciphertext, CkksContext, HeScope, SecretKey } from '../../src/backend/library.js';
import { loadHeLibrary } from '../../src/backend/node-seal.js';
import { findPrimes } from '../../src/backend/primes.js';

describe('handles and scopes', () => {
  let context: CkksContext;
  let secret: SecretKey;
  const [prime, specialPrime] = findPrimes(2048, 20, 2);

  beforeEach(async () => {
    context = (await loadHeLibrary()).createContext({
      scheme: 'ckks',
      ringDegree: 2048,
      primes: [prime],
      specialPrime,
    });
    secret = context.generateSecretKey();
  });
  afterEach(() => context.dispose());

  const plain = () => context.encode(Float64Array.of(0.25), 64);
  const encrypted = () => context.encrypt(secret, plain());

  it('are freed at the end of a scope, except what it returns or keeps', () => {
    expect(context.liveHandles).to.equal(1);
    let kept: Ciphertext | undefined;
    const [a, b] = context.scope((scope) => {
      kept = scope.keep(encrypted());
      return [encrypted(), encrypted()];
    });
    expect(context.liveHandles).to.equal(4);
    for (const handle of [a, b, kept as Ciphertext]) {
      expect(handle.disposed).to.equal(false);
      handle.dispose();
      handle.dispose();
      expect(handle.disposed).to.equal(true);
    }
    expect(context.liveHandles).to.equal(1);
    expect(context.scope(() => 5)).to.equal(5);
  });

  it('go from an inner scope to the outer one', () => {
    context.scope(() => {
      const inner = context.scope(() => encrypted());
      expect(inner.disposed).to.equal(false);
      expect(context.liveHandles).to.equal(2);
    });
    expect(context.liveHandles).to.equal(1);
  });

  it('are freed when the body throws', () => {
    expect(() =>
      context.scope(() => {
        encrypted();
        context.openScope();
        encrypted();
        throw new Error('mine');
      }),
    ).to.throw('mine');
    expect(context.liveHandles).to.equal(1);
  });

  it('may not leave through a promise', () => {
    expect(() => context.scope(async () => encrypted()))
      .to.throw()
      .with.property('code', 'HE_ARGUMENT');
    expect(context.liveHandles).to.equal(1);
  });

  it('belong to scopes that are opened and closed by hand, too', () => {
    const outer = context.openScope();
    const first = encrypted();
    const inner: HeScope = context.openScope();
    const second = inner.keep(encrypted());
    inner.dispose();
    expect([first.disposed, second.disposed, inner.disposed]).to.deep.equal([false, false, true]);
    outer.dispose();
    outer.dispose();
    expect([first.disposed, second.disposed]).to.deep.equal([true, true]);
    expect(context.liveHandles).to.equal(1);
  });

  it('cannot be used any more when they are freed', () => {
    const a = encrypted();
    a.dispose();
    for (const use of [
      () => context.negate(a),
      () => a.size,
      () => context.saveCiphertext(a),
      () => context.decrypt(secret, a),
    ])
      expect(use).to.throw().with.property('code', 'HE_DISPOSED');
    const b = encrypted();
    secret.dispose();
    expect(() => context.decrypt(secret, b))
      .to.throw()
      .with.property('code', 'HE_DISPOSED');
    context.dispose();
    expect([b.disposed, context.disposed, context.liveHandles]).to.deep.equal([true, true, 0]);
    for (const use of [
      () => context.negate(b),
      () => context.generateSecretKey(),
      () => context.scope(() => 1),
    ])
      expect(use).to.throw().with.property('code', 'HE_DISPOSED');
  });
});
