/** Dealing: what is refused, what is left behind, and folders that are made. */
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planHash } from '@tacit/mpc';
import { sharedRings } from '@tacit/testing';
import { expect } from 'chai';
import { makeFolder } from '../src/disk.js';
import {
  createTapeKey,
  type DealOptions,
  dealTapes,
  isPublicKey,
  readTapeKey,
  TapeFolder,
} from '../src/index.js';
import { files, NAMES, planOf, program, results, session, type World, world } from './helpers/world.js';

describe('dealing tapes', () => {
  let w: World;
  let options: DealOptions;
  beforeEach(async () => {
    w = await world(2);
    const members = w.keys.map(({ publicText: key }, rank) => ({ name: NAMES[rank], key }));
    const [ring] = await sharedRings(1);
    const out = join(w.folder, 'tapes');
    options = { ring, plan: await planOf(2), members, keys: w.dealer, out, program: 'a test', count: 3 };
  });
  afterEach(() => w.remove());

  const refused = async (changes: Partial<DealOptions>): Promise<{ code: string; message: string }> =>
    dealTapes({ ...options, ...changes }).then(
      () => {
        throw new Error('it was not refused');
      },
      (error) => error,
    );

  it('gives each tape a serial that grows, a seed of its own, and a header that says what it is for', async () => {
    const made = await dealTapes(options);
    expect(made.length).equal(3);
    const own = new TapeFolder({ folder: w.tapesOf(1), keys: w.keys[1], dealer: w.dealer.publicText });
    const listed = [...own.unused()];
    expect(listed.map(({ id, header }) => ({ id, serial: header.serial }))).deep.equal(made);
    for (const { header, rank } of listed) {
      expect(rank).equal(1);
      expect(header).include({
        program: 'a test',
        plan: planHash(options.plan),
        dealer: w.dealer.publicText,
      });
      expect(header.members).deep.equal(options.members);
    }
    const [a, b, c] = listed.map(({ header }) => header);
    expect(a.serial < b.serial && b.serial < c.serial).equal(true);
    expect(new Set(listed.flatMap(({ header }) => header.seeds)).size).equal(6);
    for (const rank of [0, 1])
      for (const name of files(w.tapesOf(rank), 'key')) {
        const path = join(w.tapesOf(rank), name);
        expect(statSync(path).mode & 0o777).equal(0o600);
        // Sealed: not even the dealer reads it again.
        expect(readFileSync(path).length).to.be.lessThan(1100);
      }
    expect(statSync(w.tapesOf(0)).mode & 0o777).equal(0o700);
  });

  it('refuses members, keys, names and numbers that cannot be', async () => {
    const [alice, bob] = options.members;
    expect(await refused({ members: [alice] })).property('code', 'TAPE_KEY');
    expect((await refused({ members: [alice, { ...bob, name: 'alice' }] })).message).include('same name');
    expect((await refused({ members: [alice, { ...bob, key: alice.key }] })).message).include('same key');
    expect((await refused({ members: [alice, { ...bob, key: 'tape-1' }] })).code).equal('TAPE_KEY');
    for (const name of ['', '..', '../bob', '/bob', 'b/ob', '.bob', 'b\nob', 'x'.repeat(64)])
      expect((await refused({ members: [alice, { ...bob, name }] })).code, name).equal('TAPE_KEY');
    for (const count of [0, -1, 1.5, Number.NaN])
      expect((await refused({ count })).code).equal('TAPE_PLAN_FORMAT');
    const operations = [{ scope: '', index: 0, descriptor: '{"kind":"relu"}' }];
    expect((await refused({ plan: { ...options.plan, operations } })).code).equal('DEALER_REQUEST');
    expect(existsSync(options.out) ? readdirSync(options.out, { recursive: true }) : []).deep.equal([]);
  });

  it('leaves nothing behind where it is cancelled, or a file cannot be made', async () => {
    const plan = await planOf(2, program(50_000));
    const controller = new AbortController();
    const cancelled = await refused({
      plan,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    expect(cancelled.message).equal('enough');
    writeFileSync(join(w.folder, 'file'), '');
    expect((await refused({ out: join(w.folder, 'file') })).code).equal('FILE_NOT_WRITABLE');
    for (const rank of [0, 1]) expect(readdirSync(w.tapesOf(rank))).deep.equal([]);
    await dealTapes({ ...options, plan });
    results(await session([w.source(0), w.source(1)], program(50_000)));
  });

  it('programs without dealt operations have tapes, too', async () => {
    const open = async (engine: Parameters<ReturnType<typeof program>>[0]) => {
      const told = await engine.reveal(engine.input(0, [2], new BigUint64Array([1n, 2n])));
      await engine.finish();
      return told && [...told];
    };
    await dealTapes({ ...options, plan: { ...options.plan, operations: [] }, count: 1 });
    expect(results(await session([w.source(0), w.source(1)], open))).deep.equal([
      [1n, 2n],
      [1n, 2n],
    ]);
  });
});

describe('keys of tapes', () => {
  it('are private files that take the place of nothing', async () => {
    const w = await world(2);
    const path = join(w.folder, 'own.tapekey');
    const publicKey = await createTapeKey(path);
    expect(isPublicKey(publicKey)).equal(true);
    expect((await readTapeKey(path)).publicText).equal(publicKey);
    expect(readFileSync(path, 'utf8')).not.include(publicKey.slice(5));
    const again = await createTapeKey(path).catch((error) => error);
    expect(again.code).equal('FILE_NOT_WRITABLE');
    chmodSync(path, 0o640);
    expect(await readTapeKey(path).catch((error) => error.code)).equal('TAPE_KEY_FILE');
    for (const text of ['', 'tacit-tape-key-1 00', `${'0'.repeat(64)}\n`]) {
      const other = join(w.folder, `key ${text.length}`);
      writeFileSync(other, text, { mode: 0o600 });
      expect(await readTapeKey(other).catch((error) => error.code)).equal('TAPE_KEY_FILE');
    }
    expect(await readTapeKey(w.folder).catch((error) => error.code)).to.be.oneOf([
      'FILE_NOT_READABLE',
      'TAPE_KEY_FILE',
    ]);
    expect(await readTapeKey(join(w.folder, 'none')).catch((error) => error.code)).equal('FILE_NOT_FOUND');
    makeFolder(join(w.folder, 'a', 'b', 'c'));
    makeFolder(join(w.folder, 'a', 'b', 'c'));
    expect(existsSync(join(w.folder, 'a', 'b', 'c'))).equal(true);
    w.remove();
  });
});
