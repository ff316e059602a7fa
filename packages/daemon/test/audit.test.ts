import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import { AuditLog } from '../src/audit/audit-log.js';
import { type AuditEvent, argumentsHash } from '../src/audit/events.js';
import { hashOf } from '../src/audit/line.js';
import { readAudit, verifyAudit } from '../src/audit/verify.js';
import { AuditError } from '../src/errors.js';
import { showAudit } from '../src/policy-commands/audit-output.js';
import { freshFolder, rejection } from './helpers/folder.js';

const CHILD = fileURLToPath(new URL('./helpers/audit-child.ts', import.meta.url));

const proposal = (more: Partial<Extract<AuditEvent, { event: 'proposal' }>> = {}): AuditEvent => ({
  event: 'proposal',
  role: 'party',
  peer: 'bob',
  fingerprint: 'f'.repeat(64),
  session: 's1',
  program: 'score',
  programHash: 'a'.repeat(64),
  arguments: ['--salary', '51234'],
  ...more,
});

describe('audit log', () => {
  const folder = freshFolder();
  const path = () => folder.path('audit.log');
  const log = (more: Partial<ConstructorParameters<typeof AuditLog>[0]> = {}) =>
    new AuditLog({ path: path(), ...more });
  const lines = (file = path()) => readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const filled = async (count: number, more = {}) => {
    const own = log(more);
    for (let i = 0; i < count; i++) await own.append(proposal({ session: `s${i}` }));
    return own;
  };

  it('writes numbered lines, each with the hash of the one before', async () => {
    const head = await log().append(proposal());
    const [first, second] = lines().map((line) => JSON.parse(line));
    expect(first).to.include({ seq: 1, event: 'opened', previous: '0'.repeat(64) });
    expect(second).to.include({
      seq: 2,
      event: 'proposal',
      previous: hashOf(lines()[0] as string),
      peer: 'bob',
    });
    expect(head).to.deep.equal({ seq: 2, hash: hashOf(lines()[1] as string) });
    const report = await verifyAudit(path(), head.hash);
    expect(report).to.deep.include({ lines: 2, first: 1, head, torn: [], broken: undefined, contains: true });
    if (process.platform !== 'win32') expect(statSync(path()).mode & 0o777).to.equal(0o600);
  });

  it('writes the hash of arguments, and their text only if they are public', async () => {
    await log().append(proposal());
    expect(readFileSync(path(), 'utf8')).to.not.include('51234');
    expect(readFileSync(path(), 'utf8')).to.include(argumentsHash(['--salary', '51234']));
    await log({ publicArguments: true }).append(proposal());
    expect(JSON.parse(lines()[2] as string).arguments).to.deep.equal(['--salary', '51234']);
    expect(argumentsHash(['a b'])).to.not.equal(argumentsHash(['a', 'b']));
  });

  it('a peer can neither end a line, nor write a long one', async () => {
    const nasty = '\n{"seq":3}\r\u2028\u0000\u001b[2J';
    await log().append(proposal({ session: nasty, program: 'x'.repeat(1e6), peer: '\ud800' }));
    expect(lines()).to.have.length(2);
    expect((lines()[1] as string).length).to.be.lessThan(3000);
    expect((await verifyAudit(path())).broken).to.equal(undefined);
  });

  it('goes on where it ended, over processes', async () => {
    await filled(2);
    await filled(2);
    expect(lines().map((line) => JSON.parse(line).seq)).to.deep.equal([1, 2, 3, 4, 5]);
    expect((await verifyAudit(path())).broken).to.equal(undefined);
  });

  it('several writers in one process and in several keep one chain', async function () {
    this.timeout(60_000);
    const own = log();
    const children = [1, 2].map(() => fork(CHILD, [path(), '15'], { execArgv: process.execArgv }));
    const here = Array.from({ length: 10 }, (_, i) => (i % 2 ? log() : own).append(proposal()));
    await Promise.all([...here, ...children.map((child) => once(child, 'exit'))]);
    const report = await verifyAudit(path());
    expect(report).to.deep.include({ broken: undefined, lines: 41 });
  });

  it('names the first line that was changed, removed, moved or put in', async () => {
    const { length } = await filled(6).then(() => lines());
    const good = lines();
    const damage: [string, (l: string[]) => string[], number][] = [
      ['a letter', (l) => l.with(3, (l[3] as string).replace('bob', 'eve')), 5],
      ['a removed line', (l) => l.toSpliced(2, 1), 3],
      ['the first line removed', (l) => l.slice(1), 0],
      ['two lines swapped', (l) => [...l.slice(0, 2), l[3] as string, l[2] as string, ...l.slice(4)], 3],
      ['a line twice', (l) => l.toSpliced(4, 0, l[3] as string), 5],
      ['a line that is none', (l) => l.toSpliced(4, 0, 'hello'), 5],
      ['an empty line', (l) => l.toSpliced(4, 0, ''), 5],
      [
        'a line of another chain',
        (l) =>
          l.with(
            3,
            (l[3] as string).replace(/(?<="previous":")./, (digit) => (digit === '0' ? '1' : '0')),
          ),
        4,
      ],
      ['null', (l) => l.with(5, 'null'), 6],
    ];
    for (const [what, change, at] of damage) {
      writeFileSync(path(), `${change([...good]).join('\n')}\n`);
      const report = await verifyAudit(path());
      if (at === 0) {
        // Nobody knows what was before: it is said that the log begins later.
        expect(report.first, what).to.equal(2);
        continue;
      }
      expect(report.broken?.line, what).to.equal(at);
      expect(report.broken?.reason, what).to.be.a('string');
    }
    // The end cut off is a shorter log; the head that somebody kept is not in it.
    const kept = hashOf(good[length - 1] as string);
    writeFileSync(path(), `${good.slice(0, -1).join('\n')}\n`);
    expect(await verifyAudit(path(), kept)).to.include({ broken: undefined, contains: false });
  });

  it('any change of any byte is found', async () => {
    const last = await filled(3).then(() => lines().length);
    const good = readFileSync(path());
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = Buffer.from(good);
        changed[at] = (changed[at] as number) ^ by;
        writeFileSync(path(), changed);
        const report = await verifyAudit(
          path(),
          hashOf(good.subarray(0, -1).subarray(good.subarray(0, -1).lastIndexOf(10) + 1)),
        );
        // Of the last line only a head kept elsewhere tells.
        expect(report.broken !== undefined || report.contains === false || report.lines !== last).to.equal(
          true,
        );
      }),
      { numRuns: 150 },
    );
  }).timeout(60_000);

  it('keeps and marks a line that a crash tore, wherever it was torn', async () => {
    await filled(2);
    const good = readFileSync(path());
    const start = good.subarray(0, -1).lastIndexOf(10) + 1;
    for (const length of [1, 10, good.length - start - 2]) {
      writeFileSync(path(), good);
      truncateSync(path(), start + length);
      const before = await verifyAudit(path());
      expect(before.broken).to.deep.include({ line: 3 });
      expect(before.broken?.reason).to.match(/no end/);
      await filled(2);
      const report = await verifyAudit(path());
      expect(report.broken, String(length)).to.equal(undefined);
      expect(report.torn).to.deep.equal([{ file: path(), line: 3, bytes: length }]);
      expect(
        readFileSync(path())
          .subarray(0, start + length)
          .equals(good.subarray(0, start + length)),
      ).to.equal(true);
    }
  });

  it('a line that lacks nothing but its end is whole', async () => {
    await filled(2);
    truncateSync(path(), readFileSync(path()).length - 1);
    expect((await verifyAudit(path())).broken).to.include({ line: 3 });
    await filled(1);
    expect(await verifyAudit(path())).to.deep.include({ broken: undefined, torn: [], lines: 4 });
  });

  it('keeps and marks torn bytes that are no text, and a file that is torn from its first line on', async () => {
    await filled(1);
    appendFileSync(path(), Buffer.from([0, 255, 254, 0x7b]));
    await filled(1);
    expect(await verifyAudit(path())).to.deep.include({ broken: undefined, lines: 5 });
    writeFileSync(path(), '{"seq":1,"a');
    await filled(1);
    const report = await verifyAudit(path());
    expect(report).to.deep.include({ broken: undefined, torn: [{ file: path(), line: 1, bytes: 11 }] });
    // An empty file is a log that has not begun.
    writeFileSync(path(), '');
    await filled(1);
    expect(await verifyAudit(path())).to.deep.include({ broken: undefined, lines: 2 });
  });

  it('a mark does not explain another line than the one it was made for', async () => {
    await filled(1);
    appendFileSync(path(), 'torn');
    await filled(1);
    const text = readFileSync(path(), 'utf8');
    writeFileSync(path(), text.replace('\ntorn\n', '\ntarn\n'));
    expect((await verifyAudit(path())).broken).to.include({ line: 3 });
    writeFileSync(path(), text.replace('\ntorn\n', '\n'));
    expect((await verifyAudit(path())).broken?.line).to.be.oneOf([3, 4]);
    writeFileSync(path(), text.replace('\ntorn\n', '\ntorn\ntorn\n'));
    expect((await verifyAudit(path())).broken).to.include({ line: 3 });
  });

  it('writes nothing behind a last line that is none', async () => {
    await filled(1);
    appendFileSync(path(), 'not a line\n');
    const before = readFileSync(path(), 'utf8');
    const error = await rejection(log().append(proposal()));
    expect(error).to.be.instanceOf(AuditError).with.property('code', 'AUDIT_LOG');
    expect(readFileSync(path(), 'utf8')).to.equal(before);
  });

  it('continues in another file when one is full, and the chain with it', async () => {
    await filled(40, { maxBytes: 4096 });
    const files = readdirSync(folder.path()).sort();
    expect(files.length).to.be.greaterThan(3);
    expect(files[0]).to.equal('audit.log');
    expect(files[1]).to.equal('audit.log.000001');
    const report = await verifyAudit(path());
    expect(report).to.deep.include({ broken: undefined, first: 1 });
    expect(report.files).to.have.length(files.length);
    let seq = 0;
    for await (const { entry } of readAudit(path())) expect(entry?.seq).to.equal(++seq);
    expect(report.head.seq).to.equal(seq);
    // A file in between that is gone, or changed, shows.
    const second = folder.path('audit.log.000002');
    const text = readFileSync(second, 'utf8');
    writeFileSync(second, text.replace('bob', 'eve'));
    expect((await verifyAudit(path())).broken?.file).to.equal(second);
    writeFileSync(second, '');
    expect((await verifyAudit(path())).broken?.file).to.equal(folder.path('audit.log.000003'));
  });

  it('goes on after a crash between two files', async () => {
    await filled(15, { maxBytes: 4096 });
    const current = readFileSync(path());
    // Renamed, and the next one not begun.
    const number = String(readdirSync(folder.path()).length).padStart(6, '0');
    writeFileSync(folder.path(`audit.log.${number}`), current);
    writeFileSync(path(), '');
    await filled(2);
    expect((await verifyAudit(path())).broken).to.equal(undefined);
    expect(JSON.parse(lines()[0] as string)).to.include({ event: 'continued', after: `audit.log.${number}` });
  });

  it('no log, and a folder in its place, are errors', async () => {
    expect(await rejection(verifyAudit(path()))).to.be.instanceOf(AuditError);
    expect(await rejection(log({ path: folder.path() }).append(proposal()))).to.be.instanceOf(AuditError);
    expect(
      await rejection(log({ path: folder.path('no/such/audit.log') }).append(proposal())),
    ).to.be.instanceOf(Error);
  });

  it('any bytes are read: nothing crashes, and nothing that was not written passes for the log', async () => {
    await filled(2);
    const good = readFileSync(path());
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('\n', '{', '}', '{"seq":1,', '"at":3', '[', '"event":"recovered"', 'null\n', '{}\n')
        .map((text) => Buffer.from(text)),
      fc.nat(good.length).map((at) => good.subarray(0, at)),
      fc.nat(2000).map((times) => Buffer.from(`${'['.repeat(times)}\n`)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
        const bytes = Buffer.concat(pieces);
        writeFileSync(path(), bytes);
        const report = await verifyAudit(path());
        if (report.broken === undefined) expect(good.subarray(0, bytes.length).equals(bytes)).to.equal(true);
        await showAudit(path(), { json: false }, { write: () => true });
      }),
      { numRuns: 250 },
    );
    const deep = `{"seq":1,"at":"x","previous":"${'0'.repeat(64)}","event":"x","y":${'['.repeat(60_000)}${']'.repeat(60_000)}}\n`;
    writeFileSync(path(), deep);
    await showAudit(path(), { json: false }, { write: () => true });
    await showAudit(path(), { json: true }, { write: () => true });
  }).timeout(60_000);
});
