/** Compliance of a transport: nothing that keeps a process alive is left after close. */
import { expect } from 'chai';
import { type MakeGroup, text, withGroup } from './group.js';

const HANDLES = /MessagePort|TCPSocketWrap|TLSWrap|Timeout|Immediate/;

const activeHandles = (): number =>
  process.getActiveResourcesInfo().filter((name) => HANDLES.test(name)).length;

export function resourceSuite(make: MakeGroup): void {
  it('leaves no handles behind', async function () {
    // The runner's own timer for this test would count.
    this.timeout(0);
    await withGroup(make, 2, async () => {});
    await settle();
    const before = activeHandles();
    for (let i = 0; i < 3; i++) {
      await withGroup(make, 3, async ({ comms, at }) => {
        await Promise.all(comms.map((comm) => comm.barrier('b')));
        const abandoned = at(0)
          .receive(1, 'abandoned')
          .catch(() => {});
        at(2).send(0, 'unread', text('x'));
        await at(1).close();
        await abandoned;
      });
    }
    for (let i = 0; i < 500 && activeHandles() > before; i++) await settle();
    expect(activeHandles()).to.be.at.most(before);
  });
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20).unref());
