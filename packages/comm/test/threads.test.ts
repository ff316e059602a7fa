import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { Communicator, createThreadGroup, endpointPorts, threadTransport } from '../src/index.js';

describe('thread transport', () => {
  it('connects members of one thread', async () => {
    const [a, b] = createThreadGroup(2).map((endpoint) => new Communicator(threadTransport(endpoint)));
    if (!a || !b) throw new Error('no group');
    const payload = new Uint8Array(10_000).fill(7);
    a.send(1, 'x', payload);
    expect(payload.byteLength, 'large payloads are transferred').to.equal(0);
    const got = await b.receive(0, 'x');
    expect(got.byteLength).to.equal(10_000);
    expect(got[9_999]).to.equal(7);
    expect(() => a.send(1, 'x', payload)).to.throw(/already sent/);
    await a.close();
    await b.close();
  });

  it('connects workers; a worker that dies is noticed', async function () {
    this.timeout(20_000);
    const [mine, theirs] = createThreadGroup(2);
    if (!mine || !theirs) throw new Error('no group');
    const worker = new Worker(new URL('./echo-worker.mjs', import.meta.url), {
      workerData: theirs,
      transferList: endpointPorts(theirs),
    });
    const comm = new Communicator(threadTransport(mine), { names: ['main', 'echo worker'] });
    for (const bytes of [0, 8, 5000, 1_000_000]) {
      comm.send(1, 'ping', new Uint8Array(bytes).fill(3));
      const echo = await comm.receive(1, 'pong');
      expect(echo.byteLength).to.equal(bytes);
      expect(echo.every((value) => value === 3)).to.equal(true);
    }
    comm.send(1, 'exit', new Uint8Array(0));
    const error = await comm.receive(1, 'pong').catch((reason) => reason);
    expect(error).to.include({ code: 'PEER_LEFT', rank: 1, reason: 'disconnected' });
    expect(error.message).to.contain('echo worker');
    await comm.close();
    await worker.terminate();
  });

  for (const [what, garbage] of [
    ['an object', {}],
    ['null', null],
    ['an odd list', ['key']],
    ['a payload that is not bytes', ['key', 'text']],
    ['noise for a frame', [new Uint8Array(50)]],
    ['part of a buffer', ['key', new Uint8Array(100).subarray(3, 9)]],
  ] as const) {
    it(`garbage of a member is a violation: ${what}`, async () => {
      const [mine, theirs] = createThreadGroup(2);
      if (!mine || !theirs) throw new Error('no group');
      const comm = new Communicator(threadTransport(mine));
      theirs.ports[0]?.postMessage(garbage);
      const error = await comm.receive(1, 'k').catch((reason) => reason);
      expect(error).to.include({ code: 'PROTOCOL_VIOLATION', rank: 1 });
      await comm.close();
    });
  }

  it('a group has at least one member', async () => {
    expect(() => createThreadGroup(0))
      .to.throw()
      .with.property('code', 'COMM_BAD_ARGUMENT');
    const [alone] = createThreadGroup(1).map((endpoint) => new Communicator(threadTransport(endpoint)));
    await alone?.barrier('b');
    expect(await alone?.allGather('g', new Uint8Array([1]))).to.deep.equal([new Uint8Array([1])]);
    await alone?.close();
  });
});
