/** Compliance of a transport: what is sent arrives, unchanged, in order, under its key. */
import { expect } from 'chai';
import { failureOf, isPattern, type MakeGroup, pattern, text, untext, withGroup } from './group.js';

const EMPTY = new Uint8Array(0);

export function deliverySuite(make: MakeGroup): void {
  for (const size of [2, 3, 5]) {
    it(`connects everybody with everybody, n = ${size}`, () =>
      withGroup(make, size, async ({ comms }) => {
        for (const comm of comms)
          for (const peer of comm.peers()) comm.send(peer, 'hi', text(`${comm.rank}-${peer}`));
        for (const comm of comms)
          for (const peer of comm.peers())
            expect(untext(await comm.receive(peer, 'hi'))).to.equal(`${peer}-${comm.rank}`);
      }));

    it(`broadcast, allGather and barrier, n = ${size}`, () =>
      withGroup(make, size, async ({ comms }) => {
        const root = size - 1;
        const sent = pattern(5000, 1);
        const seen = await Promise.all(
          comms.map((comm) => comm.broadcast(root, 'b', comm.rank === root ? sent : undefined)),
        );
        for (const payload of seen) expect(isPattern(payload, 5000, 1)).to.equal(true);
        const gathered = await Promise.all(
          comms.map((comm) => comm.allGather('g', text(`from ${comm.rank}`))),
        );
        const expected = comms.map((comm) => `from ${comm.rank}`);
        for (const list of gathered) expect(list.map(untext)).to.deep.equal(expected);

        let arrived = 0;
        await Promise.all(
          comms.map(async (comm) => {
            await new Promise((resolve) => setTimeout(resolve, comm.rank * 5));
            arrived++;
            await comm.barrier('wait');
            expect(arrived).to.equal(size);
          }),
        );
      }));
  }

  it('keeps the order of one key', () =>
    withGroup(make, 2, async ({ at }) => {
      for (let i = 0; i < 200; i++) at(0).send(1, 'k', text(String(i)));
      for (let i = 0; i < 200; i++) expect(untext(await at(1).receive(0, 'k'))).to.equal(String(i));
    }));

  it('serves several receives of one key in their order', () =>
    withGroup(make, 2, async ({ at }) => {
      const receives = [0, 1, 2].map(() => at(1).receive(0, 'k'));
      for (const i of [0, 1, 2]) at(0).send(1, 'k', text(String(i)));
      expect((await Promise.all(receives)).map(untext)).to.deep.equal(['0', '1', '2']);
    }));

  it('keeps early frames until somebody asks', () =>
    withGroup(make, 2, async ({ at }) => {
      at(0).send(1, 'early', text('bird'));
      at(0).send(1, 'sync', EMPTY);
      await at(1).receive(0, 'sync');
      expect(untext(await at(1).receive(0, 'early'))).to.equal('bird');
    }));

  it('delivers interleaved keys to whom they belong', () =>
    withGroup(make, 2, async ({ at }) => {
      const keys = Array.from({ length: 50 }, (_, i) => `${i}/open`);
      const receives = [...keys].reverse().map(async (key) => [key, untext(await at(1).receive(0, key))]);
      for (const key of keys) at(0).send(1, key, text(`for ${key}`));
      for (const [key, got] of await Promise.all(receives)) expect(got).to.equal(`for ${key}`);
    }));

  it('sends a batch as one frame, sizes mixed', () =>
    withGroup(make, 2, async ({ at }) => {
      const sizes = [3, 100_000, 0, 17, 8, 70_000, 1, 4096, 4095];
      const entries = sizes.map((bytes, i) => ({ key: `e${i}`, payload: pattern(bytes, i) }));
      at(0).sendBatch(1, [...entries, { key: 'e0', payload: text('second of e0') }]);
      for (const [i, bytes] of [...sizes.entries()].reverse()) {
        const payload = await at(1).receive(0, `e${i}`);
        expect(isPattern(payload, bytes, i), `entry of ${bytes} bytes`).to.equal(true);
        expect(payload.byteOffset % 8, 'alignment').to.equal(0);
      }
      expect(untext(await at(1).receive(0, 'e0'))).to.equal('second of e0');
      const sent = at(0).stats.peer(1);
      const received = at(1).stats.peer(0);
      expect(sent.framesSent).to.equal(1);
      expect(received.framesReceived).to.equal(1);
      expect(received.bytesReceived).to.equal(sent.bytesSent);
      expect(received.payloadBytesReceived).to.equal(sent.payloadBytesSent);
    }));

  it('gives aligned payloads that the receiver may change and send on', () =>
    withGroup(make, 2, async ({ at }) => {
      for (const bytes of [0, 1, 7, 8, 9, 1000, 4096, 65_537]) {
        at(0).send(1, 'there', pattern(bytes, bytes));
        const payload = await at(1).receive(0, 'there');
        expect(payload.byteOffset % 8).to.equal(0);
        expect(payload.byteLength).to.equal(bytes);
        new Uint8Array(payload.buffer, payload.byteOffset, bytes).reverse();
        at(1).send(0, 'back', payload);
        const back = await at(0).receive(1, 'back');
        expect(isPattern(back.reverse(), bytes, bytes)).to.equal(true);
      }
    }));

  it('does not touch the rest of a buffer of which a part is sent', () =>
    withGroup(make, 2, async ({ at }) => {
      const buffer = pattern(100_000, 4);
      at(0).send(1, 'part', buffer.subarray(10, 90_010));
      expect(isPattern(buffer, 100_000, 4), 'the buffer of the sender').to.equal(true);
      const part = await at(1).receive(0, 'part');
      expect(part.byteLength).to.equal(90_000);
      part.fill(0);
      expect(isPattern(buffer, 100_000, 4), 'after the receiver wrote').to.equal(true);
    }));

  it('sends shared memory and the memory of a WebAssembly instance by copy', () =>
    withGroup(make, 2, async ({ at }) => {
      const shared = new Uint8Array(new SharedArrayBuffer(10_000)).fill(5);
      at(0).send(1, 'shared', shared);
      expect((await at(1).receive(0, 'shared')).every((value) => value === 5)).to.equal(true);
      const memory = new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer).fill(6);
      at(0).send(1, 'memory', memory);
      const got = await at(1).receive(0, 'memory');
      expect(got.byteLength).to.equal(65_536);
      expect(got.every((value) => value === 6)).to.equal(true);
      expect(memory.byteLength).to.equal(65_536);
    }));

  it('carries any well-formed text as a key', () =>
    withGroup(make, 2, async ({ at }) => {
      for (const key of ['', 'ключ/鍵/🗝', '\ufeffbom', 'x'.repeat(65_535), 'a\n"b"'])
        at(0).send(1, key, text(`len ${key.length}`));
      for (const key of ['', 'ключ/鍵/🗝', '\ufeffbom', 'x'.repeat(65_535), 'a\n"b"'])
        expect(untext(await at(1).receive(0, key))).to.equal(`len ${key.length}`);
    }));

  it('pushes streams to their handler in order, early entries first', () =>
    withGroup(make, 3, async ({ at }) => {
      at(0).send(2, 'tuple/0', text('a'));
      at(0).send(2, 'sync', EMPTY);
      await at(2).receive(0, 'sync');
      const got: string[] = [];
      const stop = at(2).onKey('any', 'tuple/', (payload, key, from) => {
        got.push(`${from}:${key}:${untext(payload)}`);
      });
      at(0).sendBatch(2, [
        { key: 'tuple/1', payload: text('b') },
        { key: 'other', payload: text('x') },
        { key: 'tuple/0', payload: text('c') },
      ]);
      expect(untext(await at(2).receive(0, 'other'))).to.equal('x');
      at(1).send(2, 'tuple/9', text('d'));
      at(1).send(2, 'sync', EMPTY);
      at(0).send(2, 'sync', EMPTY);
      await Promise.all([at(2).receive(0, 'sync'), at(2).receive(1, 'sync')]);
      expect(got).to.deep.equal(['0:tuple/0:a', '0:tuple/1:b', '0:tuple/0:c', '1:tuple/9:d']);
      stop();
      at(0).send(2, 'tuple/2', text('e'));
      expect(untext(await at(2).receive(0, 'tuple/2'))).to.equal('e');
    }));

  it('delivers a frame of 64 MiB', () =>
    withGroup(make, 2, async ({ at }) => {
      const bytes = 64 * 2 ** 20;
      const words = new Uint32Array(bytes / 4);
      for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 2_654_435_761);
      at(0).send(1, 'big', new Uint8Array(words.buffer));
      const got = await at(1).receive(0, 'big');
      expect(got.byteLength).to.equal(bytes);
      const received = new Uint32Array(got.buffer, got.byteOffset, bytes / 4);
      let wrong = 0;
      for (let i = 0; i < received.length; i++)
        if (received[i] !== Math.imul(i, 2_654_435_761) >>> 0) wrong++;
      expect(wrong).to.equal(0);
    }));

  it('delivers 10,000 small frames', () =>
    withGroup(make, 2, async ({ at }) => {
      for (let i = 0; i < 10_000; i++) at(0).send(1, `${i}`, text(`value ${i}`));
      for (let i = 9_999; i >= 0; i--) expect(untext(await at(1).receive(0, `${i}`))).to.equal(`value ${i}`);
    }));

  it('holds back a sender that waits for flushed', () =>
    withGroup(make, 2, async ({ at }) => {
      await at(0).flushed(1);
      at(0).send(1, 'much', new Uint8Array(64 * 2 ** 20));
      let flushed = false;
      const flushing = at(0)
        .flushed(1)
        .then(() => {
          flushed = true;
        });
      await Promise.resolve();
      expect(flushed, 'with 64 MiB on their way').to.equal(false);
      await at(1).receive(0, 'much');
      await flushing;
      const frames = 24;
      const bytes = 4 * 2 ** 20;
      let flushedAt = -1;
      const sending = (async () => {
        for (let i = 0; i < frames; i++) {
          at(0).send(1, 'data', new Uint8Array(bytes).fill(i));
          await at(0).flushed(1);
        }
        flushedAt = performance.now();
      })();
      for (let i = 0; i < frames; i++) expect((await at(1).receive(0, 'data'))[bytes - 1]).to.equal(i);
      await sending;
      expect(flushedAt).to.be.greaterThan(0);
      await at(0).flushed(1);
    }));

  it('rejects impossible arguments', () =>
    withGroup(make, 2, async ({ at }) => {
      for (const to of [-1, 0, 2, 0.5, Number.NaN])
        expect(() => at(0).send(to, 'k', EMPTY))
          .to.throw()
          .with.property('code', 'COMM_BAD_ARGUMENT');
      expect(() => at(0).send(1, 'x'.repeat(65_536), EMPTY)).to.throw(/65536 bytes/);
      expect(() => at(0).send(1, '\ud800', EMPTY)).to.throw(/surrogate/);
      expect(() => at(0).send(1, '\0abort', EMPTY)).to.throw(/zero character/);
      expect((await failureOf(at(0).receive(0, 'k'))).code).to.equal('COMM_BAD_ARGUMENT');
      expect((await failureOf(at(0).receive(1, 'k', { timeoutMs: -1 }))).code).to.equal('COMM_BAD_ARGUMENT');
    }));
}
