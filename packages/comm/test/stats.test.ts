import { expect } from 'chai';
import { CommStats } from '../src/index.js';
import { sleep } from './helpers.js';

describe('stats', () => {
  it('counts per peer and in total', () => {
    const stats = new CommStats(3);
    stats.countSent(1, 100, 80);
    stats.countSent(2, 50, 40);
    stats.countReceived(1, 30, 10);
    stats.countDropped(2);
    expect(stats.peer(1)).to.include({ framesSent: 1, bytesSent: 100, framesReceived: 1, bytesReceived: 30 });
    expect(stats.total).to.include({
      framesSent: 2,
      bytesSent: 150,
      payloadBytesSent: 120,
      payloadBytesReceived: 10,
      framesDropped: 1,
    });
  });

  it('gives differences and can be reset', () => {
    const stats = new CommStats(2);
    stats.countSent(1, 100, 80);
    stats.noteRound(4);
    const before = stats.snapshot();
    stats.countSent(1, 7, 5);
    stats.noteRound(6);
    stats.noteRound(5);
    expect(before.total.bytesSent, 'a snapshot does not change').to.equal(100);
    const since = stats.since(before);
    expect(since.total).to.include({ framesSent: 1, bytesSent: 7, payloadBytesSent: 5 });
    expect(since.peers[1]).to.include({ framesSent: 1, bytesSent: 7 });
    expect(since.rounds).to.equal(2);
    expect(stats.rounds).to.equal(6);
    stats.reset();
    expect(stats.total).to.include({ framesSent: 0, bytesSent: 0, waitedMs: 0 });
    expect(stats.rounds).to.equal(0);
  });

  it('counts overlapping waits once', async () => {
    const stats = new CommStats(3);
    const begin = performance.now();
    stats.beginWait(1);
    stats.beginWait(1);
    stats.beginWait(2);
    await sleep(40);
    expect(stats.total.waitedMs, 'while waiting').to.be.within(30, performance.now() - begin);
    stats.endWait(1);
    stats.endWait(1);
    stats.endWait(2);
    const elapsed = performance.now() - begin;
    const waited = stats.total.waitedMs;
    for (const ms of [waited, stats.peer(1).waitedMs, stats.peer(2).waitedMs])
      expect(ms).to.be.within(30, elapsed);
    await sleep(10);
    expect(stats.total.waitedMs).to.equal(waited);
  });
});
