/** Sessions on tapes: the results of a live dealer without one, each tape once, refusals by code. */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { liveDealer, planHash, type TapeError } from '@tacit/mpc';
import { TamperedTransport } from '@tacit/testing';
import { expect } from 'chai';
import { TapeFolder } from '../src/index.js';
import { codes, files, planOf, program, results, session, type World, world } from './helpers/world.js';

const ranks = (parties: number): number[] => Array.from({ length: parties }, (_, rank) => rank);
const sources = (w: World, more = {}) => ranks(w.parties).map((rank) => w.source(rank, more));
const aborted = (parties: number, code: string): string[] => new Array(parties).fill(code);

for (const parties of [2, 3])
  describe(`sessions on tapes, ${parties} parties`, () => {
    let w: World;
    beforeEach(async () => {
      w = await world(parties);
    });
    afterEach(() => w.remove());

    it('compute what they compute with a live dealer, and use each tape once, in order', async () => {
      const live = results(await session(new Array(parties).fill(liveDealer()), program()));
      const ids = await w.deal(2);
      for (const id of ids) {
        expect(results(await session(sources(w), program()))).deep.equal(live);
        for (const used of w.used) expect(used.at(-1)).equal(id);
      }
      for (const rank of ranks(parties)) {
        // Nothing is left but the entries of the ledger.
        expect(readdirSync(w.tapesOf(rank))).deep.equal(['ledger']);
        expect(readdirSync(join(w.tapesOf(rank), 'ledger')).sort()).deep.equal([...ids].sort());
      }
      expect(codes(await session(sources(w), program()))).deep.equal(aborted(parties, 'NO_TAPE'));
    });

    it('only the last party has more than a key file', async () => {
      await w.deal(1);
      for (const rank of ranks(parties)) {
        expect(files(w.tapesOf(rank), 'key').length).equal(1);
        expect(files(w.tapesOf(rank), 'tape').length).equal(rank === parties - 1 ? 1 : 0);
      }
    });

    it('sessions at the same time get different tapes', async () => {
      const ids = await w.deal(4);
      const all = await Promise.all([1, 2, 3, 4].map(() => session(sources(w), program())));
      for (const ends of all) results(ends);
      for (const used of w.used) expect([...used].sort()).deep.equal([...ids].sort());
    });

    it('members with a copy, or files of a backup, are refused by the others', async () => {
      await w.deal(1);
      for (const who of ranks(parties)) {
        const backup = join(w.folder, 'backup');
        const folder = w.tapesOf(who);
        cpSync(folder, backup, { recursive: true });
        results(await session(sources(w), program()));
        rmSync(folder, { recursive: true });
        renameSync(backup, folder);
        const ends = await session(sources(w), program());
        for (const code of codes(ends)) expect(code).to.be.oneOf(['TAPE_SPENT', 'PEER_ABORTED', 'NO_TAPE']);
        // The leader's files are refused by the others, others' are of no use without the leader's.
        if (who === 0) expect(codes(ends)[0]).equal('TAPE_SPENT');
        await w.deal(1);
      }
    });

    it('a member whose ledger alone was rolled back, or that has two copies, is refused', async () => {
      await w.deal(2);
      const copy = join(w.folder, 'copy');
      cpSync(w.tapesOf(0), copy, { recursive: true });
      const ids = new Set(readdirSync(copy));
      results(await session(sources(w), program()));
      // The copy still has both; the others have one of them.
      const [, ...others] = sources(w);
      results(await session([w.source(0, { folder: copy }), ...others], program()));
      expect(w.used[0][0]).not.equal(w.used[0][1]);
      const ends = await session([w.source(0), ...others], program());
      expect(codes(ends)[0]).equal('TAPE_SPENT');
      expect(ids.size).equal(2);
    });

    it('a member without the tape, with other settings, in another session or place is refused', async () => {
      await w.deal(1, undefined, { session: 'monday' });
      const refused = async (what: string, ends: PromiseSettledResult<unknown>[], code = 'NO_TAPE') => {
        expect(codes(ends), what).include(code);
        expect(codes(ends), what).not.include(undefined);
      };
      await refused('session', await session(sources(w), program()));
      await refused('session', await session(sources(w, { session: 'tuesday' }), program()));
      await refused(
        'plan',
        await session(sources(w, { session: 'monday', plan: '0'.repeat(64) }), program()),
      );
      const settings = { fractionBits: 12 };
      await refused('settings', await session(sources(w, { session: 'monday' }), program(), { settings }));
      const other = w.keys[0].publicText;
      await refused('dealer', await session(sources(w, { session: 'monday', dealer: other }), program()));
      const [own, ...rest] = sources(w, { session: 'monday' });
      await refused('rank', await session([...rest, own], program()));
      // None of that burnt it.
      const plan = planHash(await planOf(parties));
      results(await session(sources(w, { session: 'monday', plan }), program()));
    });

    it('a program that the tape was not made for ends with a code, and the tape is spent', async () => {
      await w.deal(1);
      const ends = await session(sources(w), program(11));
      expect(codes(ends)).deep.equal([...aborted(parties - 1, 'PEER_ABORTED'), 'TAPE_PLAN']);
      expect(codes(await session(sources(w), program()))).deep.equal(aborted(parties, 'NO_TAPE'));
    });

    it('files that are damaged, cut off or exchanged are refused', async () => {
      const last = parties - 1;
      const folder = w.tapesOf(last);
      const plan = await planOf(parties, program(20_000));
      const own = new TapeFolder({ folder, keys: w.keys[last], dealer: w.dealer.publicText });
      const attempt = async (
        what: 'key' | 'tape',
        spoil: (bytes: Buffer) => Buffer,
        wanted: string,
        all = wanted,
      ) => {
        const [id] = await w.deal(1, plan);
        const [path] = files(folder, what).map((name) => join(folder, name));
        const whole = readFileSync(path);
        writeFileSync(path, spoil(Buffer.from(whole)));
        const checked: string[] = [];
        for (const listing of own.unused((_, error) => checked.push((error as TapeError).code)))
          await own.verify(listing).catch((error: TapeError) => checked.push(error.code));
        expect(checked).deep.equal([wanted]);
        const ends = await session(sources(w), program(20_000));
        expect(codes(ends)[last]).equal(all);
        // A tape that nobody can open is not burnt where it is damaged.
        if (wanted !== all || all !== 'TAPE_DAMAGED') expect(own.ledger.has(id)).equal(false);
        for (const rank of ranks(parties)) rmSync(w.tapesOf(rank), { recursive: true });
      };
      const flip = (at: number) => (bytes: Buffer) => {
        bytes[at < 0 ? bytes.length + at : at] ^= 1;
        return bytes;
      };
      await attempt('key', flip(-1), 'TAPE_KEY');
      await attempt('key', flip(0), 'TAPE_FORMAT', 'NO_TAPE');
      await attempt('key', flip(60), 'TAPE_FORMAT', 'NO_TAPE');
      await attempt('key', (bytes) => bytes.subarray(0, -1), 'TAPE_FORMAT', 'NO_TAPE');
      await attempt('tape', flip(0), 'TAPE_FORMAT');
      await attempt('tape', flip(20), 'TAPE_FORMAT');
      await attempt('tape', (bytes) => bytes.subarray(0, -1), 'TAPE_FORMAT', 'NO_TAPE');
      await attempt('tape', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]), 'TAPE_FORMAT', 'NO_TAPE');
      // The second record is read in the middle of the program.
      await attempt('tape', flip(-1), 'TAPE_DAMAGED');
    });

    it('a tape that is damaged at party 0 is passed over', async () => {
      const ids = await w.deal(2);
      const path = join(w.tapesOf(0), files(w.tapesOf(0), 'key')[0]);
      const bytes = readFileSync(path);
      bytes[bytes.length - 1] ^= 1;
      writeFileSync(path, bytes);
      const refused: string[] = [];
      const onRefused = (_: string, error: Error) => refused.push((error as TapeError).code);
      const [, ...others] = sources(w);
      results(await session([w.source(0, { onRefused }), ...others], program()));
      expect(w.used.map((used) => used[0])).deep.equal(new Array(parties).fill(ids[1]));
      expect(refused).deep.equal(['TAPE_KEY']);
    });

    it('nothing that depends on a tape leaves before all have burnt it', async () => {
      const [id] = await w.deal(1);
      const early: string[] = [];
      const spent = (rank: number): boolean => existsSync(join(w.tapesOf(rank), 'ledger', id));
      const ends = await session(sources(w), program(), {
        tamper: (transport, rank) =>
          new TamperedTransport(transport, (entry) => {
            const { key } = entry;
            if (/^\d/.test(key) && !ranks(parties).every(spent)) early.push(key);
            if (key === 'tape/burnt' && !spent(rank)) early.push(key);
            return entry;
          }),
      });
      results(ends);
      expect(early).deep.equal([]);
    });
  });
