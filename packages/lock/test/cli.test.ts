/** The commands, within this process. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fixtureBytes } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import { Command, CommanderError } from 'commander';
import { addLockCommands } from '../src/cli/index.js';
import { writeLocked } from '../src/cli/outputs.js';
import { passphraseFor } from '../src/cli/passphrase.js';
import { deepLock, deepLockKey } from '../src/index.js';

const sha = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

interface Ended {
  /** Of the error, or '' */
  readonly error: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a stream was given while something ran. */
async function captured(stream: NodeJS.WriteStream, act: () => Promise<unknown>): Promise<string> {
  const { write } = stream;
  let text = '';
  stream.write = ((chunk: string | Uint8Array) => {
    text += Buffer.from(chunk as string).toString();
    return true;
  }) as typeof write;
  try {
    await act();
  } finally {
    stream.write = write;
  }
  return text;
}

async function tacit(...args: string[]): Promise<Ended> {
  const program = new Command('tacit');
  addLockCommands(program);
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ outputError: () => {} });
    command.commands.forEach(quiet);
  };
  quiet(program);
  let error = '';
  let stderr = '';
  const stdout = await captured(process.stdout, async () => {
    stderr = await captured(process.stderr, async () => {
      try {
        await program.parseAsync(args, { from: 'user' });
      } catch (thrown) {
        if (thrown instanceof CommanderError) error = `USAGE ${thrown.message}`;
        else if (thrown instanceof Error && 'code' in thrown) error = `${thrown.code} ${thrown.message}`;
        else throw thrown;
      }
    });
  });
  return { error, stdout, stderr };
}

async function done(...args: string[]): Promise<Ended> {
  const ended = await tacit(...args);
  expect(ended.error, args.join(' ')).equal('');
  return ended;
}

