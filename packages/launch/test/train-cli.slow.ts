/** `tacit train` and `tacit report` as users run them: threads, processes, parties on different machines. */

import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { readNumbers } from '@tacit/files';
import { expect } from 'chai';
import { bin, type Finished, isRunning, node, workspace } from './helpers/run.js';

describe('the command tacit train', function () {
  this.timeout(60_000);
  const { folder, remove } = workspace();
  after(remove);
  const path = (name: string): string => join(folder, name);
  const tacit = (...args: string[]): Promise<Finished> => node([bin, ...args], { cwd: folder });
  const write = (name: string, text: string): void => writeFileSync(path(name), text);
  const json = (name: string) => JSON.parse(readFileSync(path(name), 'utf8'));

  const ROWS = 24;
  const points = Array.from({ length: ROWS }, (_, i) => [
    Math.sin(2.3 * i),
    Math.cos(1.7 * i + 1),
    Math.sin(i * i),
  ]);
  const label = ([a, b, c]: readonly number[]): number => (a + b + c > 0 ? 1 : 0);
  before(() => {
    write('a.csv', `x\n${points.map(([a]) => `${a}\n`).join('')}`);
    write('b.csv', `y,label\n${points.map((row) => `${row[1]},${label(row)}\n`).join('')}`);
    write('c.csv', `z\n${points.map((row) => `${row[2]}\n`).join('')}`);
  });

  const config = (parties: readonly string[], more: string): string => `parties: [${parties.join(', ')}]
data:
  features:
    - { owner: ${parties[0]}, file: a.csv }
    - { owner: ${parties[1]}, file: b.csv, columns: [y] }
    ${parties[2] ? `- { owner: ${parties[2]}, file: c.csv }` : ''}
  targets: { owner: ${parties[1]}, file: b.csv, columns: label }
  classes: 2
model: [{ Linear: [${parties.length}, 2] }]
loss: CrossEntropyLoss
optimizer: { SGD: { lr: 1 } }
epochs: 2
batchSize: 12
seed: 1
${more}`;

  it('prints an example that it takes itself, and says what a step costs', async () => {
    const example = await tacit('train', '--example');
    expect(example).include({ code: 0, stderr: '' });
    write('example.yaml', example.stdout);
    write(
      'clinic.csv',
      `age,pressure\n${points.map(([a, b]) => `${50 + 20 * a},${120 + 9 * b}\n`).join('')}`,
    );
    write(
      'insurer.csv',
      `visits,costs,outcome\n${points.map((row) => `${Math.round(5 + row[2])},${1e4 * (2 + row[0])},${['well', 'ill'][label(row)]}\n`).join('')}`,
    );
    const check = await tacit('train', 'example.yaml', '--check');
    expect(check, check.stderr).include({ code: 0, stderr: '' });
    for (const part of [
      /^config +correct$/m,
      /^rows +24: 20 for training, 4 for validation$/m,
      /^a step +\d+ rounds, [\d.]+ kB by the parties/m,
      /^told +accuracy, of training and of validation: to clinic$/m,
      /^0 \(Linear\) +\[16, 8\] +40 +1/m,
    ])
      expect(check.stdout).match(part);
    expect(readdirSync(folder).filter((name) => /model|shares/.test(name))).deep.equal([]);
  });

  for (const [parties, transport] of [
    [['ann', 'bob'], 'threads'],
    [['ann', 'bob', 'cleo'], 'ws'],
  ] as const)
    it(`trains: ${parties.length} parties, ${transport}; and makes a page of it`, async () => {
      write(
        'c.yaml',
        config(
          parties,
          `validation: 0.25\nreveal: { loss: all, accuracy: ${parties[1]} }\nsave: { to: ann, file: w.npz }\n`,
        ),
      );
      const run = await tacit('train', 'c.yaml', '--json', 'run.json', '--transport', transport);
      expect(run.code, run.stderr).equal(0);
      expect(run.stderr).match(
        /^epoch 1 {2}loss \d\.\d+ {2}accuracy [\d.]+ % {2}validation loss .*\nepoch 2 {2}.*\n$/,
      );
      expect(run.stdout).match(
        /^trained +2 epochs, \d parties\nrounds +\d+\nsent .*\ntime .*\nmodel +w\.npz of ann\n/,
      );
      const { epochs, step, operations, revealed } = json('run.json');
      expect(epochs).length(2);
      expect(epochs[1].loss).below(epochs[0].loss);
      expect(epochs[1].bytesSent).length(parties.length);
      // Rounds of an epoch are those of its steps, and some of validation.
      expect(epochs[1].rounds).within(step.rounds, 2 * step.rounds + 60);
      expect(operations.map(({ name }: { name: string }) => name)).include.members(['mask', 'reveal']);
      expect(revealed).deep.include({
        what: 'accuracy, of training and of validation',
        to: 'bob',
        when: 'after each epoch',
      });
      expect((await readNumbers(path('w.npz'), '0.weight')).shape).deep.equal([2, parties.length]);
      const report = await tacit('report', 'run.json', '-o', 'page.html');
      expect(report).include({ code: 0, stderr: '', stdout: 'page     page.html\n' });
      expect(readFileSync(path('page.html'), 'utf8'))
        .match(/^<!doctype html>/)
        .and.include('bob');
    });

  it('goes on with --resume', async () => {
    const text = config(['ann', 'bob'], 'reveal: { loss: all }\ncheckpoint: { file: kept }\n');
    write('c.yaml', text);
    const first = await tacit('train', 'c.yaml', '--quiet');
    expect(first).include({ code: 0, stdout: '', stderr: '' });
    write('c.yaml', text.replace('epochs: 2', 'epochs: 3'));
    const second = await tacit('train', 'c.yaml', '--resume');
    expect(second.code, second.stderr).equal(0);
    expect(second.stderr).match(/^epoch 3 {2}loss .*\n$/);
    expect(second.stdout).match(/^trained +1 epochs after 2/);
    write('c.yaml', text.replace('checkpoint: { file: kept }', ''));
    const none = await tacit('train', 'c.yaml', '--resume');
    expect(none.stderr).match(/^tacit: error \[LAUNCH_OPTIONS\]: there is nothing to resume/);
    expect(none.code).equal(2);
  });

  it('names what is wrong in one line, with file, line and column', async () => {
    const lines = async (...args: string[]) => {
      const { stderr, stdout, code } = await tacit(...args);
      expect(stdout).equal('');
      expect(stderr).not.match(/\n {4}at /);
      return [code, stderr.split('\n')[0]] as const;
    };
    const good = config(['ann', 'bob'], '');
    write('bad.yaml', good.replace('batchSize', 'batch_size'));
    const [code, line] = await lines('train', 'bad.yaml');
    expect(line).match(/^tacit: error \[TRAIN_CONFIG\]: bad\.yaml:\d+:1: unknown entry 'batch_size'/);
    expect(code).equal(2);
    write('shape.yaml', good.replace('[2, 2]', '[5, 2]'));
    for (const more of [[], ['--check']])
      expect((await lines('train', 'shape.yaml', ...more))[1]).match(
        /\[TRAIN_CONFIG\]: shape\.yaml:9:\d+: layer 0 \(Linear\)/,
      );
    write('hole.csv', 'x\n1\n\n,\n');
    write('hole.yaml', good.replace('a.csv', 'hole.csv'));
    expect((await lines('train', 'hole.yaml'))[1]).match(/\[ARRAY_FILE\]: hole\.csv: /);
    write('bits.yaml', `${good}protocol: { fractionBits: 40 }\n`);
    expect((await lines('train', 'bits.yaml'))[1]).match(
      /\[TRAIN_CONFIG\]: bits\.yaml:\d+:1: fractionBits 40 leave/,
    );
    expect(await lines('train', 'absent.yaml')).deep.equal([
      1,
      'tacit: error [FILE_NOT_FOUND]: cannot read absent.yaml: the file does not exist',
    ]);
    expect((await lines('train'))[1]).match(/\[USAGE\].*CONFIG\.yaml/);
    expect((await lines('train', 'shape.yaml', '--session', 's.json'))[1]).match(/belong together/);
    expect((await lines('train', 'shape.yaml', '--json', 'no/run.json'))[1]).match(/FILE_NOT_WRITABLE/);
    expect((await lines('report', 'a.csv'))[1]).match(/\[RUN_FILE\]: a\.csv is not JSON/);
    write('r.json', '{}');
    expect((await lines('report', 'r.json'))[1]).match(/\[RUN_FILE\]: r\.json is not the record/);
    expect((await lines('report', 'r.json', '-o', 'r.json'))[1]).match(/would replace the record/);
    expect(existsSync(path('r.html'))).equal(false);
  });

  it('stops on Ctrl-C, with nothing left running', async () => {
    write('long.yaml', config(['ann', 'bob'], '').replace('epochs: 2', 'epochs: 100000'));
    const pids = new Set<number>();
    let text = '';
    let stopped = false;
    const run = await node(
      [bin, 'train', 'long.yaml', '--transport', 'ws', '--debug', '--json', 'long.json'],
      {
        cwd: folder,
        onStderr: (piece, launcher) => {
          text += piece;
          for (const [, pid] of text.matchAll(/"started","rank":\d,"pid":(\d+)/g)) pids.add(Number(pid));
          if (stopped || !text.includes('"phase":"epoch"')) return;
          stopped = true;
          process.kill(launcher, 'SIGINT');
        },
      },
    );
    expect(run.code).equal(130);
    expect(run.stderr).match(/tacit: error \[LAUNCH_ABORTED\]/);
    expect(pids.size).equal(3);
    expect([...pids].filter(isRunning)).deep.equal([]);
    expect(existsSync(path('long.json'))).equal(false);
  });

  it('trains with parties on different machines, each with its own files', async () => {
    const members = ['ann', 'bob', 'dealer'];
    const keys = await Promise.all(members.map((name) => tacit('keys', `${name}.key`)));
    const ports = await freePorts(2);
    const address = [`ws://127.0.0.1:${ports[0]}`, undefined, `ws://127.0.0.1:${ports[1]}`];
    const session = {
      session: 'training',
      members: members.map((name, i) => ({ name, publicKey: keys[i].stdout.trim(), address: address[i] })),
    };
    write('session.json', JSON.stringify(session));
    write(
      's.yaml',
      config(['ann', 'bob'], 'reveal: { loss: ann }\nsave: { to: bob, file: s.safetensors }\n'),
    );
    const take = (name: string, ...more: string[]) =>
      tacit(
        'train',
        's.yaml',
        '--session',
        'session.json',
        '--key',
        `${name}.key`,
        '--json',
        `${name}.json`,
        ...more,
      );
    const runs = await Promise.all([
      take('ann'),
      take('bob'),
      tacit('dealer', 'session.json', '--key', 'dealer.key'),
    ]);
    for (const { code, stderr } of runs) expect(code, stderr).equal(0);
    const [ann, bob] = runs;
    expect(ann.stderr).match(/^ann in 'training': waiting for bob, dealer\nepoch 1 {2}loss/);
    expect(bob.stderr).match(/^bob in 'training': .*\nepoch 1 {2}[\d.]+ s\n/);
    const [his, hers] = [json('bob.json'), json('ann.json')];
    expect(hers.epochs[1].loss).below(hers.epochs[0].loss);
    expect(his.epochs[1]).not.include.keys('loss');
    expect(his).include({ party: 'bob', transport: 'session' });
    expect(his.epochs[0].bytesSent[0]).equal(null);
    expect((await readNumbers(path('s.safetensors'), '0.bias')).shape).deep.equal([2]);
    expect((await tacit('report', 'bob.json')).code).equal(0);
    // Names that are not those of the session, and the dealer's key.
    write('s.yaml', config(['bob', 'ann'], ''));
    expect((await take('ann')).stderr).match(/LAUNCH_OPTIONS.*name them alike/);
    expect((await take('dealer')).stderr).match(/LAUNCH_OPTIONS.*the key of the dealer/);
  });
});

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
