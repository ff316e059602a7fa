import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '@tacit/testing/processes';
import { expect } from 'chai';
import { deviceIdOf, openPeers, type Peer } from '../src/index.js';
import { parsePeers } from '../src/peers/parse.js';
import { homes, onPosix, randomFingerprint, thrown } from './helpers.js';

const [A, B, C] = ['aa', 'bb', 'cc'].map((byte) => deviceIdOf(byte.repeat(32)));
const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('peers.yaml', function () {
  this.timeout(60_000);
  const home = homes();
  /** A home with that text as its peers. */
  const homeWith = (text: string): string => {
    const folder = home();
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'peers.yaml'), text, { mode: 0o600 });
    return folder;
  };

  it('is not there at first, and lets nobody in', () => {
    const folder = home();
    const peers = openPeers(folder);
    expect(peers.list()).deep.equal([]);
    expect(peers.get('bob')).equal(undefined);
    expect(peers.byFingerprint('aa'.repeat(32))).equal(undefined);
    expect(existsSync(folder)).equal(false);
  });

  it('holds peers, which are found by name and by every certificate', () => {
    const folder = home();
    const peers = openPeers(folder);
    const bob: Peer = {
      name: 'bob',
      ids: [A, B],
      address: 'wss://bob.example:7700',
      role: 'dealer',
      programs: [
        {
          name: 'predict',
          hash: '0'.repeat(64),
          arguments: ['1', 'yes', '0x10'],
          quota: { sessionsAtOnce: 1, sessionsPerDay: 1000, bytesPerDay: 2 ** 40 },
        },
        { name: 'train', arguments: 'any' },
        { name: 'test' },
      ],
    };
    expect(peers.add(bob)).deep.equal(bob);
    expect(peers.add({ name: 'carol', ids: [C.toLowerCase().replaceAll('-', '')] })).deep.equal({
      name: 'carol',
      ids: [C],
    });
    for (const seen of [peers, openPeers(folder)]) {
      expect(seen.list().map(({ name }) => name)).deep.equal(['bob', 'carol']);
      expect(seen.get('bob')).deep.equal(bob);
      expect(seen.byFingerprint('aa'.repeat(32))).deep.equal(bob);
      expect(seen.byFingerprint('bb'.repeat(32))).deep.equal(bob);
      expect(seen.byFingerprint('cc'.repeat(32))?.name).equal('carol');
      expect(seen.byFingerprint('CC'.repeat(32))).equal(undefined);
    }
    expect(peers.remove('bob')).deep.equal(bob);
    expect(peers.list().map(({ name }) => name)).deep.equal(['carol']);
    if (onPosix) expect(statSync(peers.path).mode & 0o777).equal(0o600);
    expect(readdirSync(folder)).deep.equal(['peers.yaml']);
  });

  it('takes a name once, and a device id once', () => {
    const peers = openPeers(home());
    peers.add({ name: 'bob', ids: [A] });
    peers.add({ name: 'carol', ids: [B] });
    const codes = [
      () => peers.add({ name: 'bob', ids: [C] }),
      () => peers.add({ name: 'dave', ids: [C, A] }),
      () => peers.update('bob', (bob) => ({ ...bob, name: 'carol' })),
      () => peers.update('bob', (bob) => ({ ...bob, ids: [A, B] })),
    ].map((act) => thrown(act).code);
    expect(codes).deep.equal(Array(4).fill('PEER_EXISTS'));
    for (const act of [() => peers.remove('dave'), () => peers.update('dave', (dave) => dave)])
      expect(thrown(act).message).match(/no peer "dave"; known are bob, carol/);
    expect(thrown(() => peers.add({ name: 'dave', ids: [C, C.toLowerCase()] })).code).equal('ARGUMENT');
    expect(peers.list()).deep.equal([
      { name: 'bob', ids: [A] },
      { name: 'carol', ids: [B] },
    ]);
  });

  it('takes nothing that it could not read again', () => {
    const peers = openPeers(home());
    const bad: unknown[] = [
      { name: 'b b', ids: [A] },
      { name: 'bob', ids: [] },
      { name: 'bob', ids: [A], address: 'https://bob' },
      { name: 'bob', ids: [A], address: 'wss://bob?x' },
      { name: 'bob', ids: [A], address: 'wss://user:secret@bob' },
      { name: 'bob', ids: [A], role: 'king' },
      { name: 'bob', ids: [A], programs: [{ name: 'p', hash: 'AB' }] },
      { name: 'bob', ids: [A], programs: [{ name: 'p', quota: { sessionsPerDay: -1 } }] },
      { name: 'bob', ids: [A], programs: [{ name: 'p', quota: { sessionsPerDay: 1.5 } }] },
      { name: 'bob', ids: [A], programs: [{ name: 'p', arguments: 'some' }] },
      { name: 'bob', ids: [A], colour: 'red' },
    ];
    for (const peer of bad)
      expect(thrown(() => peers.add(peer as Peer)).code, JSON.stringify(peer)).equal('ARGUMENT');
    expect(thrown(() => peers.add({ name: 'bob', ids: ['x'] })).code).equal('DEVICE_ID');
    expect(peers.list()).deep.equal([]);
    expect(existsSync(peers.path)).equal(false);
  });

  it('keeps comments and order', () => {
    const text = `# Ours since 2026
peers:
  # the hospital
  - name: bob # Dr. Bob
    ids: [ ${A} ] # checked by telephone
    programs:
      - name: predict # until March
        quota: { sessionsPerDay: 10 }

  - name: carol
    ids:
      - "${B}"
# the end
`;
    const peers = openPeers(homeWith(text));
    peers.update('carol', (carol) => ({ ...carol, role: 'dealer' }));
    peers.add({ name: 'dave', ids: [C] });
    const now = readFileSync(peers.path, 'utf8');
    for (const line of text.trimEnd().split('\n')) expect(now).contain(line.trim());
    expect(now.indexOf('the hospital')).below(now.indexOf('name: bob'));
    peers.remove('dave');
    peers.update('carol', ({ role: _, ...carol }) => carol);
    const lines = (whole: string) => whole.split('\n').filter((line) => line !== '');
    expect(lines(readFileSync(peers.path, 'utf8'))).deep.equal(lines(text));
  });

  it('is seen as it is: edited by hand, changed by another process, gone', () => {
    const folder = home();
    const [ours, theirs] = [openPeers(folder), openPeers(folder)];
    ours.add({ name: 'bob', ids: [A] });
    expect(theirs.byFingerprint('aa'.repeat(32))?.name).equal('bob');
    writeFileSync(ours.path, readFileSync(ours.path, 'utf8').replace('bob', 'eve'));
    expect(theirs.get('eve')?.ids).deep.equal([A]);
    expect(ours.get('bob')).equal(undefined);
    writeFileSync(ours.path, 'peers: [');
    for (const peers of [ours, theirs])
      expect(thrown(() => peers.byFingerprint('aa'.repeat(32))).code).equal('PEERS_FILE');
    expect(thrown(() => ours.add({ name: 'carol', ids: [B] })).code).equal('PEERS_FILE');
    expect(readFileSync(ours.path, 'utf8')).equal('peers: [');
    writeFileSync(ours.path, '');
    expect(theirs.list()).deep.equal([]);
  });

  it('is an empty list in any way of writing it', () => {
    for (const text of [
      '',
      '\n',
      '# nobody yet\n',
      '{}',
      'peers:',
      'peers: []',
      'peers: ~',
      '---\n',
      '\ufeffpeers: []',
    ]) {
      const peers = openPeers(homeWith(text));
      expect(peers.list(), text).deep.equal([]);
      peers.add({ name: 'bob', ids: [A] });
      peers.add({ name: 'carol', ids: [B] });
      const now = readFileSync(peers.path, 'utf8');
      expect(now).contain(`peers:\n  - name: bob\n    ids:\n      - ${A}\n`);
      if (text.startsWith('#')) expect(now).contain('# nobody yet');
      expect(openPeers(dirname(peers.path)).list().length).equal(2);
    }
  });

  const wrong: readonly [what: string, text: string, message: RegExp][] = [
    ['no YAML', 'peers: [\n', /^peers\.yaml:2:1: not correct YAML/],
    ['a tab', 'peers:\n\t- name: bob', /^peers\.yaml:2:/],
    ['a key twice', 'peers: []\npeers: []', /^peers\.yaml:2:1: not correct YAML: Map keys must be unique/],
    [
      'another file',
      'session: x\nmembers: []',
      /^peers\.yaml:1:1: session is not an entry that is known here; there are peers$/,
    ],
    ['a list', '- name: bob', /^peers\.yaml:1:1: the file must have one entry, peers, a list/],
    ['a text', 'hello', /^peers\.yaml:1:1: the file must have/],
    ['a map of peers', `peers:\n  bob: {}`, /^peers\.yaml:1:1: peers must be a list of peers/],
    ['a name only', `peers:\n  - bob`, /^peers\.yaml:2:5: peer 1 must be a peer, with a name and ids/],
    ['no name', `peers:\n  - ids: [${A}]`, /^peers\.yaml:2:5: peer 1, name is missing/],
    [
      'a name with a space',
      `peers:\n  - name: b b\n    ids: [${A}]`,
      /^peers\.yaml:2:5: peer 'b b', name must be a name: up to 63 letters/,
    ],
    ['no ids', 'peers:\n  - name: bob', /^peers\.yaml:2:5: peer 'bob', ids is missing/],
    [
      'a misspelt entry',
      `peers:\n  - name: bob\n    ids: [${A}]\n    adress: wss://b`,
      /^peers\.yaml:4:5: peer 'bob', adress is not an entry that is known here; there are name, ids, address, role, programs/,
    ],
    [
      'a typing error in an id',
      `peers:\n  - name: bob\n    ids:\n      - ${A}\n      - ${B.replace(/^./, 'Z')}`,
      /^peers\.yaml:5:9: peer 'bob', ids\[1\] is not a device id: the device id has a typing error in group 1 or 2/,
    ],
    [
      'a misspelt entry of a program',
      `peers:\n  - name: bob\n    ids: [${A}]\n    programs:\n      - name: p\n        sha: x`,
      /^peers\.yaml:6:9: peer 'bob', programs\[0\]\.sha is not .* there are name, hash, arguments, quota/,
    ],
    [
      'a misspelt entry of a quota',
      `peers:\n  - name: bob\n    ids: [${A}]\n    programs:\n      - name: p\n        quota: { perDay: 1 }`,
      /^peers\.yaml:6:18: peer 'bob', programs\[0\]\.quota\.perDay is not .* there are sessionsAtOnce, sessionsPerDay, bytesPerDay/,
    ],
    [
      'a number as an argument',
      `peers:\n  - name: bob\n    ids: [${A}]\n    programs:\n      - name: p\n        arguments: [1]`,
      /^peers\.yaml:6:9: peer 'bob', programs\[0\]\.arguments must be none, any, or a list of the arguments, each in quotes/,
    ],
    [
      'a hash that YAML takes for a number',
      `peers:\n  - name: bob\n    ids: [${A}]\n    programs:\n      - name: p\n        hash: ${'1'.repeat(64)}`,
      /^peers\.yaml:6:9: peer 'bob', programs\[0\]\.hash must be a SHA-256/,
    ],
    [
      'a name twice',
      `peers:\n  - name: bob\n    ids: [${A}]\n  - name: bob\n    ids: [${B}]`,
      /^peers\.yaml:4:5: peer 'bob', name: the name bob is that of another peer already/,
    ],
    [
      'an id twice',
      `peers:\n  - name: bob\n    ids: [${A}]\n  - name: carol\n    ids: [${B}, ${A.toLowerCase()}]`,
      /^peers\.yaml:5:\d+: peer 'carol', ids\[1\]: the device id VKVK.* is that of peer 'bob' already/,
    ],
    [
      'an alias bomb',
      `a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]`,
      /^peers\.yaml:1:1: not correct YAML: Excessive alias count/,
    ],
    [
      'brackets without end',
      `peers:\n  - ${'['.repeat(100_000)}`,
      /^peers\.yaml:2:69: this is nested deeper than any list of peers/,
    ],
    ['lists in lists', `${'- '.repeat(100_000)}a`, /^peers\.yaml:1:\d+: this is nested deeper/],
    [
      'a pattern for the name of a program',
      `peers:\n  - name: bob\n    ids: [${A}]\n    programs:\n      - name: p*`,
      /^peers\.yaml:5:9: peer 'bob', programs\[0\]\.name must be the name of a program, .*; or '\*', which is any/,
    ],
    ['a megabyte', '#'.repeat(2 ** 20 + 1), /^peers\.yaml:1:1: this has more than/],
    [
      'a control character in a name',
      `peers:\n  - name: "b\\e[31m"\n    ids: [${A}]`,
      /^peers\.yaml:2:5: peer "b\\u001b\[31m", name must be a name/,
    ],
  ];
  for (const [what, text, message] of wrong)
    it(`names line and entry: ${what}`, () => {
      const error = thrown(() => parsePeers(text, 'peers.yaml'));
      expect(error.code).equal('PEERS_FILE');
      expect(error.message).match(message);
    });

  it('loses nothing when two processes change it at the same time', async () => {
    const folder = home();
    openPeers(folder).add({ name: 'bob', ids: [A] });
    const script = (who: string) => `
      import { deviceIdOf, openPeers } from '@tacit/identity';
      const peers = openPeers(process.env.HOME_OF_TEST);
      for (let i = 0; i < 15; i++) {
        const print = crypto.getRandomValues(new Uint8Array(32));
        peers.add({ name: '${who}-' + i, ids: [deviceIdOf(Buffer.from(print).toString('hex'))] });
        if (i % 3 === 0) peers.remove('${who}-' + i);
      }`;
    const env = { ...process.env, HOME_OF_TEST: folder };
    const ended = await Promise.all(
      ['x', 'y', 'z'].map((who) =>
        run(process.execPath, ['--input-type=module', '-e', script(who)], { cwd: root, env }),
      ),
    );
    for (const { code, stderr } of ended) expect([code, stderr]).deep.equal([0, '']);
    expect(openPeers(folder).list().length).equal(1 + 3 * 10);
    expect(readdirSync(folder)).deep.equal(['peers.yaml']);
  });

  it('is not locked by processes that died', () => {
    const folder = home();
    const peers = openPeers(folder);
    peers.add({ name: 'bob', ids: [A] });
    for (const dead of [String(2 ** 22 + 1), String(process.pid)]) {
      writeFileSync(`${peers.path}.lock`, dead);
      peers.update('bob', (bob) => ({ ...bob, ids: [deviceIdOf(randomFingerprint())] }));
      expect(readdirSync(folder)).deep.equal(['peers.yaml']);
    }
  });

  if (onPosix) {
    it('is not used when others can write it, and may be read by them', () => {
      const folder = home();
      const peers = openPeers(folder);
      peers.add({ name: 'bob', ids: [A] });
      chmodSync(peers.path, 0o644);
      expect(openPeers(folder).list().length).equal(1);
      for (const mode of [0o666, 0o620, 0o602]) {
        chmodSync(peers.path, mode);
        for (const act of [() => openPeers(folder), () => peers.list()])
          expect(thrown(act).message).contain(`chmod go-w ${peers.path}`);
      }
      chmodSync(peers.path, 0o600);
      chmodSync(folder, 0o770);
      expect(thrown(() => peers.list()).code).equal('FILE_NOT_PRIVATE');
    });

    it('stays a link to where it is kept', () => {
      const folder = homeWith('');
      const kept = join(dirname(folder), 'kept.yaml');
      writeFileSync(kept, '# kept elsewhere\n', { mode: 0o600 });
      const linked = join(folder, 'linked');
      mkdirSync(linked, { mode: 0o700 });
      symlinkSync(kept, join(linked, 'peers.yaml'));
      openPeers(linked).add({ name: 'bob', ids: [A] });
      expect(readFileSync(kept, 'utf8')).match(/# kept elsewhere[\s\S]*name: bob/);
      expect(openPeers(linked).get('bob')?.name).equal('bob');
      const lost = join(folder, 'lost');
      mkdirSync(lost, { mode: 0o700 });
      symlinkSync(join(folder, 'nowhere'), join(lost, 'peers.yaml'));
      expect(thrown(() => openPeers(lost)).code).equal('FILE_NOT_READABLE');
    });
  }
});
