/** Compliance of a transport: what happens when a member leaves, crashes, stalls, aborts or floods. */
import { expect } from 'chai';
import { failureOf, type MakeGroup, pattern, text, untext, withGroup } from './group.js';

const EMPTY = new Uint8Array(0);

export function failureSuite(make: MakeGroup): void {
  it('after a goodbye, what was sent is received and only the rest rejects', () =>
    withGroup(make, 3, async ({ at }) => {
      const pending = failureOf(at(0).receive(1, 'never'));
      at(1).send(0, 'last', pattern(3_000_000, 1));
      at(1).send(0, 'words', text('bye'));
      await at(1).close();
      expect(await pending).to.include({ code: 'PEER_LEFT', rank: 1, reason: 'goodbye' });
      expect((await at(0).receive(1, 'last')).byteLength).to.equal(3_000_000);
      expect(untext(await at(0).receive(1, 'words'))).to.equal('bye');
      expect(await failureOf(at(0).receive(1, 'words'))).to.include({ code: 'PEER_LEFT', rank: 1 });
      at(2).send(0, 'others', text('go on'));
      expect(untext(await at(0).receive(2, 'others'))).to.equal('go on');
      at(0).send(1, 'gone', EMPTY);
      await at(0).flushed(1);
      expect(at(0).stats.peer(1).framesDropped).to.equal(1);
      expect(at(0).aborted.aborted).to.equal(false);
    }));

  it('a crash fails all receives of everybody and names the crashed member', () =>
    withGroup(make, 3, async ({ transports, at }) => {
      const pending = [at(0).receive(1, 'x'), at(0).receive(2, 'y'), at(2).receive(0, 'z')].map((receive) =>
        failureOf(receive),
      );
      transports[1]?.destroy();
      for (const error of await Promise.all(pending))
        expect(error).to.include({ code: 'PEER_LEFT', rank: 1, reason: 'disconnected' });
      expect(at(0).aborted.aborted).to.equal(true);
      expect(await failureOf(at(2).receive(0, 'later'))).to.include({ code: 'PEER_LEFT', rank: 1 });
      expect(() => at(0).send(2, 'k', EMPTY))
        .to.throw()
        .with.property('code', 'PEER_LEFT');
    }));

  it('a crash before the others start is noticed too', async () => {
    const transports = await make(2);
    transports[1]?.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await withGroup(
      async () => transports,
      2,
      async ({ at }) => {
        expect(await failureOf(at(0).receive(1, 'x'))).to.include({ code: 'PEER_LEFT', rank: 1 });
      },
    );
  });

  it('frames sent before the others start are kept', async () => {
    const transports = await make(2);
    const [early, late] = transports;
    if (!early || !late) throw new Error('no group');
    early.start({ onEntries: () => {}, onLeave: () => {} });
    early.send(1, [{ key: 'k', payload: text('waiting') }]);
    await early.close().catch(() => {});
    const got: string[] = [];
    await new Promise<void>((resolve) => {
      late.start({
        onEntries: (_, entries) => got.push(...entries.map(({ payload }) => untext(payload))),
        onLeave: (_, reason) => {
          got.push(reason);
          resolve();
        },
      });
    });
    expect(got).to.deep.equal(['waiting', 'goodbye']);
    await late.close();
  });

  it('a peer that stalls runs into the deadline of the receive, and only that', () =>
    withGroup(
      make,
      3,
      async ({ at }) => {
        const begin = performance.now();
        const error = await failureOf(at(0).receive(1, '7/open', { timeoutMs: 60 }));
        expect(error).to.include({ code: 'PEER_TIMEOUT', rank: 1, key: '7/open', ms: 60 });
        expect(error.message).to.contain('the slow one').and.contain('7/open');
        expect(at(0).stats.peer(1).waitedMs).to.be.within(50, performance.now() - begin);
        at(1).send(0, '7/open', text('late'));
        expect(untext(await at(0).receive(1, '7/open'))).to.equal('late');
      },
      { names: ['party 0', 'the slow one', 'dealer'] },
    ));

  it('a receiver that was itself busy does not blame the peer', () =>
    withGroup(make, 2, async ({ at }) => {
      const receive = at(0).receive(1, 'k', { timeoutMs: 50 });
      at(1).send(0, 'k', text('in time'));
      const until = performance.now() + 200;
      while (performance.now() < until);
      expect(untext(await receive)).to.equal('in time');
    }));

  it('a receive can be given up by a signal', () =>
    withGroup(make, 2, async ({ at }) => {
      const controller = new AbortController();
      const receive = failureOf(at(0).receive(1, 'k', { signal: controller.signal }));
      controller.abort(new Error('changed my mind'));
      expect((await receive).message).to.equal('changed my mind');
      at(1).send(0, 'k', text('still there'));
      expect(untext(await at(0).receive(1, 'k'))).to.equal('still there');
    }));

  it('abort reaches everybody with code, message and rank', () =>
    withGroup(make, 5, async ({ comms, at }) => {
      const cause = Object.assign(new Error('no such file: weights.npy'), { code: 'FILE_MISSING' });
      const noticed = comms.map(
        (comm) => new Promise<Error>((resolve) => void comm.onAbort((error) => resolve(error))),
      );
      const pending = comms.map((comm) => failureOf(comm.receive((comm.rank + 1) % 5, 'k')));
      at(3).abort(cause);
      for (const [rank, error] of (await Promise.all(pending)).entries()) {
        if (rank === 3) expect(error).to.equal(cause);
        else {
          expect(error).to.include({ code: 'PEER_ABORTED', rank: 3, remoteCode: 'FILE_MISSING' });
          expect(error.message).to.contain('no such file: weights.npy');
        }
        expect(await noticed[rank]).to.equal(error);
        expect(at(rank).failure).to.equal(error);
        expect(await failureOf(at(rank).receive((rank + 2) % 5, 'later'))).to.equal(error);
      }
      expect(() => at(3).send(0, 'k', EMPTY)).to.throw('no such file');
    }));

  it('an exception in a stream handler aborts', () =>
    withGroup(make, 2, async ({ at }) => {
      at(1).onKey(0, 's', () => {
        throw new Error('cannot handle this');
      });
      at(0).send(1, 's', EMPTY);
      const error = await failureOf(at(0).receive(1, 'k'));
      expect(error).to.include({ code: 'PEER_ABORTED', rank: 1, remoteMessage: 'cannot handle this' });
    }));

  it('a flooded mailbox is an error that says so', () =>
    withGroup(
      make,
      2,
      async ({ at }) => {
        for (let i = 0; i < 20; i++) at(0).send(1, `${i}`, EMPTY);
        const error = await failureOf(at(1).receive(0, 'never'));
        expect(error).to.include({ code: 'COMM_MAILBOX_FULL', rank: 0 });
        expect(await failureOf(at(0).receive(1, 'k'))).to.include({ remoteCode: 'COMM_MAILBOX_FULL' });
      },
      { maxMailboxEntries: 10 },
    ));

  it('close is idempotent, rejects what is pending and can be called by all at once', () =>
    withGroup(make, 3, async ({ comms, at }) => {
      const pending = failureOf(at(0).receive(1, 'k'));
      await Promise.all([...comms, ...comms].map((comm) => comm.close()));
      expect((await pending).code).to.be.oneOf(['COMM_CLOSED', 'PEER_LEFT']);
      expect((await failureOf(at(0).receive(1, 'k'))).code).to.equal('COMM_CLOSED');
      expect(() => at(0).send(1, 'k', EMPTY))
        .to.throw()
        .with.property('code', 'COMM_CLOSED');
      for (const comm of comms) expect(comm.aborted.aborted).to.equal(false);
    }));
}
