/** Inputs that nobody would send by mistake, for tests of ten thousand and of a million of them. */
import { expect } from 'chai';
import fc from 'fast-check';
import { identityOf } from '../src/identity/read.js';
import { deviceIdOf, fingerprintOfDeviceId } from '../src/index.js';
import { encodeInvite, parseInvite } from '../src/invites/encode.js';
import { parsePeers } from '../src/peers/parse.js';
import { outcomeOf } from './helpers.js';

const HEX = '0123456789abcdef';
export const fingerprint = fc
  .array(fc.constantFrom(...HEX), { minLength: 64, maxLength: 64 })
  .map((digits) => digits.join(''));
export const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/);

/** A text with a few characters removed, added, replaced, or another text in its midst. */
export const damaged = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      text,
      fc.array(
        fc.tuple(
          fc.nat(),
          fc.nat(12),
          fc.oneof(fc.string({ maxLength: 12, unit: 'binary' }), fc.constantFrom(...PIECES)),
        ),
        { minLength: 1, maxLength: 4 },
      ),
    )
    .map(([whole, edits]) =>
      edits.reduce((before, [at, removed, added]) => {
        const place = before.length === 0 ? 0 : at % (before.length + 1);
        return before.slice(0, place) + added + before.slice(place + removed);
      }, whole),
    );

const PIECES = [
  ...[
    '',
    '\n',
    '\n  ',
    ': ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '&a ',
    '*a',
    '<<: *a',
    '|',
    '>',
    '#',
    '"',
    "'",
    '!!binary ',
    '? ',
  ],
  ...[
    'null',
    '~',
    '1e999',
    '.nan',
    'true',
    '2026-11-27',
    '__proto__',
    'constructor',
    '\0',
    '\ufeff',
    '\u2028',
    '%YAML 1.1\n---\n',
  ],
  ...[
    '-----BEGIN PRIVATE KEY-----',
    '-----END CERTIFICATE-----',
    '-----BEGIN ENCRYPTED PRIVATE KEY-----',
    '\n...\n---\n',
  ],
];

const address = fc.oneof(
  fc.constantFrom(
    'wss://alice.example:7700',
    'ws://127.0.0.1:1',
    'wss://[::1]:7700',
    'wss://relay.example/tacit',
  ),
  fingerprint.map((print) => `wss://relay.example/to/${print}`),
);

export const invite = fc.record({
  address,
  fingerprint,
  name,
  secret: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  program: fc.option(name, { nil: undefined }),
  expires: fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((seconds) => new Date(seconds * 1000)),
});

const invites = invite.map((one) => encodeInvite(one));

/** Reads texts; whatever they are, the outcome is an invite that leads back to the text, or INVITE_FORMAT. */
export function fuzzInvites(numRuns: number): void {
  const text = fc.oneof(
    { weight: 6, arbitrary: damaged(invites) },
    {
      weight: 2,
      arbitrary: fc
        .uint8Array({ maxLength: 300 })
        .map((b) => `tacit:1:${Buffer.from(b).toString('base64url')}`),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: 400, unit: 'binary' }) },
  );
  fc.assert(
    fc.property(text, (input) => {
      const { error, value: read } = outcomeOf(() => parseInvite(input));
      if (error) {
        expect(error.code).equal('INVITE_FORMAT');
        // Nothing of a secret gets into a message.
        if (input.length > 60) expect(error.message).not.contain(input.slice(8, 40));
        return;
      }
      expect(parseInvite(encodeInvite(read))).deep.equal(read);
    }),
    { numRuns },
  );
}

/** Reads texts; the outcome is a fingerprint whose device id the text is, or DEVICE_ID. */
export function fuzzDeviceIds(numRuns: number): void {
  const text = fc.oneof(damaged(fingerprint.map(deviceIdOf)), fc.string({ maxLength: 120, unit: 'binary' }));
  fc.assert(
    fc.property(text, (input) => {
      const { error, value: read } = outcomeOf(() => fingerprintOfDeviceId(input));
      if (error) expect(error.code).equal('DEVICE_ID');
      else expect(fingerprintOfDeviceId(deviceIdOf(read))).equal(read);
    }),
    { numRuns },
  );
}

const PEERS = `# a comment
peers:
  - name: bob   # our neighbour
    ids: [${deviceIdOf('ab'.repeat(32))}]
    address: wss://bob.example:7700
    role: party
    programs:
      - name: predict
        hash: "${'0'.repeat(64)}"
        arguments: ["1", "--fast"]
        quota: { sessionsAtOnce: 1, sessionsPerDay: 1000, bytesPerDay: 1000000000 }
  - &carol
    name: carol
    ids:
      - ${deviceIdOf('cd'.repeat(32))}
      - ${deviceIdOf('ef'.repeat(32))}
    role: dealer
`;

/** Reads files; the outcome is peers, or PEERS_FILE with a line. */
export function fuzzPeers(numRuns: number): void {
  const text = fc.oneof(
    { weight: 4, arbitrary: damaged(fc.constant(PEERS)) },
    { weight: 1, arbitrary: fc.string({ maxLength: 200, unit: 'binary' }) },
  );
  fc.assert(
    fc.property(text, (input) => {
      const { error, value } = outcomeOf(() => parsePeers(input, 'peers.yaml'));
      if (error) {
        expect(error.code).equal('PEERS_FILE');
        expect(error.message).match(/^peers\.yaml:[1-9]\d*:[1-9]\d*: /);
        return;
      }
      for (const peer of value.peers) {
        expect(peer.ids.length).greaterThan(0);
        for (const id of peer.ids) expect(fingerprintOfDeviceId(id)).match(/^[0-9a-f]{64}$/);
      }
    }),
    { numRuns },
  );
}

/** Reads files of keys; the outcome is that identity, or IDENTITY_FILES; never is anything of the key in a message. */
export function fuzzKeys(numRuns: number, key: string, certificate: string): void {
  const secret = key.split('\n').slice(1, -2);
  const paths = { key: 'key.pem', certificate: 'certificate.pem' };
  const { fingerprint: own } = identityOf(key, certificate, paths);
  const damage = fc.oneof(
    fc.tuple(damaged(fc.constant(key)), fc.constant(certificate)),
    fc.tuple(fc.constant(key), damaged(fc.constant(certificate))),
    fc
      .tuple(fc.nat(key.length), fc.nat(certificate.length))
      .map(([i, j]) => [key.slice(0, i), certificate.slice(0, j)]),
  );
  fc.assert(
    fc.property(damage, ([badKey, badCertificate]) => {
      const { error, value: read } = outcomeOf(() => identityOf(badKey, badCertificate, paths));
      if (error) {
        expect(error.code).equal('IDENTITY_FILES');
        for (const line of secret) expect(String(error) + String(error.cause)).not.contain(line);
        return;
      }
      // What is outside of the PEM, or not signed by anybody but by us, may differ.
      expect(read.key).equal(badKey);
      if (badCertificate === certificate) expect(read.fingerprint).equal(own);
    }),
    { numRuns },
  );
}
