/** Batches on the disk: rows in shards, numbers of attempts, results that are created once. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNpy, npyNumbers, parseNpy } from '@tacit/files';
import { expect } from 'chai';
import fc from 'fast-check';
import { BatchFolder } from '../src/folder/batch-folder.js';
import { submitBatch } from '../src/folder/submit.js';

describe('a batch on the disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tacit-batch-'));
    writeFileSync(join(folder, 'program.mjs'), 'export default () => {};\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const batches = (): string => join(folder, 'batches');
  const submit = (input: string, rowsPerShard: number): Promise<BatchFolder> =>
    submitBatch({
      batches: batches(),
      input: join(folder, input),
      programFile: join(folder, 'program.mjs'),
      program: 'p',
      with: ['bob'],
      dealer: 'carol',
      rowsPerShard,
    });
  const write = (name: string, shape: number[], data: number[]): string => {
    writeFileSync(join(folder, name), encodeNpy(shape, Float64Array.from(data)));
    return name;
  };
  const rejected = async (promise: Promise<unknown>): Promise<Error> =>
    promise.then(
      () => expect.fail('it was not rejected'),
      (error: Error) => error,
    );

  it('has every row once, in order, in shards of one size; zeros fill the last one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 45 }),
        fc.constantFrom([], [3], [2, 2]),
        async (rows, rowsPerShard, rowShape) => {
          const size = rowShape.reduce((product, d) => product * d, 1);
          const numbers = Array.from({ length: rows * size }, (_, i) => i + 1);
          const batch = await submit(write('rows.npy', [rows, ...rowShape], numbers), rowsPerShard);
          const { shards } = batch.manifest;
          expect(shards).to.equal(Math.ceil(rows / rowsPerShard));
          const found: number[] = [];
          for (let shard = 0; shard < shards; shard++) {
            const array = parseNpy(readFileSync(batch.rowsPath(shard)));
            expect(array.shape).to.deep.equal([rowsPerShard, ...rowShape]);
            found.push(...npyNumbers(array));
            // As if the program gave every row back.
            expect(batch.commit(shard, { shape: array.shape, data: npyNumbers(array) })).to.equal(true);
          }
          expect(found.slice(0, numbers.length)).to.deep.equal(numbers);
          expect(found.slice(numbers.length).every((one) => one === 0)).to.equal(true);
          const results = await batch.results();
          expect([results.shape, [...results.data]]).to.deep.equal([[rows, ...rowShape], numbers]);
        },
      ),
      { numRuns: 25 },
    );
  }).timeout(20_000);

  it('is made of tables, too, and of nothing else', async () => {
    writeFileSync(join(folder, 'rows.csv'), 'a,b\n1,2\n3,4\n5,6\n');
    const batch = await submit('rows.csv', 2);
    expect(batch.manifest)
      .to.include({ rows: 3, shards: 2 })
      .and.deep.include({ rowShape: [2] });
    expect(await rejected(submit(write('none.npy', [0, 2], []), 2))).to.include({ code: 'BATCH_USAGE' });
    for (const rows of [0, -1, 1.5, Number.NaN, 2 ** 31])
      expect(await rejected(submit('rows.csv', rows))).to.include({ code: 'BATCH_USAGE' });
    writeFileSync(join(folder, 'bad.npy'), 'no numbers');
    expect(await rejected(submit('bad.npy', 2))).to.include({ code: 'NPY_FORMAT' });
    expect(await rejected(submit('absent.npy', 2))).to.include({ code: 'FILE_NOT_FOUND' });
    expect(readdirSync(batches())).to.deep.equal([batch.manifest.id]);
    // Rows are secrets of this organisation.
    expect(statSync(batch.rowsPath(0)).mode & 0o777).to.equal(0o600);
    expect(statSync(join(batches(), batch.manifest.id)).mode & 0o777).to.equal(0o700);
  });

  it('keeps the first result of a shard', async () => {
    const batch = await submit(write('rows.npy', [3, 1], [1, 2, 3]), 2);
    expect(batch.commit(1, { shape: [2, 1], data: Float64Array.of(7, 8) })).to.equal(true);
    expect(batch.commit(1, { shape: [2, 1], data: Float64Array.of(9, 9) })).to.equal(false);
    expect([batch.isCommitted(0), batch.isCommitted(1), [...batch.committed()]]).to.deep.equal([
      false,
      true,
      [1],
    ]);
    expect(await rejected(batch.results())).to.include({ code: 'BATCH_FILES' });
    batch.commit(0, { shape: [2, 1], data: Float64Array.of(5, 6) });
    expect([...(await batch.results()).data]).to.deep.equal([5, 6, 7]);
    // Nothing half written is left beside it.
    expect(readdirSync(join(batches(), batch.manifest.id, 'results')).sort()).to.deep.equal([
      '0.npy',
      '1.npy',
    ]);
  });

  it('gives each number of an attempt once, also to two that ask at the same time', async () => {
    const batch = await submit(write('rows.npy', [1, 1], [1]), 1);
    const first = batch.takeAttempt(0);
    const second = batch.takeAttempt(0);
    expect([first.number, second.number]).to.deep.equal([1, 2]);
    second.giveBack();
    expect(batch.takeAttempt(0).number).to.equal(2);
    first.begun();
    first.giveBack();
    expect(batch.takeAttempt(0).number).to.equal(3);
    expect(batch.takeAttempt(0, 9).number).to.equal(9);
    expect(batch.takeAttempt(0).number).to.equal(10);
    expect(batch.attempts(0)).to.equal(1);
    expect(batch.attempts(5)).to.equal(0);
  });

  it('knows what failed until it is tried again', async () => {
    const batch = await submit(write('rows.npy', [2, 1], [1, 2]), 1);
    batch.fail({ shard: 1, code: 'SHAPE', message: 'm' });
    expect(batch.failures()).to.deep.equal([{ shard: 1, code: 'SHAPE', message: 'm' }]);
    batch.commit(1, { shape: [1], data: Float64Array.of(1) });
    expect(batch.failures()).to.deep.equal([]);
  });

  it('is refused where it is damaged or unknown', async () => {
    const batch = await submit(write('rows.npy', [1, 1], [1]), 1);
    const { id } = batch.manifest;
    for (const other of ['', '..', 'x', `../${id}`, '0'.repeat(32)])
      expect(() => BatchFolder.open(batches(), other))
        .to.throw()
        .with.property('code', 'BATCH_UNKNOWN');
    const path = join(batches(), id, 'batch.json');
    for (const text of ['', '{}', JSON.stringify({ ...batch.manifest, shards: 0 })]) {
      writeFileSync(path, text);
      expect(() => BatchFolder.open(batches(), id))
        .to.throw()
        .with.property('code', 'BATCH_FILES');
    }
  });
});
