/** The commands, as users run them. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Finished, run } from '@tacit/testing/processes';
import { expect } from 'chai';
import { Command, CommanderError } from 'commander';
import { addIdentityCommands } from '../src/cli/index.js';
import { deviceIdOf, fingerprintOfDeviceId, openPeers, parseInvite, readIdentity } from '../src/index.js';
import { homes, onPosix, randomFingerprint } from './helpers.js';

const bin = fileURLToPath(new URL('../../tacit/bin/tacit.mjs', import.meta.url));

/** How a command line is refused, within this process. */
async function refusal(args: readonly string[], folder: string): Promise<string> {
  const program = new Command('tacit');
  addIdentityCommands(program);
  const quiet = (command: Command): void => {
    command.exitOverride();
    command.configureOutput({ outputError: () => {} });
    command.commands.forEach(quiet);
  };
  quiet(program);
  try {
    await program.parseAsync([...args, '--home', folder], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return `USAGE ${error.message}`;
    if (error instanceof Error && 'code' in error) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}

describe('the commands identity, peers and invite', function () {
  this.timeout(120_000);
  const home = homes();
  const tacit = (folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
    run(process.execPath, [bin, ...args], { env: { ...process.env, TACIT_HOME: folder, ...env } });
  /** Output of a command that succeeds. */
  const done = async (folder: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await tacit(folder, args);
    expect(code, stderr).equal(0);
    return stdout;
  };
  const failure = async (folder: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await tacit(folder, args);
    expect(stdout).equal('');
    expect(stderr).not.match(/\n {4}at /);
    return `${code} ${stderr}`;
  };

  it('make an identity, show it, renew it', async () => {
    const folder = home();
    expect(await failure(folder, 'identity')).match(/^1 tacit: error \[IDENTITY_MISSING\]: .*--name NAME/);
    expect(existsSync(folder)).equal(false);
    const made = await done(folder, 'identity', '--name', 'alice');
    const { deviceId, fingerprint, key } = readIdentity(folder);
    expect(made)
      .match(/^name +alice$/m)
      .contain(`device id    ${deviceId}\n`)
      .contain(fingerprint);
    for (const args of [[], ['--name', 'alice']]) expect(await done(folder, 'identity', ...args)).equal(made);
    const shown = JSON.parse(await done(folder, 'identity', '--json'));
    expect(shown).deep.include({ name: 'alice', deviceId, fingerprint });
    expect(await failure(folder, 'identity', '--name', 'bob')).match(
      /^1 .*IDENTITY_EXISTS.*--renew --name bob/,
    );
    const renewed = await tacit(folder, ['identity', '--renew', '--json']);
    const next = JSON.parse(renewed.stdout);
    expect(next.previous).deep.equal({ deviceId, fingerprint });
    expect(next.deviceId).equal(readIdentity(folder).deviceId).not.equal(deviceId);
    expect(renewed.stderr).contain(`--add-id ${next.deviceId}`);
    expect(readFileSync(join(folder, 'identity.old', 'key.pem'), 'utf8')).equal(key);
    for (const text of [made, JSON.stringify(shown), renewed.stdout, renewed.stderr])
      expect(text).not.contain('PRIVATE').not.contain(key.split('\n')[1]);
  });

  it('take --home before TACIT_HOME', async () => {
    const [chosen, other] = [home(), home()];
    await done(other, 'identity', '--name', 'alice', '--home', chosen);
    expect([existsSync(chosen), existsSync(other)]).deep.equal([true, false]);
  });

  it('know peers, and what they may start', async () => {
    const folder = home();
    const [one, two] = [deviceIdOf(randomFingerprint()), deviceIdOf(randomFingerprint())];
    const program = join(dirname(folder), 'program.mjs');
    writeFileSync(program, 'export default async () => 1;\n');
    const hash = createHash('sha256').update(readFileSync(program)).digest('hex');
    expect((await tacit(folder, ['peers'])).stderr).match(/no peers yet/);
    await done(folder, 'peers', 'add', 'bob', one.toLowerCase(), '--relay', 'wss://relay.example');
    const relayed = `wss://relay.example/to/${fingerprintOfDeviceId(one)}`;
    expect(openPeers(folder).list()).deep.equal([{ name: 'bob', ids: [one], address: relayed }]);
    const rule = ['--file', program, '--quota', '1000/day', '--quota', '1.5GB/day', '--at-once', '2'];
    await done(folder, 'peers', 'allow', 'bob', 'predict', ...rule);
    await done(folder, 'peers', 'allow', 'bob', 'train', '--argument', 'a b', '--argument', '1');
    const quota = { sessionsAtOnce: 2, sessionsPerDay: 1000, bytesPerDay: 1.5e9 };
    expect(openPeers(folder).get('bob')?.programs).deep.equal([
      { name: 'predict', hash, quota },
      { name: 'train', arguments: ['a b', '1'] },
    ]);
    await done(
      folder,
      'peers',
      'allow',
      'bob',
      'predict',
      '--arguments',
      'any',
      '--hash',
      hash.toUpperCase(),
    );
    await done(folder, 'peers', 'forbid', 'bob', 'train');
    expect(openPeers(folder).get('bob')?.programs).deep.equal([{ name: 'predict', hash, arguments: 'any' }]);
    await done(
      folder,
      'peers',
      'update',
      'bob',
      '--add-id',
      two,
      '--role',
      'dealer',
      '--address',
      'wss://bob:1',
    );
    await done(folder, 'peers', 'update', 'bob', '--remove-id', one.replaceAll('-', ''));
    expect(openPeers(folder).get('bob')).deep.include({ ids: [two], role: 'dealer', address: 'wss://bob:1' });
    expect(JSON.parse(await done(folder, 'peers', 'list', '--json'))).deep.equal(openPeers(folder).list());
    expect(await done(folder, 'peers', 'list'))
      .contain(`  id       ${two}\n`)
      .contain('any arguments');
    await done(folder, 'peers', 'allow', 'bob', '*', '--quota', '100/day');
    expect(openPeers(folder).get('bob')?.programs?.[1]).deep.equal({
      name: '*',
      quota: { sessionsPerDay: 100 },
    });
    expect(await done(folder, 'peers', 'list')).contain(
      '  program  any, where this organisation deals, any version, any arguments, 100 a day\n',
    );
    await done(folder, 'peers', 'remove', 'bob');
    expect(openPeers(folder).list()).deep.equal([]);
  });

  it('print an invite once, alone, and list it without its secret', async () => {
    const folder = home();
    await done(folder, 'identity', '--name', 'alice');
    const args = [
      '--relay',
      'wss://relay.example',
      '--program',
      'predict',
      '--quota',
      '1000/day',
      '--expires',
      '12h',
    ];
    const { stdout, stderr, code } = await tacit(folder, ['invite', 'bob', ...args]);
    expect(code, stderr).equal(0);
    expect(stdout).match(/^tacit:1:\S+\n$/);
    const { secret, program, expires } = parseInvite(stdout);
    expect(program).equal('predict');
    expect(expires.getTime() - Date.now()).within(11 * 3_600_000, 12 * 3_600_000);
    const listed =
      (await done(folder, 'invite', '--list')) + (await done(folder, 'invite', '--list', '--json'));
    expect(listed).match(/^bob +[0-9a-f]{16} +open/m);
    for (const text of [listed, stderr])
      expect(text)
        .not.contain(stdout.slice(8, 60))
        .not.contain(Buffer.from(secret).toString('hex'))
        .not.contain(Buffer.from(secret).toString('base64url'));
    expect(await done(folder, 'invite', 'bob', '--withdraw')).equal('withdrawn  1 invite\n');
    expect((await tacit(folder, ['invite', '--list'])).stderr).match(/no invites/);
  });

  const refusals: readonly [args: string, code: number, error: RegExp][] = [
    ['invite', 2, /USAGE.*missing required argument 'NAME'/],
    ['invite bob', 2, /USAGE.*--address wss:\/\/host:port, or --relay/],
    ['invite bob --address wss://a:1 --relay wss://b', 2, /USAGE.*cannot be used with/],
    ['invite bob --address wss://a:1 --quota 1/day', 2, /USAGE.*--quota is about a program/],
    ['invite bob --address wss://a:1 --at-once 1', 2, /USAGE.*--at-once is about a program/],
    ['invite bob --address wss://a:1 --program p --quota 1', 2, /USAGE.*1000\/day/],
    ['invite bob --address wss://a:1 --program p --quota 1.5/day', 2, /USAGE.*1000\/day/],
    ['invite bob --address wss://a:1 --program p --quota x/day', 2, /USAGE.*1000\/day/],
    ['invite bob --address wss://a:1 --expires 7', 2, /USAGE.*30m, 12h or 7d/],
    ['invite bob --address wss://a:1 --expires 367d', 2, /USAGE.*366d/],
    ['invite bob --address wss://a:1 --expires 0d', 2, /USAGE/],
    ['invite bob --address http://a', 1, /ARGUMENT.*wss:\/\/host:7700/],
    ['invite b/b --address wss://a:1', 1, /ARGUMENT.*"b\/b" cannot be the name of a peer/],
    ['invite bob --address wss://a:1 --program p --hash xyz', 1, /ARGUMENT.*SHA-256/],
    ['invite bob --address wss://a:1 --program p --file nowhere.mjs', 1, /FILE_NOT_FOUND/],
    ['invite bob --address wss://a:1 --role king', 2, /USAGE.*party, dealer/],
    ['invite bob --withdraw', 1, /INVITE_UNKNOWN/],
    ['invite bob --address wss://a:1 --replace', 1, /PEER_UNKNOWN/],
    ['peers add bob', 2, /USAGE.*DEVICE-ID/],
    ['peers add bob abc', 1, /DEVICE_ID.*56 characters/],
    ['peers remove bob', 1, /PEER_UNKNOWN.*no peer is known yet/],
    ['peers update bob --role dealer', 1, /PEER_UNKNOWN/],
    ['peers allow bob p', 1, /PEER_UNKNOWN/],
    ['peers forbid bob p', 1, /PEER_UNKNOWN/],
    ['peers allow bob p --arguments any --argument x', 2, /USAGE.*cannot be used with/],
    ['peers lsit', 2, /USAGE/],
    ['identity --nam x', 2, /USAGE.*--name/s],
  ];
  it('refuse what is wrong, in one line, and change nothing', async () => {
    const folder = home();
    await done(folder, 'identity', '--name', 'alice');
    // All within this process, and each of some kinds as users see it.
    for (const [args, code, error] of refusals) {
      const words = args.split(' ');
      const message = await refusal(words, folder);
      expect(message, args).match(error);
      if (/^(invite bob --withdraw|peers add bob( abc)?|peers lsit)$/.test(args))
        expect(await failure(folder, ...words), args)
          .match(new RegExp(`^${code} tacit: error \\[`))
          .match(error);
      expect(message.startsWith('USAGE'), args).equal(code === 2);
      expect(
        readdirSync(folder).filter((name) => name !== 'invites'),
        args,
      ).deep.equal(['identity']);
    }
  });

  it('name the line of peers.yaml that is wrong', async () => {
    const folder = home();
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'peers.yaml'), 'peers:\n  - name: bob\n    id: x\n', { mode: 0o600 });
    expect(await failure(folder, 'peers')).match(
      /^1 tacit: error \[PEERS_FILE\]: .*peers\.yaml:3:5: peer 'bob', id is not/,
    );
  });

  it('load the writer of certificates only to make one, and nothing of peers for other commands', async () => {
    const folder = home();
    /** Scripts that a command loads, by the coverage that Node.js writes. */
    const loaded = async (...args: string[]): Promise<string> => {
      const coverage = mkdtempSync(join(tmpdir(), 'tacit-identity-'));
      try {
        const { code, stderr } = await tacit(folder, args, { NODE_V8_COVERAGE: coverage });
        expect(code, stderr).equal(0);
        return readdirSync(coverage)
          .flatMap((name) => JSON.parse(readFileSync(join(coverage, name), 'utf8')).result)
          .map(({ url }: { url: string }) => url)
          .join('\n');
      } finally {
        rmSync(coverage, { recursive: true });
      }
    };
    const WRITER = /@peculiar|reflect-metadata|tsyringe/;
    expect(await loaded('identity', '--name', 'alice')).match(WRITER);
    const shown = await loaded('identity');
    expect(shown).not.match(WRITER);
    expect(await loaded('peers', 'list'))
      .match(/node_modules\/yaml/)
      .not.match(WRITER);
    expect(await loaded('--version'))
      .match(/identity\/dist\/cli/)
      .not.match(/node_modules\/(yaml|valibot|@peculiar)/);
  });

  if (onPosix) {
    it('say that others can read the key, and how to repair that', async () => {
      const folder = home();
      await done(folder, 'identity', '--name', 'alice');
      const key = join(folder, 'identity', 'key.pem');
      chmodSync(key, 0o644);
      for (const args of [['identity'], ['invite', 'bob', '--address', 'wss://a:1']])
        expect(await failure(folder, ...args))
          .contain('1 tacit: error [FILE_NOT_PRIVATE]')
          .contain(`chmod 600 ${key}`);
    });

    it('leave everything as it was when the disk is full', async () => {
      const folder = home();
      await done(folder, 'identity', '--name', 'alice');
      const id = deviceIdOf(randomFingerprint());
      await done(folder, 'peers', 'add', 'bob', id);
      const before = readFileSync(join(folder, 'peers.yaml'));
      const { fingerprint } = readIdentity(folder);
      // No file may grow: what a full disk does to writes, but for the code of the error.
      const full = (...args: string[]) =>
        run('bash', ['-c', `trap '' XFSZ; ulimit -f 0; exec "$@"`, 'bash', process.execPath, bin, ...args], {
          env: { ...process.env, TACIT_HOME: folder },
        });
      for (const args of [
        ['identity', '--renew'],
        ['peers', 'update', 'bob', '--role', 'dealer'],
        ['invite', 'carol', '--address', 'wss://a:1'],
      ]) {
        const { code, stdout, stderr } = await full(...args);
        expect([code, stdout], stderr).deep.equal([1, '']);
        expect(stderr).match(/FILE_NOT_WRITABLE.*cannot write/);
      }
      expect(readFileSync(join(folder, 'peers.yaml')).equals(before)).equal(true);
      expect(readIdentity(folder).fingerprint).equal(fingerprint);
      expect(readdirSync(folder, { recursive: true }).map(String).sort()).deep.equal([
        ...['identity', 'identity/certificate.pem', 'identity/key.pem', 'invites', 'peers.yaml'],
      ]);
    });
  }
});
