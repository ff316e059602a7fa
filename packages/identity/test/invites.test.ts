/** Using invites: once, in time, with a proof of who comes. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '@tacit/testing/processes';
import { expect } from 'chai';
import {
  consumeInvite,
  createIdentity,
  createInvite,
  deviceIdOf,
  type InviteOptions,
  inviteProof,
  listInvites,
  openPeers,
  parseInvite,
  readIdentity,
  withdrawInvite,
} from '../src/index.js';
import { burn, keptInvites } from '../src/invites/store.js';
import { homes, onPosix, randomFingerprint, thrown } from './helpers.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const root = fileURLToPath(new URL('../../../', import.meta.url));
const address = 'wss://alice.example:7700';

describe('using invites', function () {
  this.timeout(60_000);
  const home = homes();
  /** An organisation, and what somebody sends who has an invite of it. */
  async function issuer() {
    const folder = home();
    const { fingerprint } = await createIdentity(folder, { name: 'alice' });
    const invite = (options: Partial<InviteOptions> = {}) =>
      createInvite(folder, { name: 'bob', address, ...options });
    const request = (text: string, joiner: string, now?: number) => {
      const exported = randomBytes(32);
      const { secret } = parseInvite(text);
      return { proof: inviteProof(secret, exported, fingerprint, joiner), exported, joiner, now };
    };
    const join = (text: string, joiner = randomFingerprint(), now?: number) =>
      consumeInvite(folder, request(text, joiner, now));
    return { folder, fingerprint, invite, request, join };
  }

  it('makes a peer of whoever has one, once', async () => {
    const { folder, fingerprint, invite, join } = await issuer();
    const programs = [
      { name: 'predict', hash: '0'.repeat(64), arguments: 'any', quota: { sessionsPerDay: 1000 } },
    ] as const;
    const text = invite({ programs, role: 'dealer' });
    const read = parseInvite(text);
    expect(read).deep.include({ name: 'alice', address, fingerprint, program: 'predict' });
    expect(read.expires.getTime() - Date.now()).within(7 * DAY - HOUR, 7 * DAY);
    const joiner = randomFingerprint();
    const peer = join(text, joiner);
    expect(peer).deep.equal({ name: 'bob', ids: [deviceIdOf(joiner)], role: 'dealer', programs });
    expect(openPeers(folder).byFingerprint(joiner)).deep.equal(peer);
    const again = thrown(() => join(text));
    expect([again.code, again.message]).deep.equal([
      'INVITE_USED',
      "the invite for 'bob' was used already, by somebody else",
    ]);
    expect(openPeers(folder).list().length).equal(1);
  });

  it('answers the same certificate again, as long as it is the peer', async () => {
    const { folder, invite, join } = await issuer();
    const [text, joiner] = [invite(), randomFingerprint()];
    const peer = join(text, joiner);
    expect(join(text, joiner)).deep.equal(peer);
    openPeers(folder).remove('bob');
    expect(thrown(() => join(text, joiner)).message).equal("the invite for 'bob' was used already");
    expect(openPeers(folder).list()).deep.equal([]);
  });

  it('goes on after a crash between burning and adding, for the same certificate only', async () => {
    const { folder, invite, join } = await issuer();
    const [text, joiner] = [invite(), randomFingerprint()];
    const [{ id }] = keptInvites(folder);
    burn(folder, id, joiner, new Date());
    expect(thrown(() => join(text)).code).equal('INVITE_USED');
    expect(openPeers(folder).list()).deep.equal([]);
    expect(join(text, joiner).name).equal('bob');
    // A record that a crash cut off lets nobody in.
    const other = invite({ name: 'carol' });
    const [, { id: otherId }] = keptInvites(folder);
    writeFileSync(join_(folder, otherId), '{"joi');
    expect(thrown(() => join(other, joiner)).code).equal('INVITE_USED');
    expect(thrown(() => join(other)).code).equal('INVITE_USED');
  });
  const join_ = (folder: string, id: string): string => join(folder, 'invites', `${id}.used`);

  it('wants a proof of this channel, these certificates and this invite', async () => {
    const { folder, fingerprint, invite, request } = await issuer();
    const text = invite();
    const joiner = randomFingerprint();
    const good = request(text, joiner);
    const spoiled = good.proof.map((byte, i) => (i === 31 ? byte ^ 1 : byte));
    const { secret } = parseInvite(text);
    const bad = [
      { ...good, exported: randomBytes(32) },
      { ...good, joiner: randomFingerprint() },
      { ...good, inviter: randomFingerprint() },
      { ...good, proof: spoiled },
      { ...good, proof: new Uint8Array(32) },
      { ...good, proof: new Uint8Array(0) },
      { ...good, proof: good.proof.subarray(0, 31) },
      { ...good, proof: randomBytes(64) },
      { ...good, proof: inviteProof(secret, good.exported, joiner, fingerprint) },
      { ...good, proof: inviteProof(randomBytes(16), good.exported, fingerprint, joiner) },
    ];
    for (const attempt of bad)
      expect(thrown(() => consumeInvite(folder, attempt)).code).equal('INVITE_UNKNOWN');
    expect(listInvites(folder)[0].state).equal('open');
    expect(thrown(() => consumeInvite(folder, { ...good, address: 'http://x' })).code).equal('ARGUMENT');
    expect(consumeInvite(folder, { ...good, address: 'wss://bob.example' }).address).equal(
      'wss://bob.example',
    );
    for (const act of [
      () => inviteProof(new Uint8Array(15), good.exported, fingerprint, joiner),
      () => inviteProof(secret, new Uint8Array(31), fingerprint, joiner),
      () => inviteProof(secret, good.exported, fingerprint.toUpperCase(), joiner),
      () => inviteProof(secret, good.exported, fingerprint, ''),
    ])
      expect(thrown(act).code).equal('ARGUMENT');
  });

  it('proves by HMAC-SHA256 over domain, exporter and both fingerprints', () => {
    // By Python: hmac.new(bytes(range(16)), b'tacit/v1/invite\0' + bytes(range(32)) + b'\xaa' * 32 + b'\xbb' * 32, 'sha256')
    const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i);
    const proof = inviteProof(bytes(16), bytes(32), 'aa'.repeat(32), 'bb'.repeat(32));
    expect(Buffer.from(proof).toString('hex')).equal(
      '9c170fc04efaab9d03f411c1750c580fe2db295af9573114d96fce58d5fbf2de',
    );
  });

  it('ends by the clock of whoever invited', async () => {
    const { folder, invite, join } = await issuer();
    const now = Date.now();
    const text = invite({ now, expiresInMs: HOUR });
    // A clock of the joiner plays no part; one of the issuer that was set back by more than an hour says nothing.
    for (const time of [now + HOUR, now + 2 * HOUR, now + 1000 * DAY, now - 2 * HOUR, 0])
      expect(thrown(() => join(text, undefined, time)).code).equal('INVITE_EXPIRED');
    expect(listInvites(folder, now + 2 * HOUR)[0].state).equal('expired');
    expect(join(text, undefined, now + HOUR - 2000).name).equal('bob');
    const skewed = invite({ name: 'carol', now, expiresInMs: HOUR });
    expect(join(skewed, undefined, now - HOUR / 2).name).equal('carol');
  });

  it('lasts from a second to a year', async () => {
    const { invite } = await issuer();
    for (const expiresInMs of [0, -1, 999, Number.NaN, Number.POSITIVE_INFINITY, 367 * DAY])
      expect(thrown(() => invite({ expiresInMs })).code).equal('ARGUMENT');
    expect(parseInvite(invite({ expiresInMs: 366 * DAY })).expires.getTime()).above(Date.now() + 365 * DAY);
  });

  it('lets a dealer deal for any program, and names none to the other side', async () => {
    const { folder, invite } = await issuer();
    const any = { name: '*', quota: { sessionsPerDay: 100 } };
    expect(parseInvite(invite({ name: 'bob', programs: [any] }))).not.property('program');
    expect(parseInvite(invite({ name: 'carol', programs: [any, { name: 'p' }] })).program).equal('p');
    expect(listInvites(folder).map(({ peer }) => peer.programs)).deep.equal([[any], [any, { name: 'p' }]]);
  });

  it('needs an identity, a free name, and one way to come', async () => {
    expect(thrown(() => createInvite(home(), { name: 'bob', address })).code).equal('IDENTITY_MISSING');
    const { folder, invite } = await issuer();
    for (const options of [
      { name: 'b b' },
      { address: undefined },
      { relay: 'wss://relay.example' },
      { address: 'https://x' },
      { address: undefined, relay: 'x' },
      { address: undefined, relay: `wss://relay.example/to/${'ab'.repeat(32)}` },
      { programs: [{ name: 'p p' }] },
      { programs: [{ name: 'p', quota: { sessionsPerDay: -1 } }] },
      { role: 'king' as 'dealer' },
    ])
      expect(thrown(() => invite(options)).code, JSON.stringify(options)).equal('ARGUMENT');
    openPeers(folder).add({ name: 'bob', ids: [deviceIdOf(randomFingerprint())] });
    expect(thrown(() => invite()).code).equal('PEER_EXISTS');
    expect(thrown(() => invite({ name: 'carol', replace: true })).code).equal('PEER_UNKNOWN');
    expect(listInvites(folder)).deep.equal([]);
    const { fingerprint } = readIdentity(folder);
    const relayed = parseInvite(invite({ name: 'carol', address: undefined, relay: 'wss://relay.example' }));
    expect(relayed.address).equal(`wss://relay.example/to/${fingerprint}`);
  });

  it('costs no invite where the operator has to repair something first', async () => {
    const { folder, invite, join } = await issuer();
    const text = invite();
    const joiner = randomFingerprint();
    const peers = openPeers(folder);
    peers.add({ name: 'bob', ids: [deviceIdOf(randomFingerprint())] });
    expect(thrown(() => join(text, joiner)).message).match(/another peer 'bob' by now/);
    peers.remove('bob');
    peers.add({ name: 'carol', ids: [deviceIdOf(joiner)] });
    expect(thrown(() => join(text, joiner)).message).match(/is the peer 'carol' already/);
    peers.remove('carol');
    writeFileSync(peers.path, 'broken: [');
    expect(thrown(() => join(text, joiner)).code).equal('PEERS_FILE');
    writeFileSync(peers.path, '');
    expect(join(text, joiner).name).equal('bob');
  });

  it('gives a peer that lost its key its place back', async () => {
    const { folder, invite, join } = await issuer();
    const programs = [{ name: 'predict' }];
    const lost = randomFingerprint();
    join(invite({ programs }), lost);
    const text = invite({ replace: true });
    const joiner = randomFingerprint();
    expect(join(text, joiner)).deep.equal({ name: 'bob', ids: [deviceIdOf(joiner)], programs });
    expect(openPeers(folder).byFingerprint(lost)).equal(undefined);
    expect(thrown(() => join(text, lost)).code).equal('INVITE_USED');
  });

  it('can be taken back', async () => {
    const { folder, invite, join } = await issuer();
    const texts = [invite(), invite(), invite({ name: 'carol' })];
    expect(withdrawInvite(folder, 'bob')).equal(2);
    for (const text of texts.slice(0, 2)) expect(thrown(() => join(text)).code).equal('INVITE_UNKNOWN');
    expect(thrown(() => withdrawInvite(folder, 'bob')).code).equal('INVITE_UNKNOWN');
    expect(thrown(() => withdrawInvite(folder, '../../x')).code).equal('INVITE_UNKNOWN');
    join(texts[2]);
    const [{ id }] = listInvites(folder);
    expect(thrown(() => withdrawInvite(folder, id)).code).equal('INVITE_UNKNOWN');
    const other = invite({ name: 'dave' });
    expect(withdrawInvite(folder, listInvites(folder)[1].id)).equal(1);
    expect(thrown(() => join(other)).code).equal('INVITE_UNKNOWN');
  });

  it('is forgotten a month after it expired', async () => {
    const { folder, invite } = await issuer();
    const now = Date.now();
    invite({ now, expiresInMs: DAY });
    invite({ name: 'carol', now: now + 30 * DAY });
    expect(listInvites(folder).length).equal(2);
    invite({ name: 'dave', now: now + 32 * DAY });
    expect(listInvites(folder).map(({ peer }) => peer.name)).deep.equal(['carol', 'dave']);
  });

  it('is kept in files that only this user can read, and told to nobody else', async () => {
    const { folder, invite, join: use } = await issuer();
    const text = invite();
    const hex = Buffer.from(parseInvite(text).secret).toString('hex');
    const files = readdirSync(join(folder, 'invites'));
    expect(files.length).equal(1);
    if (onPosix) {
      expect(statSync(join(folder, 'invites')).mode & 0o777).equal(0o700);
      expect(statSync(join(folder, 'invites', files[0])).mode & 0o777).equal(0o600);
    }
    expect(files[0]).not.contain(hex.slice(0, 8));
    use(text);
    const said = [
      JSON.stringify(listInvites(folder)),
      String(thrown(() => use(text))),
      readFileSync(openPeers(folder).path, 'utf8'),
    ];
    for (const words of said) expect(words).not.contain(hex).not.contain(text.slice(8, 60));
    for (const name of readdirSync(join(folder, 'invites')).filter((file) => !file.endsWith('.json')))
      expect(readFileSync(join(folder, 'invites', name), 'utf8')).not.contain(hex);
  });

  it('names an invite whose file is damaged', async () => {
    const { folder, invite } = await issuer();
    invite();
    const path = join(folder, 'invites', readdirSync(join(folder, 'invites'))[0]);
    const text = readFileSync(path, 'utf8');
    for (const broken of [
      '',
      '{',
      '[]',
      text.slice(0, 60),
      text.replace(/"secret": "\w+"/, '"secret": "x"'),
      text.replace('"bob"', '"b b"'),
    ]) {
      writeFileSync(path, broken);
      const error = thrown(() => listInvites(folder));
      expect([error.code, error.message]).match(/INVITE_FORMAT,.*\.json is damaged.*remove the file/);
    }
  });

  it('are issued by several processes at the same time, and read by one', async () => {
    const { folder } = await issuer();
    const script = `
      import { createInvite, listInvites } from '@tacit/identity';
      const home = process.env.HOME_OF_TEST;
      while (Date.now() < Number(process.env.START_OF_TEST));
      if (process.env.READS_OF_TEST) while (listInvites(home).length < 75);
      else for (let i = 0; i < 25; i++) createInvite(home, { name: 'bob', address: '${address}' });`;
    const env = { ...process.env, HOME_OF_TEST: folder, START_OF_TEST: String(Date.now() + 1500) };
    const ended = await Promise.all(
      ['', '', '', 'yes'].map((reads) =>
        run(process.execPath, ['--input-type=module', '-e', script], {
          cwd: root,
          env: { ...env, READS_OF_TEST: reads },
        }),
      ),
    );
    for (const { code, stderr } of ended) expect([code, stderr]).deep.equal([0, '']);
    expect(listInvites(folder).length).equal(75);
    expect(
      readdirSync(join(folder, 'invites')).filter((name) => !/^[0-9a-f]{16}\.json$/.test(name)),
    ).deep.equal([]);
  });

  it('lets one in of many that come at the same time, in several processes', async () => {
    const { folder, invite } = await issuer();
    const text = invite();
    const script = `
      import { randomBytes } from 'node:crypto';
      import { consumeInvite, inviteProof, parseInvite, readIdentity } from '@tacit/identity';
      const home = process.env.HOME_OF_TEST;
      const { secret } = parseInvite(process.env.INVITE_OF_TEST);
      const { fingerprint } = readIdentity(home);
      const results = [];
      while (Date.now() < Number(process.env.START_OF_TEST));
      for (let i = 0; i < 10; i++) {
        const [exported, joiner] = [randomBytes(32), randomBytes(32).toString('hex')];
        try {
          consumeInvite(home, { proof: inviteProof(secret, exported, fingerprint, joiner), exported, joiner });
          results.push(joiner);
        } catch (error) {
          results.push(error.code);
        }
      }
      process.stdout.write(JSON.stringify(results));`;
    const env = {
      ...process.env,
      HOME_OF_TEST: folder,
      INVITE_OF_TEST: text,
      START_OF_TEST: String(Date.now() + 1500),
    };
    const ended = await Promise.all(
      [1, 2, 3, 4].map(() =>
        run(process.execPath, ['--input-type=module', '-e', script], { cwd: root, env }),
      ),
    );
    for (const { code, stderr } of ended) expect([code, stderr]).deep.equal([0, '']);
    const results = ended.flatMap(({ stdout }) => JSON.parse(stdout) as string[]);
    const winners = results.filter((result) => result.length === 64);
    expect(winners.length).equal(1);
    expect(results.filter((result) => result === 'INVITE_USED').length).equal(39);
    expect(openPeers(folder).list()).deep.equal([{ name: 'bob', ids: [deviceIdOf(winners[0])] }]);
  });
});
