import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { HomeLockedError } from '../src/errors.js';
import { withLock } from '../src/home/file-lock.js';
import { hasEnded, thisProcess } from '../src/home/process-identity.js';
import { freshFolder, rejection } from './helpers/folder.js';

const CHILD = fileURLToPath(new URL('./helpers/lock-child.ts', import.meta.url));

describe('locks of files', () => {
  const folder = freshFolder();
  const leftovers = () => readdirSync(folder.path()).filter((name) => name.includes('.lock-'));

  it('runs one after another in a process, gives the result, and leaves nothing', async () => {
    const order: number[] = [];
    const path = folder.path('x');
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        withLock(path, () => {
          order.push(i);
          return i;
        }),
      ),
    );
    expect(results).to.deep.equal(order);
    expect(leftovers()).to.deep.equal([]);
  });

  it('an act that throws gives the lock back', async () => {
    const path = folder.path('x');
    const error = await rejection(
      withLock(path, () => {
        throw new Error('no');
      }),
    );
    expect(error.message).to.equal('no');
    expect(await withLock(path, () => 1)).to.equal(1);
    expect(leftovers()).to.deep.equal([]);
  });

  it('processes that add to a counter lose no addition', async function () {
    this.timeout(60_000);
    const path = folder.write('counter', '0');
    const children = Array.from({ length: 3 }, () =>
      fork(CHILD, [path, '40'], { execArgv: process.execArgv }),
    );
    const codes = await Promise.all(children.map((child) => once(child, 'exit')));
    expect(codes.map(([code]) => code)).to.deep.equal([0, 0, 0]);
    expect(readFileSync(path, 'utf8')).to.equal('120');
    expect(leftovers()).to.deep.equal([]);
  });

  it('what a dead process has left is removed', async () => {
    const dead = fork(CHILD, [folder.write('counter', '0'), '0'], { execArgv: process.execArgv });
    const { pid } = dead;
    await once(dead, 'exit');
    folder.write(`.x.lock-${pid}-aa`, JSON.stringify({ ...thisProcess(), pid, started: '' }));
    // A process that got the number of the dead one: another start.
    const { started } = thisProcess();
    if (started !== '')
      folder.write(`.x.lock-${process.pid}-bb`, JSON.stringify({ ...thisProcess(), started: 'boot:1' }));
    expect(await withLock(folder.path('x'), () => 'had it', { patienceMs: 5000 })).to.equal('had it');
    expect(leftovers()).to.deep.equal([]);
  });

  it('a live process, and one on another machine, keep it; the error names them', async () => {
    const path = folder.path('x');
    for (const other of [thisProcess(), { pid: 7, host: 'elsewhere', space: '', started: '' }]) {
      const lock = folder.path('.x.lock-7-cc');
      writeFileSync(lock, JSON.stringify(other));
      const error = await rejection(withLock(path, () => 1, { patienceMs: 60 }));
      expect(error).to.be.instanceOf(HomeLockedError).with.property('code', 'HOME_LOCKED');
      expect(error.message).to.include(`process ${other.pid} on ${other.host}`);
      expect(existsSync(lock)).to.equal(true);
    }
  });

  it('tells whether a process runs', () => {
    expect(hasEnded(thisProcess())).to.equal(false);
    expect(hasEnded({ ...thisProcess(), host: 'elsewhere', pid: 2 ** 22 + 5 })).to.equal(false);
    expect(hasEnded({ ...thisProcess(), pid: 2 ** 22 + 5 })).to.equal(true);
    // Another container on this host: its numbers mean nothing here.
    expect(hasEnded({ ...thisProcess(), pid: 2 ** 22 + 5, space: 'pid:[1]' })).to.equal(false);
  });
});
