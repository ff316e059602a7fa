import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentity, createInvite } from '@tacit/identity';
import { encodeModelInvite, type ModelInvite, parseModelInvite, ServiceInviteError } from '@tacit/service';
import { expect } from 'chai';
import fc from 'fast-check';
import { fuzzInvites, invites } from './helpers/invite-fuzz.js';

const bytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const one = (): ModelInvite => ({
  model: 'digits',
  address: 'wss://models.example:7800/tacit',
  serviceKey: bytes(32),
  dealerKey: bytes(32),
  secret: bytes(16),
  ownDealer: false,
});

describe('invites to models', () => {
  it('say what they were made of', () => {
    fc.assert(
      fc.property(invites, (invite) => {
        expect(parseModelInvite(encodeModelInvite(invite))).to.deep.equal(invite);
      }),
    );
  });

  it('survive what mail programs do to them', () => {
    const invite = one();
    const text = encodeModelInvite(invite);
    const broken = text.replace(/(.{40})/g, '$1\n > ');
    for (const pasted of [`  ${text}\n`, `"${text}"`, `<${text}>`, broken, text.replace('tacit', 'TACIT')])
      expect(parseModelInvite(pasted), pasted).to.deep.equal(invite);
  });

  it('are refused where a character is missing, added or changed', () => {
    const text = encodeModelInvite(one());
    for (let at = 8; at < text.length; at++) {
      const other = text[at] === 'A' ? 'B' : 'A';
      for (const wrong of [
        text.slice(0, at),
        text.slice(0, at) + text.slice(at + 1),
        text.slice(0, at) + other + text.slice(at),
        text.slice(0, at) + other + text.slice(at + 1),
      ])
        expect(() => parseModelInvite(wrong), wrong).to.throw(ServiceInviteError);
    }
  });

  it('say what else somebody has pasted, and quote nothing of it', async () => {
    const home = mkdtempSync(join(tmpdir(), 'tacit-invite-'));
    try {
      await createIdentity(home, { name: 'alice' });
      const ofOrganisation = createInvite(home, { name: 'bob', address: 'wss://alice.example:7700' });
      const cases: readonly (readonly [string, RegExp])[] = [
        ['', /begins with 'tacit:1:'/],
        ['hello', /begins with 'tacit:1:'/],
        ['tacit:2:AAAA', /newer version/],
        ['tacit:1:', /cut off/],
        [ofOrganisation, /tacit join/],
        [`${encodeModelInvite(one())} and more`, /copy the invite alone|cut off or damaged/],
      ];
      for (const [text, message] of cases) expect(() => parseModelInvite(text), text).to.throw(message);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('refuse names and addresses that cannot be', () => {
    for (const wrong of [
      { model: '' },
      { model: 'a b' },
      { model: '../x' },
      { address: '' },
      { address: 'http://x' },
      { address: `ws://${'x'.repeat(130)}` },
    ])
      expect(() => encodeModelInvite({ ...one(), ...wrong }), JSON.stringify(wrong)).to.throw();
  });

  it('are read or refused, whatever they are', () => fuzzInvites(10_000));
});
