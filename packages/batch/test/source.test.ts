/** Where shards come from, without a server. */
import { expect } from 'chai';
import { InProcessSource } from '../src/source/in-process.js';
import { IndexedJobSource, indexOf } from '../src/source/indexed-job.js';
import { isOfConnection, Outage } from '../src/source/outage.js';
import { parseQueueAddress } from '../src/source/queue-address.js';
import type { ShardSource } from '../src/source/shard-source.js';

const never = new AbortController().signal;
const task = (shard: number) => ({ batch: 'b', shard });

describe('shards of a list', () => {
  it('come in order, again when they are given back, and end when all are over', async () => {
    const source = new InProcessSource([task(0), task(1)]);
    const first = await source.next(never);
    const second = await source.next(never);
    expect([first?.shard, second?.shard]).to.deep.equal([0, 1]);
    const third = source.next(never);
    if (first) await source.retryLater(first, 0);
    expect(await third).to.equal(first);
    const end = source.next(never);
    if (second) await source.done(second);
    if (first) await source.fail(first);
    expect(await end).to.equal(undefined);
    expect(await new InProcessSource([]).next(never)).to.equal(undefined);
  });

  it('come to nobody who gives up', async () => {
    const source = new InProcessSource([task(0)]);
    await source.next(never);
    const controller = new AbortController();
    const waiting = source.next(controller.signal);
    controller.abort();
    expect(await waiting).to.equal(undefined);
  });
});

describe('the shard of a pod', () => {
  it('is its index', () => {
    expect(indexOf('3', {})).to.equal(3);
    expect(indexOf(undefined, { JOB_COMPLETION_INDEX: '12' })).to.equal(12);
    for (const text of ['', '-1', '1.5', 'x', '1e3', '9999999999'])
      expect(() => indexOf(text, {}), text)
        .to.throw()
        .with.property('code', 'BATCH_USAGE');
    expect(() => indexOf(undefined, {})).to.throw('JOB_COMPLETION_INDEX');
  });

  it('comes again while there is time, and then is for another pod', async () => {
    const source: ShardSource & { readonly failure: Error | undefined } = new IndexedJobSource(
      task(4),
      60_000,
    );
    expect(await source.next(never)).to.deep.equal(task(4));
    await source.retryLater(task(4), 1, 'busy');
    expect(await source.next(never)).to.deep.equal(task(4));
    await source.done(task(4));
    expect([await source.next(never), source.failure]).to.deep.equal([undefined, undefined]);
    const late = new IndexedJobSource(task(4), 10);
    await late.next(never);
    await late.retryLater(task(4), 50, 'bob is busy');
    expect(await late.next(never)).to.equal(undefined);
    expect(late.failure).to.include({ code: 'SHARD_WAIT' });
    expect(late.failure?.message).to.include('bob is busy');
  });
});

describe('the address of a queue', () => {
  it('is one of Redis or PostgreSQL, and is shown without what is secret in it', () => {
    expect(parseQueueAddress('redis://user:secret@10.0.0.1:6379/2')).to.deep.equal({
      kind: 'redis',
      url: 'redis://user:secret@10.0.0.1:6379/2',
      shown: 'redis://10.0.0.1:6379/2',
    });
    expect(parseQueueAddress('rediss://h').kind).to.equal('redis');
    expect(parseQueueAddress('postgresql://u:p@h:5432/db')).to.include({
      kind: 'postgres',
      shown: 'postgresql://h:5432/db',
    });
    for (const text of ['', 'localhost:6379', 'http://h', 'redis:', 'amqp://u:secret@h', '://'])
      expect(() => parseQueueAddress(text), text)
        .to.throw()
        .with.property('code', 'QUEUE_ADDRESS');
    expect(() => parseQueueAddress('amqp://u:secret@h')).to.throw(/^(?!.*secret)/);
  });

  it('is named where the queue does not answer, with the reason and what to do', async () => {
    const lines: string[] = [];
    const outage = new Outage('redis://h', (line) => void lines.push(line));
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    expect(isOfConnection(refused)).to.equal(true);
    expect(isOfConnection(new Error('NOSCRIPT no such script'))).to.equal(false);
    const error = await outage.within(Promise.reject(refused), 1000).catch((thrown: Error) => thrown);
    expect(error).to.include({ code: 'QUEUE_UNREACHABLE', address: 'redis://h' });
    expect((error as Error).message).to.match(
      /redis:\/\/h does not answer \(ECONNREFUSED\).*tacit batch resume/,
    );
    const late = await outage.within(new Promise(() => {}), 5).catch((thrown: Error) => thrown);
    expect(late).to.include({ code: 'QUEUE_UNREACHABLE' });
    const other = await outage
      .within(Promise.reject(new Error('other')), 1000)
      .catch((thrown: Error) => thrown);
    expect((other as Error).message).to.equal('other');
    // A moment is not worth a line.
    expect(await outage.patiently(Promise.reject(refused))).to.equal(undefined);
    expect(await outage.patiently(Promise.resolve(3))).to.equal(3);
    expect(lines).to.deep.equal([]);
  });
});
