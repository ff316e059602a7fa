/** `tacit batch`, as far as it goes without other organisations, and `tacit` without it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { predictFile } from '@tacit/batch';
import { addBatch } from '@tacit/batch/cli';
import { hashProgram } from '@tacit/daemon';
import { expect } from 'chai';
import { Command } from 'commander';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const manifestOf = (name: string): Record<string, Record<string, unknown>> =>
  JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
const { batchCommand } = (await import(new URL('../../tacit/bin/batch.mjs', import.meta.url).href)) as {
  batchCommand(
    args: string[],
    load?: (name: string) => Promise<unknown>,
  ): Promise<(program: Command) => void>;
};

describe('tacit batch', () => {
  it('says which package it is in where that is not installed', async () => {
    const absent = (name: string) =>
      Promise.reject(
        Object.assign(new Error(`Cannot find package '${name.replace('/cli', '')}'`), {
          code: 'ERR_MODULE_NOT_FOUND',
        }),
      );
    const args = ['batch', 'submit', 'rows.npy', '--with', 'bob'];
    const program = new Command('tacit').exitOverride();
    (await batchCommand(args, absent))(program);
    const error = await program.parseAsync(args, { from: 'user' }).catch((thrown: Error) => thrown);
    expect(error).to.have.property('code', 'NOT_INSTALLED');
    expect(error).to.have.property('message').that.contains('npm install @tacit/batch');
    // Other commands do not look for it.
    await batchCommand(['predict'], () => expect.fail('it was loaded'));
  });

  it('puts no queue into the tree of tacit', () => {
    const seen = new Set<string>();
    const visit = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      if (name !== 'tacit' && !name.startsWith('@tacit/')) return;
      for (const other of Object.keys(manifestOf(name.replace('@tacit/', '')).dependencies ?? {}))
        visit(other);
    };
    visit('tacit');
    expect([...seen]).to.include('@tacit/daemon');
    expect([...seen]).to.not.include.members(['@tacit/batch']);
    const { dependencies, peerDependencies, peerDependenciesMeta } = manifestOf('batch');
    for (const queue of ['bullmq', 'ioredis', 'pg']) {
      expect([...seen, ...Object.keys(dependencies ?? {})]).to.not.include(queue);
      expect(peerDependencies).to.have.property(queue);
      expect(peerDependenciesMeta?.[queue]).to.deep.equal({ optional: true });
    }
  });

  it('has a program that both sides can hash', async () => {
    expect((await hashProgram(predictFile())).packages).to.deep.equal(['@tacit/launch']);
  });

  it('refuses what it cannot do before anything is written', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tacit-batch-'));
    const run = async (...args: string[]): Promise<{ code?: string; message: string }> => {
      const program = new Command('tacit').exitOverride().configureOutput({ outputError: () => {} });
      const batch = addBatch(program);
      for (const command of [batch, ...batch.commands])
        command.exitOverride().configureOutput({ outputError: () => {} });
      return program.parseAsync(['batch', ...args], { from: 'user' }).then(
        () => expect.fail('it was not refused'),
        (error) => error,
      );
    };
    try {
      const home = ['--home', join(folder, 'home')];
      expect((await run('submit', 'rows.npy')).message).to.include('--with');
      const who = ['--with', 'bob', '--dealer', 'carol'];
      expect((await run('submit', 'rows.npy', ...who, '--rows-per-shard', '0')).message).to.include('from 1');
      const submit = ['submit', 'rows.npy', ...who, '--rows-per-shard', '5', ...home];
      expect(await run(...submit, '--detach', '--out', 'x.npy')).to.include({ code: 'BATCH_USAGE' });
      expect(await run(...submit)).to.include({ code: 'IDENTITY_MISSING' });
      expect(await run('status', '0'.repeat(32), ...home)).to.include({ code: 'BATCH_UNKNOWN' });
      expect(await run('status', ...home, '--out', 'x.npy')).to.include({ code: 'BATCH_USAGE' });
      expect(await run('status', ...home, '--queue', 'http://h')).to.include({ code: 'QUEUE_ADDRESS' });
      expect(await run('work', ...home, '--lease', '1ms')).to.include({ code: 'BATCH_USAGE' });
      expect(await run('shard', '0'.repeat(32), ...home)).to.include({ code: 'BATCH_USAGE' });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
