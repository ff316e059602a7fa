import { expect } from 'chai';
import fc from 'fast-check';
import { FairQueue } from '../../src/worker-pool/fair-queue.js';
import { KeyCache } from '../../src/worker-pool/key-cache.js';

interface Item {
  readonly tenant: string;
  readonly number: number;
}

const tenants = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 });

function filled(names: readonly string[]): FairQueue<Item> {
  const queue = new FairQueue<Item>();
  for (const [number, tenant] of names.entries()) queue.push(tenant, { tenant, number });
  return queue;
}

function drain(queue: FairQueue<Item>, preferred?: (item: Item) => boolean): Item[] {
  const taken: Item[] = [];
  for (let item = queue.take(preferred); item; item = queue.take(preferred)) taken.push(item);
  return taken;
}

describe('fair queue', () => {
  it('serves tenants in turn and each in its order', () => {
    fc.assert(
      fc.property(tenants, (names) => {
        const queue = filled(names);
        expect(queue.length).to.equal(names.length);
        const taken = drain(queue);
        expect(taken).to.have.length(names.length);
        expect(queue.length).to.equal(0);
        for (const tenant of ['a', 'b', 'c']) {
          const own = taken.filter((item) => item.tenant === tenant).map((item) => item.number);
          expect(own).to.deep.equal([...own].sort((x, y) => x - y));
        }
        // While two tenants wait, neither is served twice in a row.
        for (const [i, item] of taken.entries()) {
          const next = taken[i + 1];
          if (next?.tenant === item.tenant)
            expect(taken.slice(i + 1).every((later) => later.tenant === item.tenant)).to.equal(true);
        }
      }),
    );
  });

  it('prefers, but passes over nobody for long', () => {
    fc.assert(
      fc.property(tenants, fc.integer({ min: 1, max: 5 }), (names, modulus) => {
        const order = drain(filled(names)).map((item) => item.number);
        const preferring = drain(filled(names), (item) => item.number % modulus === 0);
        expect(preferring.map((item) => item.number).sort((x, y) => x - y)).to.deep.equal(
          names.map((_, i) => i),
        );
        for (const [i, item] of preferring.entries())
          expect(i, 'served late').to.be.at.most(order.indexOf(item.number) + 40);
      }),
    );
    const queue = filled(Array(20).fill('a'));
    const taken = drain(queue, (item) => item.number >= 4).map((item) => item.number);
    expect(taken.slice(0, 5)).to.deep.equal([4, 5, 6, 7, 0]);
  });

  it('removes items, and puts one in front', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'a2', 'b1']) queue.push(item.slice(0, 1), item);
    expect(queue.remove('a1')).to.equal(true);
    expect(queue.remove('a1')).to.equal(false);
    queue.pushFront('b', 'b0');
    queue.pushFront('c', 'c0');
    expect(queue.lengthOf('b')).to.equal(2);
    expect(queue.take()).to.equal('c0');
    expect(queue.take()).to.equal('b0');
    expect(queue.clear()).to.have.members(['a2', 'b1']);
    expect(queue.length).to.equal(0);
    expect(queue.take()).to.equal(undefined);
  });
});

describe('cache of keys', () => {
  const gone: string[] = [];
  const handle = (name: string, bytes: number) => ({ bytes, dispose: () => gone.push(name) });

  it('disposes of the least recently used', () => {
    const cache = new KeyCache(100);
    for (const name of ['a x', 'b x', 'b y']) cache.add(name, handle(name, 40));
    expect(gone).to.deep.equal(['a x']);
    cache.get('b x');
    cache.add('c x', handle('c x', 30));
    expect(gone).to.deep.equal(['a x', 'b y']);
    cache.makeRoom(90);
    expect(cache.names()).to.deep.equal([]);
    cache.add('big x', handle('big x', 1000));
    expect(cache.get('big x')?.bytes).to.equal(1000);
    cache.add('b x', handle('b x', 10));
    cache.add('b y', handle('b y', 10));
    cache.add('bb x', handle('bb x', 10));
    cache.dropAll('b ');
    expect(cache.names()).to.deep.equal(['bb x']);
    expect(cache.bytes).to.equal(10);
    expect(gone).to.deep.equal(['a x', 'b y', 'b x', 'c x', 'big x', 'b x', 'b y']);
  });
});
