import { expect } from 'chai';
import { Command } from 'commander';
import { AuditLog } from '../src/audit/audit-log.js';
import { addPolicyCommands } from '../src/cli.js';
import { reportOf, showAudit } from '../src/policy-commands/audit-output.js';
import { freshFolder, rejection } from './helpers/folder.js';

/** Runs a command in this process; what it prints. */
async function run(...args: string[]): Promise<string> {
  const program = new Command('tacit').exitOverride();
  addPolicyCommands(program);
  let out = '';
  const { write } = process.stdout;
  process.stdout.write = ((text: string) => {
    out += text;
    return true;
  }) as typeof write;
  try {
    await program.parseAsync(args, { from: 'user' });
  } finally {
    process.stdout.write = write;
  }
  return out;
}

describe('commands', () => {
  const folder = freshFolder();
  const { env } = process;
  beforeEach(() => {
    process.env = { ...env, TACIT_HOME: folder.path() };
  });
  afterEach(() => {
    process.env = env;
    process.exitCode = 0;
  });

  it('config show: every setting, as it is written, and where it is from', async () => {
    folder.write('config.yaml', 'session: { resume: 90s }\nlimits: { frame: 1GiB }\n');
    process.env.TACIT_DRAIN = '5m';
    const text = await run('config', 'show');
    expect(text).to.match(/session\.resume +"90s" {2}\(config\.yaml:1:20\)/);
    expect(text).to.match(/limits\.frame +"1GiB" {2}\(config\.yaml:2:18\)/);
    expect(text).to.match(/drain +"5m" {2}\(TACIT_DRAIN\)/);
    expect(text).to.match(/session\.wait +"5m" {2}\(default\)/);
    const json = JSON.parse(await run('config', 'show', '--json'));
    expect(json.settings.find(({ setting }: { setting: string }) => setting === 'drain')).to.deep.equal({
      setting: 'drain',
      variable: 'TACIT_DRAIN',
      value: '5m',
      origin: { kind: 'environment', source: 'TACIT_DRAIN' },
    });
  });

  it('config check: settings, then programs with their hashes, then files', async () => {
    const file = folder.write(
      'config.yaml',
      'programs: [{ name: score, file: score.mjs, files: { rows: rows.csv } }]\n',
    );
    expect((await rejection(run('config', 'check'))).code).to.equal('PROGRAM_HASH');
    folder.write('score.mjs', 'import "tacit"; export default 1;');
    expect((await rejection(run('config', 'check'))).code).to.equal('FILE_NOT_FOUND');
    folder.write('rows.csv', '');
    expect(await run('config', 'check', '--config', file)).to.match(
      /program score: sha256 [0-9a-f]{64} of .*score\.mjs; not covered: tacit\n/,
    );
    folder.write('config.yaml', 'programms: []\n');
    expect((await rejection(run('config', 'check'))).message).to.match(
      /config\.yaml:1:1: unknown setting 'programms'; did you mean 'programs'\?/,
    );
  });

  it('config schema: JSON', async () => {
    expect(JSON.parse(await run('config', 'schema')).properties.drain.default).to.equal('30s');
  });

  it('audit verify and show', async () => {
    expect((await rejection(run('audit', 'verify'))).code).to.equal('AUDIT_LOG');
    let now = new Date('2026-11-26T10:00:00Z');
    const log = new AuditLog({ path: folder.path('audit.log'), now: () => now });
    const { hash } = await log.append({ event: 'peer-added', peer: 'bob', fingerprint: 'f'.repeat(64) });
    now = new Date('2026-11-27T10:00:00Z');
    await log.append({ event: 'invite-refused', fingerprint: 'e'.repeat(64), code: 'x\u001b[2J\n' });
    expect(await run('audit', 'verify', '--contains', hash)).to.match(
      /^3 lines in 1 files, as they were written\nthe head that was asked about is in the log\nhead 3 [0-9a-f]{64}\n$/,
    );
    expect(process.exitCode ?? 0).to.equal(0);
    const shown = await run('audit', 'show');
    expect(shown.split('\n')).to.have.length(4);
    expect(shown).to.match(/ 2 {2}2026-11-26 10:00:00 {2}peer-added +peer=bob/);
    expect(shown).to.not.include('\u001b');
    for (const [since, count] of [
      ['2026-11-27', 1],
      ['2026-11-26T10:00Z', 3],
      ['2026-11-26T12:00:00+01:00', 1],
      ['2026-11-26T10:00', 3],
      ['9000d', 3],
    ] as const)
      expect(
        (await run('audit', 'show', '--since', since, '--json')).trim().split('\n'),
        since,
      ).to.have.length(count);
    expect(JSON.parse(await run('audit', 'show', '--event', 'peer-added', '--json'))).to.include({
      peer: 'bob',
      seq: 2,
    });
    expect((await rejection(run('audit', 'show', '--since', 'yesterday'))).code).to.equal('ARGUMENT');
    expect((await rejection(run('audit', 'verify', '--contains', 'x'))).code).to.equal('ARGUMENT');
  });

  it('audit verify of a log that was changed: the line, and exit code 1', async () => {
    const path = folder.path('audit.log');
    const log = new AuditLog({ path });
    for (let i = 0; i < 3; i++)
      await log.append({ event: 'peer-added', peer: `p${i}`, fingerprint: 'f'.repeat(64) });
    const { readFileSync, writeFileSync } = await import('node:fs');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"p1"', '"p9"'));
    expect(await run('audit', 'verify')).to.match(
      /audit\.log:4: the line before it is not the one.*\nNOT as it was written; .* up to number 3, are\n/,
    );
    expect(process.exitCode).to.equal(1);
    const { fine, text } = await reportOf(path, { json: true });
    expect(fine).to.equal(false);
    expect(JSON.parse(text)).to.deep.include({ fine: false, lines: 4 });
    writeFileSync(path, `${readFileSync(path, 'utf8')}garbage\n`);
    let out = '';
    await showAudit(path, { json: false, since: '1s' }, { write: (line) => (out += line) });
    expect(out).to.include('audit.log:5: not a line of the log, 7 bytes\n');
  });
});
