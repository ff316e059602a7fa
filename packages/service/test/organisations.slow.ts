/** A service, its dealer and clients as processes of different organisations, by the commands as users type them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAudit } from '@tacit/daemon';
import { createIdentity, createInvite } from '@tacit/identity';
import { connect } from '@tacit/service/client';
import { fixtureArray } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import { freePort, type Running, type World, world } from '../../daemon/test/helpers/organisations.js';
import { fixed, modelFile } from './helpers/models.js';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/', import.meta.url));
const CNN = join(FIXTURES, 'mnist_cnn_bn/model.onnx');
const INPUT = join(FIXTURES, 'mnist_cnn_bn/input.npy');

type Failed = Error & { code?: string; remoteCode?: string };
const failure = (promise: Promise<unknown>): Promise<Failed> =>
  promise.then(
    () => expect.fail('should have failed'),
    (error) => error,
  );

describe('a service between organisations', function () {
  this.timeout(180_000);
  let here: World;
  let dealerPort = 0;
  let ports: readonly number[] = [];

  /** Carol deals for whatever Bob starts; Bob serves. */
  beforeEach(async () => {
    here = world();
    dealerPort = await freePort();
    ports = [await freePort(), await freePort()];
    for (const name of ['bob', 'carol']) mkdirSync(here.home(name), { recursive: true });
    await createIdentity(here.home('bob'), { name: 'bob' });
    await createIdentity(here.home('carol'), { name: 'carol' });
    writeFileSync(
      join(here.home('carol'), 'config.yaml'),
      `listen: { port: ${dealerPort} }
guests: { listen: { port: ${ports[0]} } }
limits: { sessionsAtOnce: 16, proposalsPerMinute: 1000 }
session: { resume: 2s }
drain: 2s
`,
    );
    writeFileSync(
      join(here.home('bob'), 'config.yaml'),
      `guests: { listen: { port: ${ports[1]} } }\nsession: { resume: 2s }\ndrain: 5s\n`,
    );
    const carol = here.spawn('dealer', '--home', here.home('carol'));
    await carol.says(`dealer carol`);
    const invite = createInvite(here.home('carol'), {
      name: 'bob',
      address: `wss://127.0.0.1:${dealerPort}`,
      programs: [{ name: '*' }],
    });
    const joined = here.spawn(
      'join',
      invite,
      '--home',
      here.home('bob'),
      '--role',
      'dealer',
      '--address',
      'wss://127.0.0.1:1',
    );
    expect(await joined.exit, joined.stderr()).to.equal(0);
    dealer = carol;
  });
  afterEach(() => here.close());

  let dealer: Running;
  const serve = async (...args: string[]): Promise<Running> => {
    const running = here.spawn('serve', ...args, '--dealer', 'carol', '--home', here.home('bob'));
    await running.says('serve  ');
    return running;
  };
  const ran = async (...args: string[]): Promise<{ code: number | null; out: string; err: string }> => {
    const running = here.spawn(...args);
    const code = await running.exit;
    return { code, out: running.stdout(), err: running.stderr() };
  };
  const invited = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await ran('service', 'invite', ...args, '--home', here.home('bob'));
    expect(code, err).to.equal(0);
    expect(out).to.match(/^tacit:1:\S+\n$/);
    return out.trim();
  };

  it('is asked by commands, keeps its invites in order, and drains', async () => {
    const bob = await serve(CNN, '--name', 'digits', '--model', `fixed=${modelFile(here.folder, fixed)}`);
    expect(bob.stdout()).to.match(
      /^serve {2}digits {2}ws:\/\/127\.0\.0\.1:\d+ {2}input float32\[batch, 1, 28, 28\] -> output/,
    );
    const invite = await invited('digits', '--for', 'a friend', '--expires', '1h', '--questions', '5');
    const out = join(here.folder, 'out.npy');
    const asked = await ran('ask', invite, '--input', INPUT, '--out', `output=${out}`);
    expect(asked.code, asked.err).to.equal(0);
    expect(asked.err).to.match(/\d+ ms, \d+ rounds/);
    const wanted = fixtureArray('mnist_cnn_bn/output.npy');
    const { readNumbers } = await import('@tacit/files');
    const got = await readNumbers(out);
    expect(got.shape).to.deep.equal(wanted.shape);
    got.data.forEach((value, i) => {
      expect(value).to.be.closeTo(wanted.data[i] as number, 0.01);
    });
    const info = JSON.parse((await ran('ask', invite, '--info', '--json')).out);
    expect(info.dealer).to.deep.include({ name: 'carol', ofTheService: false });
    expect(info.dealer.key).to.match(/^[0-9a-f]{64}$/);
    const { out: list } = await ran('service', 'list', '--home', here.home('bob'));
    expect(list).to.match(/digits +a friend +open +\S+ \S+ +2 +1 of 5/);
    const [, id = ''] = /^([0-9a-f]{16})/m.exec(list) ?? [];
    expect((await ran('service', 'withdraw', id.slice(0, 8), '--home', here.home('bob'))).code).to.equal(0);
    const refused = await ran('ask', invite, '--info');
    expect(refused.code).to.equal(1);
    expect(refused.err).to.include('[MODEL_REFUSED]').and.to.include('withdrawn');
    for (const [args, message] of [
      [['ask', 'tacit:1:xyz'], '[MODEL_INVITE]'],
      [['ask', invite, '--input', 'nothing.npy'], '[MODEL_REFUSED]'],
      [
        ['service', 'invite', 'other', '--home', here.home('bob')],
        "no model 'other' is served; there is digits, fixed",
      ],
      [['service', 'invite', 'digits', '--expires', 'soon', '--home', here.home('bob')], 'such as 30s'],
      [['serve', CNN, '--dealer', 'mallory', '--home', here.home('bob')], "there is no peer 'mallory'"],
      [['serve', CNN, '--home', here.home('bob')], 'say who deals'],
      [['serve', INPUT, '--dealer', 'carol', '--home', here.home('bob')], 'ONNX'],
    ] as const) {
      const { code, err } = await ran(...args);
      expect(code, args.join(' ')).to.not.equal(0);
      expect(err, args.join(' ')).to.include(message);
    }
    const events: Record<string, unknown>[] = [];
    bob.child.kill('SIGTERM');
    expect(await bob.exit, bob.stderr()).to.equal(0);
    for await (const { entry } of readAudit(join(here.home('bob'), 'audit.log')))
      if (entry) events.push(entry);
    const of = (event: string) => events.filter((one) => one.event === event);
    expect(of('guest-admitted').map(({ model, label }) => [model, label])).to.deep.equal([
      ['digits', 'a friend'],
      ['digits', 'a friend'],
    ]);
    expect(of('guest-refused').map(({ code }) => code)).to.deep.equal(['INVITE_UNKNOWN', 'INVITE_UNKNOWN']);
    expect(of('session-end').map(({ outcome }) => outcome)).to.deep.equal(['completed', 'completed']);
    expect(of('stopped')).to.have.length(1);
    expect(readFileSync(join(here.home('bob'), 'audit.log'), 'utf8')).to.not.include(invite.slice(8, 40));
  });

  it('names the member that was lost, and serves the next client', async () => {
    let bob = await serve(CNN, '--name', 'digits');
    const invite = await invited('digits');
    const input = new Float32Array(784);
    const first = await connect(invite);
    await first.run({ input });
    // The dealer dies, and comes back.
    dealer.child.kill('SIGKILL');
    await dealer.exit;
    const lost = await failure(first.run({ input }));
    expect(lost.message).to.include('carol');
    await first.close();
    const absent = await failure(connect(invite));
    expect(absent).to.include({ code: 'MODEL_REFUSED', remoteCode: 'DEALER_ABSENT' });
    dealer = here.spawn('dealer', '--home', here.home('carol'));
    await dealer.says('dealer carol');
    const second = await connect(invite);
    await second.run({ input });
    // The service dies while it is asked.
    const running = failure(
      (async () => {
        for (;;) await second.run({ input });
      })(),
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    bob.child.kill('SIGKILL');
    await bob.exit;
    expect((await running).message).to.include('bob');
    await second.close();
    expect(await failure(connect(invite))).to.include({ code: 'MODEL_UNREACHABLE' });
    bob = await serve(CNN, '--name', 'digits');
    // The same invite, since the key of the home is the same.
    const third = await connect(invite);
    expect((await third.run({ input })).output?.dims).to.deep.equal([1, 10]);
    await third.close();
    // A client that is killed leaves its place to others.
    const killed = here.spawn('ask', invite, '--input', INPUT);
    await bob.says('a client has come');
    killed.child.kill('SIGKILL');
    const fourth = await connect(invite);
    await fourth.run({ input });
    await fourth.close();
    bob.child.kill('SIGTERM');
    expect(await bob.exit, bob.stderr()).to.equal(0);
  });
});
