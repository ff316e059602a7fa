/** Ten thousand configurations: each is valid, or an error that says where. */
import { expect } from 'chai';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { variableOf } from '../src/config/environment.js';
import { parseConfig } from '../src/config/load.js';
import { settings } from '../src/config/walk.js';
import { ConfigError } from '../src/errors.js';
import { fuzzConfigs, sound } from './helpers/config-fuzz.js';

/** Values that settings may have; of all others a duration. */
const RIGHT: Readonly<Record<string, unknown>> = {
  name: 'a',
  'listen.host': '::1',
  'listen.port': 1,
  'listen.plain': true,
  address: 'wss://a.example',
  relay: 'wss://a.example',
  proxy: 'none',
  programs: [{ name: 'a', file: 'b' }],
  'limits.sessionsAtOnce': 9,
  'limits.frame': '1MiB',
  'log.level': 'warn',
  'log.format': 'json',
  'audit.size': '1GB',
  'audit.arguments': 'text',
  'operate.port': 0,
  'relayServer.allow': 'anyone',
  'relayServer.names': ['a.example'],
  'relayServer.limits.pairs': 3,
};

describe('fuzzing of the configuration', () => {
  it('5000 inputs of bytes, damaged text and YAML of any shape', function () {
    this.timeout(120_000);
    fuzzConfigs(5000);
  });

  it('5000 inputs of settings with other values', function () {
    this.timeout(120_000);
    const value = fc.oneof(
      fc.constantFrom(
        '5s',
        '64MiB',
        'any',
        'none',
        'x',
        '',
        'wss://a.example',
        '0',
        '-1',
        'true',
        'null',
        '[]',
        '{}',
      ),
      fc.integer({ min: -2, max: 70_000 }),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
      fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), { maxKeys: 3 }),
      fc.string({ maxLength: 20 }),
    );
    const entry = fc.oneof(
      fc.constantFrom(...settings().map((path) => [path, RIGHT[path.join('.')] ?? '1m'] as const)),
      fc.tuple(fc.constantFrom(...settings()), value),
    );
    const some = fc.array(entry, { minLength: 1, maxLength: 3 });
    let valid = 0;
    fc.assert(
      fc.property(some, fc.constantFrom('file', 'environment', 'flags'), (entries, way) => {
        const outcome = sound(() => {
          if (way === 'file')
            return parseConfig(stringify(nested(entries)), { file: 'config.yaml', env: {} });
          if (way === 'environment') {
            const env = Object.fromEntries(
              entries.map(([path, v]) => [variableOf(path), typeof v === 'string' ? v : JSON.stringify(v)]),
            );
            return parseConfig(undefined, { file: 'config.yaml', env });
          }
          return parseConfig('', {
            file: 'config.yaml',
            env: {},
            flags: entries.map(([path, v]) => ({ path, source: '--flag', value: v })),
          });
        });
        if (!(outcome instanceof ConfigError)) valid++;
      }),
      { numRuns: 5000 },
    );
    // A fuzzer that never gets through the first check finds nothing.
    expect(valid).to.be.greaterThan(500);
  });
});

function nested(entries: readonly (readonly [readonly string[], unknown])[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of entries) {
    let at = root;
    for (const key of path.slice(0, -1)) {
      if (typeof at[key] !== 'object' || at[key] === null || Array.isArray(at[key])) at[key] = {};
      at = at[key] as Record<string, unknown>;
    }
    at[path.at(-1) as string] = value;
  }
  return root;
}