describe('the commands lock and unlock', function () {
  this.timeout(60_000);
  let folder: string;
  const at = (name: string): string => join(folder, name);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tacit-lock-'));
    writeFileSync(at('model.onnx'), fixtureBytes('mnist_lenet1_tanh/model.onnx'));
    writeFileSync(at('words'), 'correct horse\nbattery staple\n');
  });
  afterEach(() => {
    delete process.env.TACIT_LOCK_PASSPHRASE;
    rmSync(folder, { recursive: true });
  });
  const lock = (...more: string[]) => [
    'lock',
    'deep-lock',
    at('model.onnx'),
    '--output-model',
    at('locked.onnx'),
    '--output-key',
    at('key'),
    ...more,
  ];

  it('lock a model and give it back, by every profile', async () => {
    for (const flags of [[], ['--profile', 'paper'], ['--profile', 'paper', '--key-256']]) {
      const { stdout, stderr } = await done(...lock(...flags, '--json-key', '--force'));
      expect(stdout).match(/^locked +\d+ tensors, 13\.0 kB$/m);
      expect(stderr).match(/warning: .*key is open/);
      expect(JSON.parse(readFileSync(at('key'), 'utf8'))).include({
        format: 'tacit-lock-key',
        kind: 'deep-lock',
      });
      await done('unlock', 'deep-lock', at('key'), at('back.onnx'), at('locked.onnx'), '--force');
      expect(sha(at('back.onnx'))).equal(sha(at('model.onnx')));
      if (process.platform !== 'win32')
        for (const name of ['key', 'back.onnx']) expect(statSync(at(name)).mode & 0o777).equal(0o600);
    }
    await done(...lock('--profile', 'paper', '--quantised', '--json-key', '--force', '--quiet'));
    await done('unlock', 'deep-lock', at('key'), at('quantised.onnx'), at('locked.onnx'));
    expect(sha(at('quantised.onnx'))).not.equal(sha(at('model.onnx')));
  });

  it('seal the key by a passphrase from a file or the environment', async () => {
    await done(...lock('--passphrase-file', at('words')));
    const unlock = ['unlock', 'deep-lock', at('key'), at('back.onnx'), at('locked.onnx')];
    expect((await tacit(...unlock)).error).match(/^LOCK_KEY_PASSPHRASE .*TACIT_LOCK_PASSPHRASE/);
    process.env.TACIT_LOCK_PASSPHRASE = 'wrong horse';
    expect((await tacit(...unlock)).error).match(/^LOCK_KEY_PASSPHRASE .*wrong/);
    expect(existsSync(at('back.onnx'))).equal(false);
    process.env.TACIT_LOCK_PASSPHRASE = 'correct horse';
    await done(...unlock);
    expect(sha(at('back.onnx'))).equal(sha(at('model.onnx')));
    writeFileSync(at('empty'), '\n');
    expect((await tacit(...unlock, '--force', '--passphrase-file', at('empty'))).error).match(
      /^ARGUMENT .*empty/,
    );
  });

  it('say what files are, without secrets', async () => {
    await done(...lock('--json-key'));
    const { secret } = JSON.parse(readFileSync(at('key'), 'utf8')).body;
    const files = [at('model.onnx'), at('locked.onnx'), at('key')];
    const { stdout } = await done('lock', 'inspect', ...files);
    expect(stdout)
      .match(/lock +none/)
      .match(/profile +sealed/)
      .match(/lock +deep-lock/);
    expect(stdout)
      .match(/^belongs to +.*locked\.onnx$/m)
      .contain('open to whoever reads it');
    const json = await done('lock', 'inspect', '--json', ...files);
    const [model, locked, key] = JSON.parse(json.stdout);
    expect(key).include({ is: 'key', keyId: locked.keyId, weights: locked.weights, unlocked: model.weights });
    for (const text of [stdout, json.stdout]) expect(text).not.contain(secret);
    expect((await done('lock', 'inspect', '--weights', at('locked.onnx'))).stdout).match(
      /^conv1\.weight +float +\[4, 1, 5, 5\] +400 B$/m,
    );
    if (process.platform !== 'win32') {
      expect(stdout).match(/^readable +by its owner$/m);
      chmodSync(at('key'), 0o644);
      expect((await done('lock', 'inspect', at('key'))).stdout).match(
        /^readable +by others, too: chmod 600 /m,
      );
    }
    writeFileSync(at('garbage'), 'tacit');
    expect((await tacit('lock', 'inspect', at('garbage'))).error).match(/^MODEL_FORMAT /);
    writeFileSync(at('key'), '{"format":"tacit-lock-key"');
    expect((await tacit('lock', 'inspect', at('key'))).error).match(/^LOCK_KEY_FORMAT /);
  });

  it('open what the public implementation locked', async () => {
    // 40 bytes that it locks to these, by the key 0, 1, 2 …
    const locked = Buffer.from(
      '03e04dd9bda7cf8bf869c73239ed7ffb5121ec3d5807554ce0f4c8e81f2eb966c309976bbb7701ca',
      'hex',
    );
    const { encodeNpy, parseNpy } = await import('@tacit/files');
    writeFileSync(at('old.npy'), encodeNpy([10], new Float32Array(Uint8Array.from(locked).buffer)));
    writeFileSync(at('old.pkl'), Buffer.from('80034310000102030405060708090a0b0c0d0e0f71002e', 'hex'));
    const { stderr } = await done(
      'unlock',
      'deep-lock',
      at('old.pkl'),
      at('new.npy'),
      at('old.npy'),
      '--compat',
    );
    expect(stderr).match(/insecure/);
    const { data } = parseNpy(readFileSync(at('new.npy')));
    expect([...new Uint8Array(data.buffer, data.byteOffset, 40)]).deep.equal(
      Array.from({ length: 40 }, (_, i) => (7 * i + 3) & 255),
    );
  });

  it('refuse what is wrong, and write nothing', async () => {
    await done(...lock('--json-key'));
    writeFileSync(at('other.onnx'), fixtureBytes('linear_4_2/model.onnx'));
    writeFileSync(at('cut.onnx'), readFileSync(at('locked.onnx')).subarray(0, 5000));
    writeFileSync(at('edited'), readFileSync(at('key'), 'utf8').replace(/"secret": "./, '"secret": "g'));
    mkdirSync(at('folder'));
    const model = at('model.onnx');
    const unlock = (key: string, output: string, locked: string) => [
      'unlock',
      'deep-lock',
      at(key),
      at(output),
      at(locked),
    ];
    const fresh = (name: string, ...more: string[]) => [
      'lock',
      'deep-lock',
      at(name),
      '--output-model',
      at('l2.onnx'),
      '--output-key',
      at('k2'),
      ...more,
    ];
    const cases: [RegExp, string[]][] = [
      [/^FILE_NOT_WRITABLE .*--force/, lock('--json-key')],
      [/^LOCK_KEY_EXISTS /, fresh('model.onnx', '--json-key', '--output-key', at('key'))],
      [/^ARGUMENT .*different files/, fresh('model.onnx', '--output-model', model, '--force')],
      [/^ARGUMENT .*different files/, fresh('model.onnx', '--output-key', at('l2.onnx'))],
      [/^FILE_NOT_WRITABLE /, fresh('model.onnx', '--output-model', at('no/l2.onnx'))],
      [/^FILE_NOT_WRITABLE .*folder/, fresh('model.onnx', '--output-model', at('folder'))],
      [/^FILE_NOT_FOUND /, fresh('none.onnx', '--json-key')],
      [/^LOCK_KEY_PASSPHRASE .*--json-key/, fresh('model.onnx')],
      [/^LOCK_STATE .*locked already/, fresh('locked.onnx', '--json-key')],
      [/^MODEL_FORMAT /, fresh('cut.onnx', '--json-key')],
      [/^MODEL_FORMAT /, fresh('words', '--json-key')],
      [/^USAGE .*--profile paper/, fresh('model.onnx', '--quantised')],
      [/^USAGE .*sealed, paper/, fresh('model.onnx', '--profile', 'x')],
      [/^USAGE /, ['lock', 'deep-lock']],
      [/^LOCK_STATE .*not locked/, unlock('key', 'out.onnx', 'model.onnx')],
      [/^LOCK_STATE .*not locked/, unlock('key', 'out.onnx', 'other.onnx')],
      [/^MODEL_FORMAT /, unlock('key', 'out.onnx', 'cut.onnx')],
      [/^LOCK_KEY_FORMAT .*edited/, unlock('edited', 'out.onnx', 'locked.onnx')],
      [/^LOCK_KEY_FORMAT /, unlock('words', 'out.onnx', 'locked.onnx')],
      [/^FILE_NOT_WRITABLE .*--force/, unlock('key', 'model.onnx', 'locked.onnx')],
      [/^USAGE .*--compat/, [...unlock('key', 'out.onnx', 'locked.onnx'), '--names', 'a']],
      [/^LOCK_KEY_FORMAT /, [...unlock('key', 'out.onnx', 'locked.onnx'), '--compat']],
    ];
    const before = readdirSync(folder).sort();
    const hashes = before.filter((name) => name !== 'folder').map((name) => sha(at(name)));
    for (const [pattern, args] of cases) {
      const { error, stdout } = await tacit(...args);
      expect(error, args.join(' ')).match(pattern);
      expect(stdout).equal('');
      expect(readdirSync(folder).sort(), args.join(' ')).deep.equal(before);
    }
    expect(before.filter((name) => name !== 'folder').map((name) => sha(at(name)))).deep.equal(hashes);
  });

  it('write neither model nor key where one of them cannot be written', async () => {
    const { key, file } = await deepLock(readFileSync(at('model.onnx')));
    const write = (model: string, name: string): Promise<string> =>
      writeLocked({ model: at(model), key: at(name) }, file, deepLockKey, key, {}).then(
        () => 'written',
        (error: { code: string }) => error.code,
      );
    const before = readdirSync(folder).sort();
    expect(await write('no/locked.onnx', 'key')).equal('FILE_NOT_WRITABLE');
    expect(await write('locked.onnx', 'no/key')).equal('FILE_NOT_WRITABLE');
    expect(await write('locked.onnx', 'words')).equal('LOCK_KEY_EXISTS');
    // Somebody else's file came after the paths were checked.
    expect(await write('model.onnx', 'key')).equal('FILE_NOT_WRITABLE');
    expect(readdirSync(folder).sort()).deep.equal(before);
    expect(await write('locked.onnx', 'key')).equal('written');
  });
});

