/** Inputs that no config should be, and what must come of them. */
import { expect } from 'chai';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { type LoadedConfig, parseConfig } from '../../src/config/load.js';
import { ConfigError } from '../../src/errors.js';

/** A config to damage. */
const GOOD = `name: alice
listen: { host: 0.0.0.0, port: 7700 }
programs:
  - name: score
    file: programs/score.mjs
    arguments: [--epochs, '*']
    files: { rows: data/rows.csv }
session:
  timeout: 60s
  resume: 5m
limits: { sessionsAtOnce: 3, frame: 64MiB }
relayServer:
  allow: [ABC]
  limits: { idle: 90s }
`;

/** Characters that mean something in YAML, and some that mean trouble. */
const SPECIAL = [
  ...'{}[]:,-?&*!|>%@`"\'#~= \n\t\r\0',
  '\u2028',
  '\ufeff',
  '---\n',
  '...\n',
  '<<: ',
  '!!map ',
  '&a ',
  '*a',
  '? ',
  '- ',
  '\ud800',
  '💥',
];

const inputs = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc
    .array(fc.constantFrom(...SPECIAL, 'name', 'port', 'listen', '1', 'x'), { maxLength: 60 })
    .map((parts) => parts.join('')),
  fc
    .array(fc.tuple(fc.nat(GOOD.length - 1), fc.constantFrom(...SPECIAL, ''), fc.nat(3)), {
      minLength: 1,
      maxLength: 4,
    })
    .map((changes) =>
      changes.reduce((text, [at, put, cut]) => text.slice(0, at) + put + text.slice(at + cut), GOOD),
    ),
  fc
    .tuple(
      fc.constantFrom('[', '{', '- ', '? ', '{a: ', '[[', '!!seq [', '"', '|', '> ', '&a [', '# '),
      fc.nat(400),
    )
    .map(([part, times]) => part.repeat(times)),
  fc.anything({ maxDepth: 4, withNullPrototype: false }).map((value) => {
    try {
      return stringify(value) ?? '';
    } catch {
      return String(typeof value);
    }
  }),
  fc.nat(GOOD.length).map((length) => GOOD.slice(0, length)),
);

/** A valid config or a ConfigError with a place; anything else is a bug. */
export function sound(load: () => LoadedConfig): LoadedConfig | ConfigError {
  try {
    const loaded = load();
    expect(loaded.config.limits.sessionsAtOnce).to.be.a('number');
    return loaded;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { source, place } = error;
    expect(source).to.be.a('string').and.not.equal('');
    if (source.endsWith('config.yaml')) {
      expect(place).to.be.an('array').of.length(2);
      for (const number of place ?? []) expect(number).to.be.at.least(1);
    }
    expect(error.message).to.satisfy((text: string) =>
      text.startsWith(`${[source, ...(place ?? [])].join(':')}: `),
    );
    // Not a dump of the input.
    expect(error.message.length).to.be.lessThan(1500);
    return error;
  }
}

/**
 * Feeds inputs to the parser.
 * @param numRuns how many
 */
export function fuzzConfigs(numRuns: number): void {
  fc.assert(
    fc.property(inputs, (text) => {
      sound(() => parseConfig(text, { file: 'config.yaml', env: {} }));
    }),
    { numRuns },
  );
}
