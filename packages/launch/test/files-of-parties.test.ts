/** Files of one party as secret tensors: formats, and that a failure at one party is known to all. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runInProcess } from '../src/in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'tacit-files-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('files of parties', () => {
  it('are loaded and saved by one of them', async () => {
    writeFileSync(join(folder, 'x.csv'), 'a,b\n1,2\n3,4.5\n');
    const results = await runInProcess({ worldSize: 3 }, async (party) => {
      const path = join(folder, party.rank === 2 ? 'x.csv' : 'missing.csv');
      const x = await party.loadFromParty(path, { src: 2 });
      await party.saveFromParty(x.mul(2), join(folder, 'y.csv'), { src: 1 });
      const y = await party.loadFromParty(join(folder, 'y.csv'), { src: 0, precision: 8 });
      return [y.shape, y.scale, Array.from((await y.revealFloat64())?.data ?? [])];
    });
    expect(results).deep.equal(new Array(3).fill([[2, 2], 8, [2, 4, 6, 9]]));
    expect(readFileSync(join(folder, 'y.csv'), 'utf8')).equal('2,4\n6,9\n');
  });

  it('are parameters where a gradient is wanted', async () => {
    writeFileSync(join(folder, 'w.csv'), '1,2\n3,4.5\n');
    const results = await runInProcess({ worldSize: 2 }, async (party) => {
      const w = await party.loadFromParty(join(folder, 'w.csv'), { src: 1, requiresGrad: true });
      w.square().sum().backward();
      const wrong = await party
        .loadFromParty(join(folder, 'w.csv'), { src: 1, requiresGrad: 1 as never })
        .catch(({ code }) => code);
      return [[...((await w.grad?.revealFloat64())?.data ?? [])], wrong];
    });
    expect(results).deep.equal(new Array(2).fill([[2, 4, 6, 9], 'ARGUMENT']));
  });

  it('that fail are an error at every party, and the program may go on', async () => {
    writeFileSync(join(folder, 'secret.csv'), '1,secret\n2,\n');
    const results = await runInProcess({ worldSize: 2 }, async (party) => {
      const codes: unknown[] = [];
      const failing = async (step: Promise<unknown>) =>
        codes.push(
          await step.then(
            () => 'done',
            ({ code, message, remoteCode }) => [code, remoteCode, /secret|line/.test(message)],
          ),
        );
      const x = party.cryptensor([1], { src: 0 });
      await failing(party.loadFromParty(join(folder, 'none.npy'), { src: 1 }));
      await failing(party.loadFromParty(join(folder, 'secret.csv'), { src: 0 }));
      await failing(party.loadFromParty(join(folder, 'secret.csv'), { src: 0, key: 'a' }));
      await failing(party.saveFromParty(x, join(folder, 'no', 'where.npy'), { src: 1 }));
      await failing(party.loadFromParty('x', { src: 0, keys: 'a' } as never));
      await failing(party.loadFromParty('x', { src: 2 }));
      await failing(party.saveFromParty(x, 'x', { src: 0, dtype: 'int8' as never }));
      await failing(party.saveFromParty(x, 'x', {} as never));
      return [codes, await x.item()];
    });
    const argument = ['ARGUMENT', undefined, false];
    const own = (code: string) => [code, undefined];
    const others = (code: string) => ['PEER_FILE', code, false];
    const refused = [argument, argument, argument, argument];
    expect(results[0]).deep.equal([
      [
        others('FILE_NOT_FOUND'),
        [...own('ARRAY_FILE'), true],
        [...own('ARRAY_FILE'), true],
        others('FILE_NOT_WRITABLE'),
        ...refused,
      ],
      1,
    ]);
    expect(results[1]).deep.equal([
      [
        [...own('FILE_NOT_FOUND'), false],
        others('ARRAY_FILE'),
        others('ARRAY_FILE'),
        [...own('FILE_NOT_WRITABLE'), false],
        ...refused,
      ],
      1,
    ]);
  });

  it('that fail end a program that does not expect it by the error of their owner', async () => {
    const failed = runInProcess({ worldSize: 3 }, (party) =>
      party.loadFromParty(join(folder, 'none.npy'), { src: 2 }),
    );
    const error = await failed.catch((e) => e);
    expect(error).include({ code: 'PARTY_FAILED', rank: 2 });
    expect(error.cause.code).equal('FILE_NOT_FOUND');
  });
});
