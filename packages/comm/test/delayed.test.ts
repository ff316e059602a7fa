import { expect } from 'chai';
import {
  Communicator,
  createThreadGroup,
  DelayedTransport,
  type DelayOptions,
  threadTransport,
} from '../src/index.js';

async function withPair(options: DelayOptions, test: (a: Communicator, b: Communicator) => Promise<void>) {
  const [a, b] = createThreadGroup(2).map(
    (endpoint) => new Communicator(new DelayedTransport(threadTransport(endpoint), options)),
  );
  if (!a || !b) throw new Error('no pair');
  try {
    await test(a, b);
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
}

const elapsed = async (work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
};

describe('delayed transport', () => {
  it('adds its latency once per frame, not per byte or per queue', () =>
    withPair({ latencyMs: 40 }, async (a, b) => {
      const ms = await elapsed(async () => {
        for (let i = 0; i < 100; i++) a.send(1, `${i}`, new Uint8Array(1000));
        for (let i = 0; i < 100; i++) await b.receive(0, `${i}`);
      });
      expect(ms).to.be.within(38, 3000);
    }));

  it('takes as long as its bandwidth says', () =>
    withPair({ bandwidth: 10e6 }, async (a, b) => {
      const ms = await elapsed(async () => {
        for (let i = 0; i < 10; i++) a.send(1, 'k', new Uint8Array(100_000));
        for (let i = 0; i < 10; i++) await b.receive(0, 'k');
      });
      expect(ms).to.be.within(95, 3000);
    }));

  it('repeats its delays for the same seed', async () => {
    const orderOf = async (seed: number): Promise<string> => {
      let order = '';
      await withPair({ jitterMs: 400, reorder: true, seed }, async (a, b) => {
        b.onKey(0, '', (_, key) => {
          order += key;
        });
        a.sendBatch(
          1,
          [...'abcdef'].map((key) => ({ key, payload: new Uint8Array(0) })),
        );
        while (order.length < 6) await new Promise((resolve) => setTimeout(resolve, 5));
      });
      return order;
    };
    const first = await orderOf(3);
    expect(await orderOf(3)).to.equal(first);
    expect([first, await orderOf(4), await orderOf(5)].some((order) => order !== 'abcdef')).to.equal(true);
  });

  it('delivers what was sent before a goodbye', () =>
    withPair({ jitterMs: 30 }, async (a, b) => {
      a.send(1, 'k', new Uint8Array([8]));
      await a.close();
      expect([...(await b.receive(0, 'k'))]).to.deep.equal([8]);
      const error = await b.receive(0, 'k').catch((reason) => reason);
      expect(error).to.include({ code: 'PEER_LEFT', reason: 'goodbye' });
    }));
});
