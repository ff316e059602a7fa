import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { durationOf, sizeOf } from '@tacit/cli-kit';
import { expect } from 'chai';
import { variableOf } from '../src/config/environment.js';
import { configJsonSchema } from '../src/config/json-schema.js';
import { effectiveSettings, homeOf, loadConfig, parseConfig } from '../src/config/load.js';
import { settings } from '../src/config/walk.js';
import { ConfigError } from '../src/errors.js';
import { freshFolder, rejection } from './helpers/folder.js';

const FILE = resolve('/etc/tacit/config.yaml');

const parse = (
  text: string,
  env: Record<string, string> = {},
  flags: Parameters<typeof parseConfig>[1] = {},
) => parseConfig(text, { file: FILE, home: '/home/alice/.tacit', env, ...flags });

function failure(text: string, env: Record<string, string> = {}): ConfigError {
  try {
    parse(text, env);
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError);
    return error as ConfigError;
  }
  throw new Error(`accepted: ${text}`);
}

describe('config', () => {
  it('an empty file, and none at all, are the defaults', () => {
    for (const text of ['', '# nothing\n', '{}', 'log:\n  # level: debug\nlisten:\n', undefined]) {
      const { config } = parseConfig(text, { file: FILE, env: {} });
      expect(config.drain).to.equal(30_000);
      expect(config.session).to.deep.equal({ timeout: 120_000, resume: 60_000, wait: 300_000 });
      expect(config.programs).to.deep.equal([]);
      expect(config.listen).to.equal(undefined);
      expect(config.log.level).to.equal('info');
    }
  });

  it('reads every kind of setting', () => {
    const { config } = parse(`
name: alice
listen: { host: 0.0.0.0, port: 7700, plain: true }
address: wss://alice.example:7700
relay: wss://relay.example
proxy: http://proxy.example:3128
programs:
  - name: score
    file: programs/score.mjs
    arguments: [--epochs, '*']
    files: { rows: ../data/rows.csv }
    results: /var/results
session: { timeout: 1.5m, resume: 0s, wait: 1h }
limits: { sessionsAtOnce: 3, frame: 64 MiB, sessionTime: 2d }
log: { level: debug, format: json }
operate: { port: 9464 }
relayServer:
  listen: { port: 8443 }
  tls: { key: key.pem, certificate: chain.pem }
  allow: anyone
  limits: { bytesPerDay: 5GB, idle: 90s }
drain: 500ms
`);
    const [program] = config.programs;
    expect(program).to.deep.equal({
      name: 'score',
      file: resolve(dirname(FILE), 'programs/score.mjs'),
      arguments: ['--epochs', '*'],
      files: { rows: resolve('/etc/data/rows.csv') },
      results: resolve('/var/results'),
    });
    expect(config.session).to.deep.equal({ timeout: 90_000, resume: 0, wait: 3_600_000 });
    expect(config.limits.frame).to.equal(64 * 2 ** 20);
    expect(config.limits.sessionTime).to.equal(172_800_000);
    expect(config.operate).to.deep.equal({ host: '127.0.0.1', port: 9464 });
    expect(config.relayServer?.tls?.key).to.equal(resolve('/etc/tacit/key.pem'));
    expect(config.relayServer?.limits.bytesPerDay).to.equal(5e9);
    expect(config.drain).to.equal(500);
  });

  it('variables go before the file, flags before variables, and each says where it is from', () => {
    const text = 'listen:\n  port: 1\n  host: 10.0.0.1\nlog: { level: warn }\n';
    const loaded = parse(
      text,
      { TACIT_LISTEN__PORT: '2', TACIT_LOG__LEVEL: 'error', TACIT_NAME: '123' },
      { flags: [{ path: ['listen', 'port'], source: '--port', value: 3 }] },
    );
    const { config, originOf } = loaded;
    expect(config.listen).to.deep.equal({ host: '10.0.0.1', port: 3, plain: false });
    expect(config.log.level).to.equal('error');
    expect(config.name).to.equal('123');
    expect(originOf(['listen', 'port'])).to.deep.equal({ kind: 'flag', source: '--port' });
    expect(originOf(['log', 'level'])).to.deep.equal({ kind: 'environment', source: 'TACIT_LOG__LEVEL' });
    expect(originOf(['listen', 'host'])).to.deep.equal({ kind: 'file', source: FILE, place: [3, 9] });
    expect(originOf(['listen', 'plain'])).to.deep.equal({ kind: 'default' });
    const all = effectiveSettings(loaded);
    expect(all.map(({ path }) => path)).to.deep.equal(settings());
    expect(all.find(({ path }) => path.join('.') === 'name')?.origin.kind).to.equal('environment');
  });

  it('variables take lists and maps as YAML, and settings that the file does not have', () => {
    const env = {
      TACIT_PROGRAMS: '[{ name: score, file: score.mjs }]',
      TACIT_OPERATE__PORT: '0',
      TACIT_RELAY_SERVER__ALLOW: 'anyone',
      TACIT_PROXY: 'http://proxy.example:3128',
      TACIT_DRAIN: '5s',
      TACIT_LISTEN__PORT: '',
    };
    const { config } = parse('', env);
    // Paths of variables are relative to the current folder.
    expect(config.programs[0]?.file).to.equal(resolve('score.mjs'));
    expect(config.operate?.port).to.equal(0);
    expect(config.relayServer?.allow).to.equal('anyone');
    expect(config.proxy).to.equal('http://proxy.example:3128');
    expect(config.drain).to.equal(5000);
    expect(config.listen).to.equal(undefined);
  });

  it('every setting has a variable of its own', () => {
    const names = settings().map(variableOf);
    expect(new Set(names).size).to.equal(names.length);
    expect(names)
      .to.include('TACIT_LIMITS__SESSIONS_AT_ONCE')
      .and.include('TACIT_RELAY_SERVER__LISTEN__PORT');
    for (const name of names) expect(name).to.match(/^TACIT_[A-Z_]+$/);
  });

  it('variables that are no settings: an error with two underscores, a remark if it looks like one, else nothing', () => {
    expect(() => parse('', { TACIT_LISTEN__PROT: '1' })).to.throw(
      ConfigError,
      /^TACIT_LISTEN__PROT: there is no such setting; did you mean TACIT_LISTEN__PORT\?$/,
    );
    const { warnings } = parse('', {
      TACIT_NAEM: 'x',
      TACIT_HOME: '/x',
      TACIT_SEED: '1',
      // What Kubernetes sets for a service tacit-relay.
      TACIT_RELAY_PORT_443_TCP_ADDR: '10.0.0.1',
      TACIT_RELAY_SERVICE_HOST: '10.0.0.1',
    });
    expect(warnings).to.deep.equal(['TACIT_NAEM is ignored; did you mean TACIT_NAME?']);
  });

  it('errors name file, line, column and path', () => {
    const cases: [string, string, RegExp][] = [
      ['listen:\n  port: 70000\n', '2:9', /'listen\.port' must be a whole number from 0 to 65535/],
      ['listen:\n  prot: 1\n', '2:3', /unknown setting 'prot' in 'listen'; did you mean 'port'\?/],
      ['lisen: {}\n', '1:1', /unknown setting 'lisen'; did you mean 'listen'\?/],
      ['qqqqqq: {}\n', '1:1', /unknown setting 'qqqqqq'; there are name, listen, address/],
      ['\n\nlisten: {}\n', '3:1', /'listen\.port' is missing/],
      ['drain: 30\n', '1:8', /'drain' must be a duration with its unit/],
      ['drain: 30 minutes\n', '1:8', /'drain' must be a duration with its unit/],
      ['drain: 3d\n', '1:8', /'drain' must be a duration from 0s to 1d/],
      ['limits: { frame: 1KiB }\n', '1:18', /'limits\.frame' must be a size from 64KiB to 2GiB/],
      [
        'address: https://alice.example\n',
        '1:10',
        /'address' must be an address that begins with wss:\/\/ or ws:\/\//,
      ],
      ['address: wss://user:secret@alice.example\n', '1:10', /without user, password or fragment/],
      ['programs: score\n', '1:11', /'programs' must be a list/],
      ['programs:\n- name: a\n', '2:3', /'programs\[0\]\.file' is missing/],
      [
        'programs:\n- name: a\n  file: x\n  arguments: 3\n',
        '4:14',
        /'programs\[0\]\.arguments' must be 'none', 'any' or a list/,
      ],
      [
        'programs:\n- {name: a, file: x}\n- {name: a, file: y}\n',
        '3:10',
        /there are two programs of the name 'a'/,
      ],
      ['name: "a b"\n', '1:7', /'name' must be a name/],
      ['log: { level: loud }\n', '1:15', /'log\.level' must be 'debug', 'info'/],
      ['log: []\n', '1:6', /'log' must be a map, not a list/],
      [
        'programs: [{ name: a, file: b, files: [c] }]\n',
        '1:39',
        /'programs\[0\]\.files' must be a map, not a list/,
      ],
      ['session: { wait: }\n', '1:18', /'session\.wait' must be a duration/],
      [
        'limits: { sessionsAtOnce: 1, sessionsAtOncePerPeer: 2 }\n',
        '1:53',
        /must be at most limits\.sessionsAtOnce/,
      ],
      [
        'relayServer: { listen: { plain: true }, tls: { key: a, certificate: b } }\n',
        '1:41',
        /exclude each other/,
      ],
      ['a: [\n', '2:1', /not correct YAML/],
      ['a: 1\na: 2\n', '2:1', /'a' is there twice/],
      ['name: &x a\nrelay: *x\n', '2:8', /aliases/],
      ['- 1\n', '1:1', /a config is a map/],
      ['name: !!binary aGk=\n', '1:16', /must be a text|not correct YAML/],
      ['? [1, 2]\n: 3\n', '1:3', /names of settings are texts/],
    ];
    for (const [text, place, message] of cases) {
      const error = failure(text);
      expect(error.message, text).to.match(message);
      expect(error.message, text).to.match(new RegExp(`^${FILE.replaceAll(/[.\\]/g, '\\$&')}:${place}: `));
      expect(error.code).to.equal('DAEMON_CONFIG');
    }
    expect(failure('listen: { port: x }').path).to.deep.equal(['listen', 'port']);
  });

  it('errors of variables and flags name them', () => {
    expect(failure('listen: { port: 1 }', { TACIT_LISTEN__PORT: 'x' }).message).to.match(
      /^TACIT_LISTEN__PORT: 'listen\.port' must be a whole number/,
    );
    expect(failure('', { TACIT_PROGRAMS: '[{' }).message).to.match(/^TACIT_PROGRAMS: not correct YAML/);
    expect(failure('', { TACIT_PROGRAMS: '[{ nam: a }]' }).message).to.match(
      /^TACIT_PROGRAMS: unknown setting 'nam'/,
    );
    expect(() => parse('', {}, { flags: [{ path: ['drain'], source: '--drain', value: 'soon' }] })).to.throw(
      ConfigError,
      /^--drain: 'drain' must be a duration/,
    );
  });

  it('names that objects have anyway are unknown settings like all others', () => {
    for (const name of ['toString', 'hasOwnProperty'])
      expect(failure(`${name}: { port: 1 }\n`).message).to.match(/1:1: unknown setting/);
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      expect(failure(`${name}: { port: 1 }\n`).message).to.match(/1:1: '\w+' cannot be the name of anything/);
      expect(failure(`listen: { port: 1, ${name}: { plain: true } }`).message).to.match(
        /1:20: '\w+' cannot be/,
      );
      expect(failure(`programs: [{ name: a, file: b, files: { ${name}: c } }]`).message).to.match(
        /cannot be/,
      );
    }
    expect(({} as { plain?: boolean }).plain).to.equal(undefined);
  });

  it('the JSON Schema describes what is written, and refuses unknown names', () => {
    const schema = configJsonSchema() as {
      additionalProperties: boolean;
      properties: Record<string, { properties?: Record<string, unknown>; pattern?: string }>;
    };
    expect(schema.additionalProperties).to.equal(false);
    expect(Object.keys(schema.properties)).to.include.members(['listen', 'programs', 'relayServer', 'drain']);
    expect(schema.properties.drain).to.include({ type: 'string', default: '30s' });
    expect(JSON.stringify(schema)).to.not.match(/undefined|null/);
    for (const [first, second] of settings())
      expect(
        second === undefined
          ? schema.properties[first as string]
          : schema.properties[first as string]?.properties?.[second],
        `${first}.${second}`,
      ).to.be.an('object');
  });

  it('units', () => {
    expect(['1ms', '2s', '3m', '4h', '5d', '1.5s', '2 s'].map(durationOf)).to.deep.equal([
      1, 2000, 180_000, 14_400_000, 432_000_000, 1500, 2000,
    ]);
    for (const text of [
      '',
      '5',
      's',
      '-1s',
      '1e3s',
      '1S',
      '1 s ',
      '1s2m',
      '٣s',
      '1.s',
      '.5s',
      '9999999999999s',
    ])
      expect(durationOf(text), text).to.equal(undefined);
    expect(['1B', '2kB', '3MB', '1GB', '1KiB', '64MiB', '2GiB'].map(sizeOf)).to.deep.equal([
      1,
      2000,
      3e6,
      1e9,
      1024,
      64 * 2 ** 20,
      2 * 2 ** 30,
    ]);
    for (const text of ['', '5', '1mb', '1KB', '-1B']) expect(sizeOf(text), text).to.equal(undefined);
  });

  describe('files', () => {
    const folder = freshFolder();

    it('config.yaml of the home is read if it is there, and a file that is named must be', async () => {
      const env = { TACIT_HOME: folder.path() };
      expect((await loadConfig({ env })).file).to.equal(undefined);
      folder.write('config.yaml', 'name: carol\n');
      const loaded = await loadConfig({ env });
      expect(loaded.config.name).to.equal('carol');
      expect(loaded.home).to.equal(resolve(folder.path()));
      expect(loaded.file).to.equal(folder.path('config.yaml'));
      const missing = await rejection(
        loadConfig({ env: { ...env, TACIT_CONFIG: folder.path('other.yaml') } }),
      );
      expect(missing).to.be.instanceOf(ConfigError);
      expect(missing.message).to.match(/other\.yaml:1:1: the file does not exist$/);
    });

    it('what is not UTF-8, a folder, or too long is refused', async () => {
      const load = (file: string) => rejection(loadConfig({ env: {}, home: folder.path(), file }));
      expect((await load(folder.write('latin', Uint8Array.of(0x6e, 0xe4)))).message).to.match(/not UTF-8/);
      mkdirSync(folder.path('folder'));
      expect((await load(folder.path('folder'))).message).to.match(/cannot be read \(EISDIR\)/);
      expect((await load(folder.write('long', '#'.repeat(2 ** 16 + 1)))).message).to.match(/too long/);
    });

    it('a byte order mark and CRLF are fine', async () => {
      writeFileSync(folder.path('config.yaml'), '\ufeffname: dora\r\nlisten:\r\n  port: 1\r\n');
      const { config } = await loadConfig({ env: {}, home: folder.path() });
      expect([config.name, config.listen?.port]).to.deep.equal(['dora', 1]);
    });

    it('the home: flag, variable, ~/.tacit', () => {
      expect(homeOf('/a', { TACIT_HOME: '/b' })).to.equal(resolve('/a'));
      expect(homeOf(undefined, { TACIT_HOME: '/b' })).to.equal(resolve('/b'));
      expect(homeOf(undefined, { TACIT_HOME: '' })).to.match(/[\\/]\.tacit$/);
      expect(homeOf('x', {})).to.equal(join(process.cwd(), 'x'));
    });
  });
});
