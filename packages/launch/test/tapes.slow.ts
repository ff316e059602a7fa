/** `tacit deal`, `tacit tapes` and `tacit party --tapes`, as users run them. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { npyNumbers, parseNpy } from '@tacit/files';
import { expect } from 'chai';
import { bin, type Finished, fixture, node, program, workspace } from './helpers/run.js';

const MODEL = fixture('mnist_cnn_bn/model.onnx');

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('tapes from the command line', function () {
  this.timeout(180_000);
  const { folder, remove } = workspace();
  after(remove);
  const tacit = (...args: string[]): Promise<Finished> => node([bin, ...args], { cwd: folder });
  const good = async (...args: string[]): Promise<string> => {
    const run = await tacit(...args);
    expect(run.code, run.stderr).equal(0);
    return run.stdout;
  };
  const bad = async (text: string, ...args: string[]): Promise<void> => {
    const run = await tacit(...args);
    expect(run.code, run.stdout).to.be.oneOf([1, 2]);
    expect(run.stderr).include(text);
  };
  const keys = new Map<string, string>();
  const own = (name: string) => [
    `out/${name}`,
    '--key',
    `${name}.tapekey`,
    '--dealer',
    String(keys.get('dealer')),
  ];
  const to = () => ['alice', 'bob'].flatMap((name) => ['--to', `${name}=${keys.get(name)}`]);

  before(async () => {
    for (const name of ['alice', 'bob', 'dealer']) {
      keys.set(name, (await good('tapes', 'keygen', `${name}.tapekey`)).trim());
      keys.set(`${name}.key`, (await good('keys', `${name}.key`)).trim());
    }
    expect(keys.get('alice')).match(/^tape-[0-9a-f]{64}$/);
    expect(statSync(join(folder, 'alice.tapekey')).mode & 0o777).equal(0o600);
  });

  async function sessionFile(name: string, tapes: boolean): Promise<void> {
    const address = async () => `ws://127.0.0.1:${await freePort()}`;
    const members = [
      { name: 'alice', publicKey: keys.get('alice.key'), address: await address() },
      { name: 'bob', publicKey: keys.get('bob.key') },
      ...(tapes ? [] : [{ name: 'dealer', publicKey: keys.get('dealer.key'), address: await address() }]),
    ];
    const more = tapes ? { tapes: keys.get('dealer') } : {};
    writeFileSync(join(folder, name), JSON.stringify({ session: 'digits', members, ...more }));
  }

  const party = (file: string, name: string, ...args: string[]) =>
    tacit('party', file, program('tapes-program.mjs'), MODEL, '--key', `${name}.key`, ...args);
  const onTapes = (file: string, name: string, ...args: string[]) =>
    party(file, name, '--tapes', `out/${name}`, '--tape-key', `${name}.tapekey`, ...args);

  it('deals for a model, and parties compute without a dealer', async () => {
    const plan = await good('deal', MODEL, '--input-shape', '1,1,28,28', '--plan-only', 'model.plan.json');
    expect(plan).match(/^plan [0-9a-f]{12}, 7 operations, 871 kB a tape\n$/);
    const dealt = await good(
      'deal',
      'model.plan.json',
      '--key',
      'dealer.tapekey',
      '--out',
      'out',
      '--count',
      '3',
      ...to(),
    );
    expect(dealt).include('3 tapes of plan').and.include('for bob: out/bob');
    expect(await good('tapes', 'ls', ...own('bob'))).match(
      /alice, bob +any +\d{4}-\d\d-\d\d +871 kB +3\n0 used\n$/,
    );
    expect(await good('tapes', 'verify', ...own('bob'))).equal('3 good, 0 bad\n');
    await sessionFile('tapes.json', true);
    const [alice, bob] = await Promise.all([onTapes('tapes.json', 'alice'), onTapes('tapes.json', 'bob')]);
    expect(alice, alice.stderr).include({
      code: 0,
      stdout: '',
      stderr: "alice in 'digits': waiting for bob\n",
    });
    expect(JSON.parse(bob.stdout)).property('length', 10);
    const left = JSON.parse(await good('tapes', 'ls', ...own('alice'), '--json'));
    expect([left.unused.length, left.used]).deep.equal([2, 1]);
    expect(await good('tapes', 'burn', ...own('bob'), left.unused[0].id.slice(0, 12))).equal('1 burnt\n');
    expect(await good('tapes', 'burn', ...own('bob'), 'all')).equal('1 burnt\n');
    const [refused] = await Promise.all([onTapes('tapes.json', 'alice'), onTapes('tapes.json', 'bob')]);
    expect(refused.stderr).include('[TAPE_SPENT]');
    writeFileSync(join(folder, 'out/bob/0000000000000000-0123456789abcdef.tape'), '');
    expect(await good('tapes', 'gc', ...own('bob'))).equal('1 files removed\n');
    expect(readdirSync(join(folder, 'out/bob'))).deep.equal(['ledger']);
  });

  it('predicts on this machine without a dealer', async () => {
    const input = fixture('mnist_cnn_bn/input.npy');
    const rows = parseNpy(readFileSync(input)).shape[0];
    const shape = `${rows},1,28,28`;
    await good(
      'deal',
      MODEL,
      '--input-shape',
      shape,
      '--inferences',
      '2',
      '--key',
      'dealer.tapekey',
      '--out',
      'local',
      ...to(),
    );
    const places = ['alice', 'bob'].flatMap((name) => [
      '--tapes',
      `local/${name}`,
      '--tape-key',
      `${name}.tapekey`,
    ]);
    const flags = [
      MODEL,
      input,
      '--out',
      'logits.npy',
      '--repeat',
      '2',
      ...places,
      '--tape-dealer',
      String(keys.get('dealer')),
    ];
    expect(await good('predict', ...flags)).include('0 B by the dealer');
    const [got, wanted] = ['logits.npy', fixture('mnist_cnn_bn/output.npy')].map((path) =>
      npyNumbers(parseNpy(readFileSync(path.startsWith('/') ? path : join(folder, path)))),
    );
    for (const [i, value] of got.entries()) expect(Math.abs(value - wanted[i])).to.be.lessThan(0.01);
    await bad('NO_TAPE', 'predict', ...flags);
    await bad('once for each party', 'predict', MODEL, input, '--out', 'x.npy', '--tapes', 'local/alice');
  });

  it('deals for what was recorded with a dealer', async () => {
    await sessionFile('live.json', false);
    const [alice] = await Promise.all([
      party('live.json', 'alice', '--record-plan', 'recorded.json'),
      party('live.json', 'bob'),
      tacit('dealer', 'live.json', '--key', 'dealer.key'),
    ]);
    expect(alice.code, alice.stderr).equal(0);
    const plan = readFileSync(join(folder, 'recorded.json'), 'utf8');
    expect(plan).equal(readFileSync(join(folder, 'model.plan.json'), 'utf8'));
  });

  it('says what is missing or wrong', async () => {
    await bad("'--to <NAME=KEY>' is needed", 'deal', MODEL);
    await bad("required option '--key <FILE>'", 'deal', MODEL, ...to());
    await bad('TAPE_PLAN_FORMAT', 'deal', 'tapes.json', '--key', 'dealer.tapekey', ...to());
    await bad('64 hexadecimal digits', 'deal', MODEL, '--to', 'alice=tape-1');
    await bad('TAPE_KEY_FILE', 'deal', MODEL, '--input-shape', '1,1,28,28', '--key', 'alice.key', ...to());
    await bad(
      'the plan is for 2 parties',
      'deal',
      'model.plan.json',
      '--key',
      'dealer.tapekey',
      ...to(),
      ...to().slice(0, 2),
    );
    await bad('FILE_NOT_WRITABLE', 'tapes', 'keygen', 'alice.tapekey');
    await bad('FILE_NOT_READABLE', 'tapes', 'ls', 'nowhere', ...own('bob').slice(1));
    await bad(
      'give your folder of them',
      'party',
      'tapes.json',
      program('tapes-program.mjs'),
      '--key',
      'alice.key',
    );
    await bad(
      "is for sessions whose file has 'tapes'",
      'party',
      'live.json',
      program('tapes-program.mjs'),
      '--key',
      'alice.key',
      '--tapes',
      'out/alice',
      '--tape-key',
      'alice.tapekey',
    );
    await bad('no dealer takes part', 'dealer', 'tapes.json', '--key', 'alice.key');
  });
});
