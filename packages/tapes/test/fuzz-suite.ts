/** Tapes and their keys that are nearly right: refused by a code, with nothing of what they hold, in bounded memory. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePlan, parsePlan, ROW_BYTES, type TapeError } from '@tacit/mpc';
import { mutated, mutatedJson, randomBytes, randomInteger } from '@tacit/testing';
import { expect } from 'chai';
import { encodeHeader, tapeId } from '../src/header.js';
import { TapeFolder } from '../src/index.js';
import { encodeKeyFile, parseKeyFile } from '../src/key-file.js';
import { encodeHead, RECORD, RecordReader, RecordWriter } from '../src/records.js';
import { open } from '../src/seal.js';
import { files, planOf, type World, world } from './helpers/world.js';

/** Codes with which a file may be refused. */
const CODES = ['TAPE_FORMAT', 'TAPE_DAMAGED', 'TAPE_KEY'];

/** What happens to it; an error must be one of ours. */
async function outcome<T>(attempt: () => Promise<T> | T): Promise<{ value: T } | { code: string }> {
  try {
    return { value: await attempt() };
  } catch (error) {
    const { code } = error as TapeError;
    if (!CODES.includes(code)) throw error;
    return { code };
  }
}

/** @param runs how many files are made, a third of each kind */
export function tapesFuzzSuite(runs: number): void {
  let w: World;
  before(async () => {
    w = await world(2);
    await w.deal(1);
  });
  after(() => w.remove());

  it(`${runs} keys and tapes`, async () => {
    const folder = w.tapesOf(1);
    const key = readFileSync(join(folder, files(folder, 'key')[0]));
    const valid = parseKeyFile(key);
    const records = await shortTape();
    let accepted = 0;
    let heap = 0;
    for (let run = 0; run < runs; run++) {
      if (run % 3 === 0) {
        const bytes = mutated(key);
        const result = await outcome(() => parseKeyFile(bytes));
        // What still reads like a key has another header, or other secrets, which do not open.
        if ('value' in result && Buffer.compare(bytes, key) !== 0) {
          const { header, encoded, sealed } = result.value;
          const opened = await outcome(() =>
            open(sealed, encoded, 1, w.keys[1], Buffer.from(header.dealer.slice(5), 'hex')),
          );
          expect(opened).have.property('code');
        }
      } else if (run % 3 === 1) {
        const text = mutatedJson(new TextDecoder().decode(valid.encoded));
        const bytes = encodeKeyFile(new TextEncoder().encode(text), valid.sealed);
        const result = await outcome(() => parseKeyFile(bytes));
        if ('value' in result && result.value.id !== valid.id) {
          accepted++; // another header in its canonical form: the secrets belong to the first
          expect(encodeHeader(result.value.header)).deep.equal(result.value.encoded);
          if (randomInteger(20) === 0) {
            const { encoded, sealed } = result.value;
            const from = Buffer.from(valid.header.dealer.slice(5), 'hex');
            expect(await outcome(() => open(sealed, encoded, 1, w.keys[1], from))).deep.equal({
              code: 'TAPE_KEY',
            });
          }
        }
      } else await spoiltRecord(records);
      if (run % 10_000 === 0) {
        const now = process.memoryUsage().heapUsed;
        if (heap === 0) heap = now;
        expect(now).to.be.lessThan(heap + 200 * 2 ** 20);
      }
    }
    expect(accepted).to.be.lessThan(runs);
  });

  it(`${Math.ceil(runs / 10)} plans`, async () => {
    const text = encodePlan(await planOf(2));
    for (let run = 0; run < runs / 10; run++)
      try {
        parsePlan(mutatedJson(text));
      } catch (error) {
        expect((error as TapeError).code, String(error)).equal('TAPE_PLAN_FORMAT');
      }
  });

  it('folders with anything in them', async () => {
    const source = w.tapesOf(1);
    const names = [files(source, 'key')[0], files(source, 'tape')[0]];
    const contents = names.map((name) => readFileSync(join(source, name)));
    const options = { keys: w.keys[1], dealer: w.dealer.publicText };
    for (let run = 0; run < Math.min(300, runs / 30); run++) {
      const folder = join(w.folder, `fuzz ${run}`);
      mkdirSync(folder);
      const spoilt = contents.map((bytes) => (randomInteger(2) === 0 ? mutated(bytes) : bytes));
      for (const [i, name] of names.entries()) writeFileSync(join(folder, name), spoilt[i]);
      const own = new TapeFolder({ folder, ...options });
      const right = spoilt.every((bytes, i) => Buffer.compare(bytes, contents[i]) === 0);
      const refused: string[] = [];
      let good = 0;
      for (const listing of own.unused((_, error) => refused.push((error as TapeError).code)))
        await own.verify(listing).then(
          () => good++,
          (error) => refused.push(error.code),
        );
      for (const code of refused) expect(code).to.be.oneOf(CODES);
      expect([good, refused.length]).deep.equal(right ? [1, 0] : [0, 1]);
      expect(own.ledger.size).equal(0);
      rmSync(folder, { recursive: true });
    }
  });
}

interface ShortTape {
  readonly id: string;
  readonly key: Uint8Array;
  readonly plain: Buffer;
  readonly file: Buffer;
}

/** A record and a half, so that there is one before the last. */
async function shortTape(): Promise<ShortTape> {
  const [id, key] = [tapeId(randomBytes(8)), randomBytes(32)];
  const plain = Buffer.alloc(RECORD + 3 * ROW_BYTES, 0x5a);
  const pieces: Uint8Array[] = [encodeHead(id)];
  const writer = new RecordWriter(key, id, async (bytes) => void pieces.push(bytes));
  await writer.add(plain);
  await writer.end();
  return { id, key, plain, file: Buffer.concat(pieces) };
}

/** Spoils what is small enough to be spoilt a million times: the last record, or the order and number of records. */
async function spoiltRecord({ id, key, plain, file }: ShortTape): Promise<void> {
  const start = file.length - (3 * ROW_BYTES + 16);
  const tail = mutated(file.subarray(start));
  const changed = Buffer.compare(tail, file.subarray(start)) !== 0;
  const position = RECORD;
  const into = Buffer.alloc(3 * ROW_BYTES);
  const at = (bytes: Uint8Array) => ({
    async read(buffer: Uint8Array, offset: number, length: number, where: number) {
      const part = bytes.subarray(Math.max(0, where - start), Math.max(0, where - start) + length);
      buffer.set(part, offset);
      return { bytesRead: part.length };
    },
    close: async () => {},
  });
  const reader = new RecordReader(at(tail), key, id, plain.length);
  const result = await outcome(() => reader.read(position, into));
  // More bytes behind it are noticed by the length of the file.
  const longer =
    tail.length > file.length - start &&
    Buffer.compare(tail.subarray(0, file.length - start), file.subarray(start)) === 0;
  if (changed && !longer) {
    expect(result).deep.equal({ code: 'TAPE_DAMAGED' });
    expect(into.every((byte) => byte === 0)).equal(true);
  } else expect(result).have.property('value');
  await reader.close();
}
