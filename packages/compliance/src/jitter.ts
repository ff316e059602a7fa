/** Compliance of a transport: a program that depends on keys only gives the same result under any delays. */
import { DelayedTransport } from '@tacit/comm';
import { expect } from 'chai';
import { type MakeGroup, text, untext, withGroup } from './group.js';

export function jitterSuite(make: MakeGroup): void {
  for (const reorder of [false, true]) {
    it(`random delays${reorder ? ' and reordered keys' : ''} change nothing`, () => {
      const delayed: MakeGroup = async (size) =>
        (await make(size)).map((inner) => new DelayedTransport(inner, { jitterMs: 6, reorder, seed: 7 }));
      return withGroup(delayed, 3, async ({ comms }) => {
        const sums = await Promise.all(
          comms.map(async (comm) => {
            let value = comm.rank + 1;
            for (let round = 0; round < 12; round++) {
              const key = `${round}/open`;
              for (const peer of comm.peers())
                comm.sendBatch(peer, [
                  { key, payload: text(String(value)) },
                  { key: 'log', payload: text(`${round}`) },
                ]);
              const others = await Promise.all(comm.peers().map((peer) => comm.receive(peer, key)));
              value = (value * 3 + others.reduce((sum, other) => sum + Number(untext(other)), 0)) % 10_007;
            }
            for (const peer of comm.peers())
              for (let round = 0; round < 12; round++)
                expect(untext(await comm.receive(peer, 'log'))).to.equal(`${round}`);
            const { framesReceived, bytesReceived } = comm.stats.total;
            expect(framesReceived).to.equal(24);
            expect(bytesReceived).to.be.greaterThan(24 * 40);
            return value;
          }),
        );
        expect(sums).to.deep.equal(expectedValues());
      });
    });
  }
}

function expectedValues(): number[] {
  let values = [1, 2, 3];
  for (let round = 0; round < 12; round++) {
    const total = values.reduce((sum, value) => sum + value, 0);
    values = values.map((value) => (value * 3 + total - value) % 10_007);
  }
  return values;
}