describe('the prompt for a passphrase', () => {
  /** Types at a terminal that is none; what is shown, and the passphrase or why there is none. */
  async function typed(
    keys: string,
    confirm: boolean,
  ): Promise<{ shown: string; result: string; raw: boolean[] }> {
    const raw: boolean[] = [];
    const stdin = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (on: boolean) => raw.push(on),
    });
    const before = Object.getOwnPropertyDescriptor(process, 'stdin');
    const tty = process.stderr.isTTY;
    Object.defineProperty(process, 'stdin', { value: stdin, configurable: true });
    process.stderr.isTTY = true;
    let result = '';
    try {
      const shown = await captured(process.stderr, async () => {
        const asked = passphraseFor({}, confirm).catch((error: Error) => error.message);
        stdin.write(keys);
        result = await asked;
      });
      return { shown, result, raw };
    } finally {
      if (before) Object.defineProperty(process, 'stdin', before);
      process.stderr.isTTY = tty;
    }
  }

  it('shows nothing of what is typed, knows the keys that correct it, and asks twice for a new key', async () => {
    expect(await typed('geheim\r', false)).deep.equal({
      shown: 'Passphrase of the key: \n',
      result: 'geheim',
      raw: [true, false],
    });
    expect(await typed('wrong\u0015gehü\u007feim\b\bim\n', false)).include({ result: 'geheim' });
    const twice = await typed('geheim\rgeheim\r', true);
    expect(twice.result).equal('geheim');
    expect(twice.shown).equal('Passphrase for the new key: \nThe same again: \n');
    expect((await typed('geheim\rgehein\r', true)).result).match(/differ; nothing was written/);
    expect((await typed('\r', false)).result).match(/no passphrase/);
    const cancelled = await typed('gehe\u0003', true);
    expect(cancelled.result).match(/cancelled/);
    expect(cancelled.raw).deep.equal([true, false]);
  });
});
