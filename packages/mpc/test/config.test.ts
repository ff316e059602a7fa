/** Settings that cannot work are refused, with a message that says which and what is left. */
import { expect } from 'chai';
import { ConfigError, defaultConfig, type ProtocolConfig } from '../src/index.js';
import { maskOnce } from '../src/protocols/mask.js';
import { multiplyMasked } from '../src/protocols/multiply.js';
import { truncate } from '../src/protocols/truncate.js';
import { checkConfig, productRange } from '../src/runtime/config.js';
import { compute, runParties } from './helpers/parties.js';

const config = (settings: object): ProtocolConfig => ({ ...defaultConfig, ...settings }) as ProtocolConfig;

describe('settings', () => {
  it('that leave products too small a range are refused', () => {
    const cases: [parties: number, settings: object, range: number][] = [
      [2, { fractionBits: 26 }, 9],
      [2, { fractionBits: 30 }, 1],
      [2, { fractionBits: 31 }, -1],
      [3, { fractionBits: 27 }, 8],
      [4, { fractionBits: 26 }, 9],
      [3, { window: 43 }, 9],
      [4, { window: 44 }, 9],
      [2, { window: 44, truncation: 'exact' }, 9],
    ];
    for (const [parties, settings, range] of cases) {
      const found = config(settings);
      expect(productRange(parties, found)).equal(range);
      const { fractionBits } = found;
      expect(() => checkConfig(parties, found), JSON.stringify(settings))
        .throws(ConfigError)
        .property('message')
        .match(
          new RegExp(`fractionBits ${fractionBits} .*${range < 0 ? 'range of 0' : `2\\^${range}`} .*fewer`),
        );
    }
    for (const [parties, settings] of [
      [2, { fractionBits: 25 }],
      [3, { fractionBits: 26 }],
      [2, { window: 8 }],
      [3, { window: 44 }],
      [2, { window: 45, truncation: 'exact' }],
    ] as const)
      checkConfig(parties, config(settings));
  });

  it('leave products the range that the error speaks of', async () => {
    for (const [parties, fractionBits] of [
      [2, 25],
      [3, 26],
    ]) {
      const range = BigInt(productRange(parties, config({ fractionBits })));
      const extra = parties % 2 === 0 ? 1 : 0;
      const one = 1n << BigInt(fractionBits);
      // Nearly 2^range, and its negative.
      const x = [one << (range - 1n), one << (range - 1n)];
      const y = [2n * one - 1n, 1n - 2n * one];
      const { values } = await compute(
        parties,
        [x, y],
        (s, a, b) => truncate(s, multiplyMasked(s, maskOnce(s, a), maskOnce(s, b)), fractionBits + extra),
        { config: { fractionBits } },
      );
      values.forEach((v, i) => {
        expect(Number(v - ((x[i] * y[i]) >> BigInt(fractionBits)))).within(0, 1);
      });
    }
  });

  it('of 8 rounds of ChaCha are refused: the margin is thin', () => {
    expect(() => checkConfig(2, config({ prgRounds: 8 }))).throws(ConfigError, /12 or 20/);
  });

  it('with which party 0 deals are warned of, wherever a session opens', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    try {
      await runParties(2, () => 0, { dealer: 'first-party' });
      await new Promise((resolve) => setTimeout(resolve, 10));
    } finally {
      process.off('warning', listen);
    }
    expect(warnings.map((w) => (w as Error & { code?: string }).code)).deep.equal(['TACIT_FIRST_PARTY']);
  });
});
