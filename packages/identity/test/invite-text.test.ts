/** Invites as text: what they hold, and that mistakes in copying are found. */
import { expect } from 'chai';
import fc from 'fast-check';
import { addressAtRelay, parseInvite, relayOf } from '../src/index.js';
import { encodeInvite } from '../src/invites/encode.js';
import { invite as anyInvite } from './fuzzing.js';
import { thrown } from './helpers.js';

const address = 'wss://alice.example:7700';

describe('invites as text', () => {
  const sample = encodeInvite({
    address,
    fingerprint: 'ab'.repeat(32),
    name: 'alice',
    secret: new Uint8Array(16).fill(7),
    program: 'predict',
    expires: new Date(1_800_000_000_000),
  });

  it('lead back, in one line of less than 300 characters', () => {
    fc.assert(
      fc.property(anyInvite, ({ program, ...given }) => {
        const invite = { ...given, ...(program === undefined ? {} : { program }) };
        const text = encodeInvite(invite);
        expect(text)
          .match(/^tacit:1:[A-Za-z0-9_-]+$/)
          .length.below(300);
        expect(parseInvite(text)).deep.equal({ version: 1, ...invite });
      }),
    );
  });

  it('stay what they are: version 1 is read by later versions', () => {
    expect(sample).equal(
      'tacit:1:W6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urBwcHBwcHBwcHBwcHBwcHB2tJ0gAFYWxpY2UYd3NzOi8vYWxpY2UuZXhhbXBsZTo3NzAwB3ByZWRpY3QCqOUe',
    );
  });

  it('are recognised when they were cut off, at every place', () => {
    for (let length = 9; length < sample.length; length++) {
      const { code, message } = thrown(() => parseInvite(sample.slice(0, length)));
      const there = length === 9 ? '9' : `${length} of ${sample.length}`;
      expect([code, message]).deep.equal([
        'INVITE_FORMAT',
        `the invite was cut off: ${there} characters are there; copy all of it`,
      ]);
    }
    for (let length = 0; length < 8; length++)
      expect(thrown(() => parseInvite(sample.slice(0, length))).message).match(
        /not an invite.*copy all of it/,
      );
    for (let from = 1; from < sample.length; from++)
      expect(thrown(() => parseInvite(sample.slice(from))).code).equal('INVITE_FORMAT');
  });

  it('are recognised when a character changed, any to any other', () => {
    for (let i = 8; i < sample.length; i++)
      for (const other of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
        if (other !== sample[i])
          expect(thrown(() => parseInvite(sample.slice(0, i) + other + sample.slice(i + 1))).code).equal(
            'INVITE_FORMAT',
          );
  });

  it('are read with line ends, spaces and quotes around them', () => {
    for (const text of [
      ` ${sample}\n`,
      `"${sample}"`,
      `\`${sample}\``,
      `\u201c${sample}\u201d`,
      `> ${sample.slice(0, 50)}\n> ${sample.slice(50)}\r\n`,
    ])
      expect(parseInvite(text)).deep.equal(parseInvite(sample));
  });

  it('are refused with something after them, of another version, or of other content', () => {
    for (const text of [
      `${sample}A`,
      `${sample}==`,
      `${sample},`,
      sample + sample,
      `${sample}${' '.repeat(5000)}`,
      `${sample.slice(0, 60)}%${sample.slice(60)}`,
    ])
      expect(thrown(() => parseInvite(text)).code).equal('INVITE_FORMAT');
    expect(thrown(() => parseInvite(sample.replace(':1:', ':2:'))).message).match(/version 2.*newer version/);
    for (const text of [
      '',
      'tacit',
      'tacit:1:',
      'https://example.com',
      'tacit:x:abc',
      `tacit:${'9'.repeat(4000)}:`,
    ])
      expect(thrown(() => parseInvite(text)).code).equal('INVITE_FORMAT');
  });

  it('leave out a relay member that is the inviter, and keep another one', () => {
    const own = 'ab'.repeat(32);
    const at = (fingerprint: string) => addressAtRelay('wss://relay.example/', fingerprint);
    const texts = [own, 'cd'.repeat(32)].map((fingerprint) => {
      const invite = { ...parseInvite(sample), address: at(fingerprint) };
      expect(parseInvite(encodeInvite(invite))).deep.equal(invite);
      return encodeInvite(invite);
    });
    expect(texts[1].length - texts[0].length).within(88, 96);
    expect(relayOf(at(own))).deep.equal({ relay: 'wss://relay.example', fingerprint: own });
    expect(relayOf(address)).equal(undefined);
  });

  it('are refused where they would be too long', () => {
    const name = 'a'.repeat(63);
    const long = { ...parseInvite(sample), name, program: name };
    expect(thrown(() => encodeInvite({ ...long, address: `wss://${'b'.repeat(60)}.example` })).message).match(
      /too many; shorten/,
    );
    expect(thrown(() => encodeInvite({ ...long, address: `wss://${'b'.repeat(200)}` })).code).equal(
      'ARGUMENT',
    );
  });
});
