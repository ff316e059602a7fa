/** Shares in files: what comes back, in new sessions, and what is refused. */
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Party } from '@tacit/tensor';
import { endings, simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import { runInProcess } from '../src/in-process.js';
import { loadShares, type NamedTensors, saveShares } from '../src/kept-shares.js';

const folder = mkdtempSync(join(tmpdir(), 'tacit-shares-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const save = (path: string, parties: number, make: (party: Party) => NamedTensors) =>
  simulate({ parties, delays: parties }, (party) => saveShares(party, path, make(party)));
const load = (path: string, parties: number) =>
  simulate({ parties, delays: parties }, async (party) => {
    const tensors = Object.entries(await loadShares(party, path, 'load'));
    return Promise.all(
      tensors.map(async ([name, x]) => [name, x.shape, [...((await x.revealFloat64())?.data ?? [])]]),
    );
  });
/** The codes that the parties' errors have, and what the first of them says. */
const refusals = async (path: string, parties: number) => {
  const ended = await endings({ parties }, (party) => loadShares(party, path, 'load'));
  return ended.slice(0, parties).map(({ error }) => ({ code: error?.code, message: error?.message }));
};

const sums = (party: Party): NamedTensors => {
  const x = party.cryptensor(
    [
      [1, -2],
      [3, 0.5],
    ],
    { src: 0 },
  );
  const w = party.weights([0.001, -0.002], { src: 1, scales: [25] });
  return {
    view: x.transpose(),
    product: x.mul(x),
    bit: x.gt(0),
    scalar: x.sum(),
    none: x.slice([0], [0]),
    weights: w,
    'a name / of any kind': x.mul(x).add(1),
  };
};

describe('shares in files', () => {
  for (const parties of [2, 3, 5])
    it(`come back in a new session of ${parties} parties, and can be computed on`, async () => {
      const path = join(folder, `run${parties}`);
      await save(path, parties, sums);
      const { results } = await load(path, parties);
      for (const result of results) {
        const close = (name: string, shape: number[], values: number[]) => {
          const found = result.find(([n]) => n === name);
          expect(found?.[1]).deep.equal(shape);
          const units = (numbers: unknown) => (numbers as number[]).map((v) => Math.round(v * 2 ** 13));
          expect(units(found?.[2]), name).deep.equal(units(values));
        };
        close('view', [2, 2], [1, 3, -2, 0.5]);
        close('product', [2, 2], [1, 4, 9, 0.25]);
        close('bit', [2, 2], [1, 0, 1, 1]);
        close('scalar', [], [2.5]);
        close('none', [0, 2], []);
        close('weights', [2], [0.001, -0.002]);
        close('a name / of any kind', [2, 2], [2, 5, 10, 1.25]);
      }
      const again = await simulate({ parties }, async (party) => {
        const { view, weights } = await loadShares(party, path, 'load');
        return view.matmul(weights).relu().reveal({ to: 0 });
      });
      expect(Array.from(again.results[0]?.data ?? [], Number)[1]).closeTo(0, 1e-4);
    });

  it('are readable for their user only, and leave nothing beside them', async () => {
    const path = join(folder, 'modes');
    await save(path, 2, (party) => ({ x: party.cryptensor([1], { src: 0 }) }));
    for (const rank of [0, 1]) expect(statSync(`${path}.${rank}`).mode & 0o777).equal(0o600);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).deep.equal([]);
  });

  it('are shared anew at each save', async () => {
    const path = join(folder, 'fresh');
    const words = await simulate({ parties: 2 }, async (party) => {
      const x = party.cryptensor(new Array(4).fill(0), { src: 0 });
      const own = await x.debugShares();
      await saveShares(party, path, { x });
      const first = readFileSync(`${path}.${party.rank}`);
      await party.announce(0, { src: 0 });
      await saveShares(party, path, { x });
      const { x: kept } = await loadShares(party, path, 'load');
      return {
        own,
        kept: await kept.debugShares(),
        same: first.equals(readFileSync(`${path}.${party.rank}`)),
      };
    });
    for (const { own, kept, same } of words.results) {
      expect(same).equal(false);
      for (const v of own) expect(kept).not.include(v);
    }
  });

  it('are refused where they do not belong together or to the computation', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => join(folder, name));
    const one = (party: Party) => ({ x: party.cryptensor([1, 2], { src: 0 }) });
    await save(a, 2, one);
    await save(b, 2, one);
    await save(c, 3, one);
    copyFileSync(`${a}.0`, `${folder}/mixed.0`);
    copyFileSync(`${b}.1`, `${folder}/mixed.1`);
    for (const { code, message } of await refusals(join(folder, 'mixed'), 2)) {
      expect(code).equal('SHARES_MISMATCH');
      expect(message).match(/do not belong together: party 0 has save [0-9a-f]{8}, party 1 has save/);
    }
    copyFileSync(`${a}.0`, `${folder}/other.0`);
    copyFileSync(`${a}.0`, `${folder}/other.1`);
    const [zero, onesOwn] = await refusals(join(folder, 'other'), 2);
    expect(zero)
      .include({ code: 'PEER_FILE' })
      .property('message')
      .contains('party 1')
      .contains('SHARES_MISMATCH');
    expect(onesOwn).include({ code: 'SHARES_MISMATCH' });
    expect(onesOwn.message).contains('has the shares of party 0, and party 1 loads it');
    for (const { code, message } of await refusals(c, 2))
      expect({ code, text: message?.includes('by 3 parties, and 2 load') }).deep.equal({
        code: 'SHARES_MISMATCH',
        text: true,
      });
    const [missing] = await refusals(a, 3);
    expect(missing.code).equal('SHARES_MISMATCH');
    const bytes = readFileSync(`${a}.1`);
    bytes[bytes.length - 40] ^= 1;
    writeFileSync(`${a}.1`, bytes);
    expect((await refusals(a, 2)).map(({ code }) => code)).deep.equal(['PEER_FILE', 'SHARES_FORMAT']);
  });

  it('replace earlier ones at all parties or at none', async () => {
    const path = join(folder, 'before');
    await save(path, 2, (party) => ({ x: party.cryptensor([1], { src: 0 }) }));
    const ended = await endings({ parties: 2 }, (party) =>
      saveShares(party, party.rank === 0 ? path : join(folder, 'no', 'where'), {
        x: party.cryptensor([2], { src: 0 }),
      }),
    );
    expect(ended.slice(0, 2).map(({ error }) => error?.code)).deep.equal(['PEER_FILE', 'FILE_NOT_WRITABLE']);
    expect((await load(path, 2)).results[1]).deep.equal([['x', [1], [1]]]);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).deep.equal([]);
  });

  it('are of tensors of this party only', async () => {
    const ended = await endings({ parties: 2 }, async (party) => {
      const codes: unknown[] = [];
      for (const bad of [null, [1], { x: () => 1 }, { x: party.owned([1], { src: 0 }) }])
        await saveShares(party, join(folder, 'bad'), bad as never).catch(({ code }) => codes.push(code));
      await saveShares(party, join(folder, 'empty'), {});
      return [codes, await loadShares(party, join(folder, 'empty'), 'load')];
    });
    for (const { value } of ended.slice(0, 2)) expect(value).deep.equal([new Array(4).fill('ARGUMENT'), {}]);
  });

  it('of the plain suite come back there, and nowhere else', async () => {
    const path = join(folder, 'plain');
    const program = async (party: Party) => {
      await saveShares(party, path, sums(party));
      const { product } = await loadShares(party, path, 'load');
      return [...((await product.revealFloat64())?.data ?? [])];
    };
    expect(await runInProcess({ worldSize: 3 }, program)).deep.equal(new Array(3).fill([1, 4, 9, 0.25]));
    // Whoever throws first ends the computation.
    for (const { code } of await refusals(path, 3)) expect(code).oneOf(['SHARES_MISMATCH', 'PEER_ABORTED']);
  });
});
