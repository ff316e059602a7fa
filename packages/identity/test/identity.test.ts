import { createHash, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { makeCertificate } from '../src/identity/certificate.js';
import { createIdentity, fingerprintOfDeviceId, homeFolder, readIdentity } from '../src/index.js';
import { homes, onPosix, rejected, thrown } from './helpers.js';

const YEAR_MS = 365.25 * 86_400_000;
const isRoot = process.geteuid?.() === 0;

describe('an identity', function () {
  this.timeout(60_000);
  const home = homes();

  it('is made once, and read', async () => {
    const folder = home();
    const made = await createIdentity(folder, { name: 'alice' });
    expect(readIdentity(folder)).deep.equal(made);
    expect(made.name).equal('alice');
    expect(fingerprintOfDeviceId(made.deviceId)).equal(made.fingerprint);
    const { raw } = new X509Certificate(made.certificate);
    expect(made.fingerprint).equal(createHash('sha256').update(raw).digest('hex'));
    expect(readdirSync(folder)).deep.equal(['identity']);
    expect(readdirSync(join(folder, 'identity')).sort()).deep.equal(['certificate.pem', 'key.pem']);
    const again = await rejected(createIdentity(folder, { name: 'alice' }));
    expect(again.code).equal('IDENTITY_EXISTS');
    expect(readIdentity(folder)).deep.equal(made);
  });

  it('is a certificate of P-256 for both sides of TLS, for twenty years from an hour ago', async () => {
    for (const now of [
      Date.now(),
      Date.UTC(2029, 11, 31, 23, 59),
      Date.UTC(2035, 1, 28),
      Date.UTC(2028, 1, 29),
    ]) {
      const certificate = new X509Certificate((await makeCertificate('alice', now)).certificate);
      expect(certificate.subject).equal('CN=alice');
      expect(certificate.issuer).equal('CN=alice');
      expect(certificate.verify(certificate.publicKey)).equal(true);
      expect(certificate.ca).equal(false);
      expect(certificate.keyUsage?.toSorted()).deep.equal(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
      expect(certificate.subjectAltName).equal(undefined);
      expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).equal('prime256v1');
      expect(Date.parse(certificate.validFrom)).equal(Math.floor((now - 3_600_000) / 1000) * 1000);
      expect((Date.parse(certificate.validTo) - now) / YEAR_MS).within(19.99, 20.01);
      expect(BigInt(`0x${certificate.serialNumber}`) >> 126n).equal(1n);
    }
  });

  it('serves both ends of TLS 1.3', async () => {
    const [alice, bob] = await Promise.all(['alice', 'bob'].map((name) => createIdentity(home(), { name })));
    const both = { minVersion: 'TLSv1.3', rejectUnauthorized: false } as const;
    const server = createServer({ ...both, key: alice.key, cert: alice.certificate, requestCert: true });
    const seen = new Promise<string>((resolve, reject) => {
      server.on('tlsClientError', reject);
      server.on('secureConnection', (socket: TLSSocket) => {
        resolve(socket.getPeerCertificate().fingerprint256);
        socket.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const client = connect({ ...both, port, host: '127.0.0.1', key: bob.key, cert: bob.certificate });
    try {
      await new Promise((resolve, reject) => client.on('secureConnect', resolve).on('error', reject));
      const plain = (print: string) => print.replaceAll(':', '').toLowerCase();
      expect(plain(client.getPeerCertificate().fingerprint256)).equal(alice.fingerprint);
      expect(plain(await seen)).equal(bob.fingerprint);
    } finally {
      client.destroy();
      server.close();
    }
  });

  it('is renewed, and every old one stays', async () => {
    const folder = home();
    const prints = [(await createIdentity(folder, { name: 'alice' })).fingerprint];
    for (const name of [undefined, 'alice-2', undefined]) {
      const next = await createIdentity(folder, { renew: true, ...(name ? { name } : {}) });
      expect(next.name).equal(prints.length === 1 ? 'alice' : 'alice-2');
      expect(readIdentity(folder)).deep.equal(next);
      prints.push(next.fingerprint);
    }
    expect(new Set(prints).size).equal(4);
    expect(readdirSync(folder).sort()).deep.equal([
      'identity',
      'identity.old',
      'identity.old.2',
      'identity.old.3',
    ]);
    const kept = ['identity.old', 'identity.old.2', 'identity.old.3', 'identity'].map((name) => {
      const text = readFileSync(join(folder, name, 'certificate.pem'));
      return createHash('sha256').update(new X509Certificate(text).raw).digest('hex');
    });
    expect(kept).deep.equal(prints);
  });

  it('is made by one of several at the same time', async () => {
    const folder = home();
    const outcomes = await Promise.allSettled(
      [1, 2, 3, 4].map((i) => createIdentity(folder, { name: `alice-${i}` })),
    );
    const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(won.length).equal(1);
    expect(readIdentity(folder)).deep.equal(won[0]);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason.code).equal('IDENTITY_EXISTS');
    expect(readdirSync(folder)).deep.equal(['identity']);
  });

  it('takes the place of an empty folder, and of nothing else', async () => {
    const empty = home();
    mkdirSync(join(empty, 'identity'), { recursive: true, mode: 0o700 });
    chmodSync(empty, 0o700);
    expect((await createIdentity(empty, { name: 'alice' })).name).equal('alice');
    const full = home();
    mkdirSync(join(full, 'identity'), { recursive: true, mode: 0o700 });
    writeFileSync(join(full, 'identity', 'notes.txt'), 'mine');
    expect((await rejected(createIdentity(full, { name: 'alice' }))).code).equal('IDENTITY_EXISTS');
    expect(readdirSync(join(full, 'identity'))).deep.equal(['notes.txt']);
  });

  it('needs a name that fits into certificates, logs and commands', async () => {
    const folder = home();
    for (const name of ['', ' ', 'a b', '-a', '../a', 'a/b', 'a'.repeat(64), 'ä', 'a\n', 'a,CN=b', undefined])
      expect((await rejected(createIdentity(folder, { name }))).code).equal('ARGUMENT');
    expect(existsSync(folder)).equal(false);
    expect((await createIdentity(folder, { name: 'a'.repeat(63) })).name).length(63);
  });

  it('is missing, half there, damaged, or mixed up: each is said', async () => {
    const folder = home();
    const key = join(folder, 'identity', 'key.pem');
    const certificate = join(folder, 'identity', 'certificate.pem');
    const missing = thrown(() => readIdentity(folder));
    expect([missing.code, missing.message]).match(/IDENTITY_MISSING.*tacit identity --name NAME/);
    await createIdentity(folder, { name: 'alice' });
    const whole = { [key]: readFileSync(key, 'utf8'), [certificate]: readFileSync(certificate, 'utf8') };
    const other = await createIdentity(home(), { name: 'alice' });
    const rsa =
      '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----\n';
    const cases: [string, string | undefined][] = [
      [key, undefined],
      [certificate, undefined],
      [key, ''],
      [certificate, ''],
      [key, whole[key].slice(0, 100)],
      [certificate, whole[certificate].slice(0, 100)],
      [key, other.key],
      [certificate, other.certificate],
      [key, rsa],
      [key, whole[certificate]],
      [certificate, whole[key]],
    ];
    for (const [path, text] of cases) {
      if (text === undefined) rmSync(path);
      else writeFileSync(path, text);
      const error = thrown(() => readIdentity(folder));
      expect(error.code).equal('IDENTITY_FILES');
      expect(error.message)
        .match(/key\.pem|certificate\.pem/)
        .match(/--renew --name NAME/);
      writeFileSync(path, whole[path], { mode: 0o600 });
    }
    expect(readIdentity(folder).name).equal('alice');
    rmSync(certificate);
    expect((await rejected(createIdentity(folder, { renew: true }))).code).equal('IDENTITY_FILES');
    expect((await createIdentity(folder, { renew: true, name: 'alice' })).name).equal('alice');
    expect(readFileSync(join(folder, 'identity.old', 'key.pem'), 'utf8')).equal(whole[key]);
  });

  it('comes back after a renewal that was interrupted', async () => {
    const folder = home();
    await createIdentity(folder, { name: 'alice' });
    renameSync(join(folder, 'identity'), join(folder, 'identity.old'));
    expect(thrown(() => readIdentity(folder)).message).match(/renewal was interrupted.*mv .*identity\.old/);
  });

  it('is in the folder that was chosen, TACIT_HOME, or ~/.tacit', () => {
    const before = process.env.TACIT_HOME;
    try {
      process.env.TACIT_HOME = '/somewhere/../else';
      expect(homeFolder()).equal('/else');
      expect(homeFolder('/chosen')).equal('/chosen');
      for (const none of [undefined, '']) {
        process.env.TACIT_HOME = none;
        if (none === undefined) delete process.env.TACIT_HOME;
        expect(homeFolder()).equal(join(homedir(), '.tacit'));
      }
    } finally {
      if (before === undefined) delete process.env.TACIT_HOME;
      else process.env.TACIT_HOME = before;
    }
  });
});

(onPosix ? describe : describe.skip)('files that are private', function () {
  this.timeout(60_000);
  const home = homes();
  const modeOf = (path: string): number => statSync(path).mode & 0o777;

  for (const umask of [0, 0o022, 0o077, 0o277, 0o777])
    it(`with the umask ${umask.toString(8)}`, async () => {
      const folder = home();
      // Loaded before, so that the umask is that of the identity only.
      await makeCertificate('warm-up');
      const before = process.umask(umask);
      try {
        await createIdentity(folder, { name: 'alice' });
      } finally {
        process.umask(before);
      }
      for (const path of ['', 'identity']) expect(modeOf(join(folder, path)), path).equal(0o700);
      for (const path of ['key.pem', 'certificate.pem'])
        expect(modeOf(join(folder, 'identity', path)), path).equal(0o600);
      expect(readIdentity(folder).name).equal('alice');
    });

  it('are not used once others can read the key, or change the certificate', async () => {
    const folder = home();
    await createIdentity(folder, { name: 'alice' });
    const key = join(folder, 'identity', 'key.pem');
    for (const mode of [0o640, 0o604, 0o644, 0o660, 0o610, 0o601]) {
      chmodSync(key, mode);
      const error = thrown(() => readIdentity(folder));
      expect(error.code).equal('FILE_NOT_PRIVATE');
      expect(error.message).contain(`chmod 600 ${key}`).contain('--renew');
      expect(error.message).not.contain(readFileSync(key, 'utf8').slice(30, 60));
    }
    for (const mode of [0o600, 0o400]) {
      chmodSync(key, mode);
      expect(readIdentity(folder).name).equal('alice');
    }
    const certificate = join(folder, 'identity', 'certificate.pem');
    chmodSync(certificate, 0o644);
    expect(readIdentity(folder).name).equal('alice');
    chmodSync(certificate, 0o666);
    expect(thrown(() => readIdentity(folder)).code).equal('FILE_NOT_PRIVATE');
    chmodSync(certificate, 0o644);
    for (const path of [folder, join(folder, 'identity')]) {
      chmodSync(path, 0o777);
      expect(thrown(() => readIdentity(folder)).message).contain(`chmod 700 ${path}`);
      chmodSync(path, 0o755);
      expect(readIdentity(folder).name).equal('alice');
    }
  });

  it('may be links, as containers mount secrets; what counts is where they lead', async () => {
    const folder = home();
    const { fingerprint } = await createIdentity(folder, { name: 'alice' });
    const key = join(folder, 'identity', 'key.pem');
    const elsewhere = join(dirname(folder), 'elsewhere.pem');
    renameSync(key, elsewhere);
    symlinkSync(elsewhere, key);
    expect(readIdentity(folder).fingerprint).equal(fingerprint);
    chmodSync(elsewhere, 0o644);
    expect(thrown(() => readIdentity(folder)).code).equal('FILE_NOT_PRIVATE');
    rmSync(elsewhere);
    expect(thrown(() => readIdentity(folder)).code).equal('FILE_NOT_READABLE');
    rmSync(key);
    symlinkSync(key, key);
    expect(thrown(() => readIdentity(folder)).message).match(/circle/);
  });

  it('are no link that somebody put in the place of a new identity', async () => {
    const folder = home();
    mkdirSync(folder, { mode: 0o700 });
    symlinkSync(join(dirname(folder), 'nowhere'), join(folder, 'identity'));
    expect((await rejected(createIdentity(folder, { name: 'alice' }))).code).equal('IDENTITY_EXISTS');
    expect(readdirSync(dirname(folder))).deep.equal(['home']);
  });

  it('are files: no folders, pipes or endless devices', async () => {
    const folder = home();
    await createIdentity(folder, { name: 'alice' });
    const key = join(folder, 'identity', 'key.pem');
    rmSync(key);
    mkdirSync(key, { mode: 0o700 });
    expect(thrown(() => readIdentity(folder)).message).match(/it is not a file/);
    rmSync(key, { recursive: true });
    symlinkSync('/dev/zero', key);
    expect(thrown(() => readIdentity(folder)).code).equal('FILE_NOT_READABLE');
    rmSync(key);
    writeFileSync(key, Buffer.alloc(2 ** 20 + 1), { mode: 0o600 });
    expect(thrown(() => readIdentity(folder)).message).match(/more than/);
  });

  it('say why they cannot be written', async () => {
    const file = home();
    writeFileSync(file, '');
    for (const folder of [file, join(file, 'deeper')]) {
      const error = await rejected(createIdentity(folder, { name: 'alice' }));
      expect(error.code).equal('FILE_NOT_WRITABLE');
      expect(error.message).match(/cannot make the folder/);
    }
  });

  it('of a home that is read-only leave nothing behind', async () => {
    // Root writes everywhere, so it is somebody else for a while.
    if (isRoot) await makeCertificate('warm-up');
    const folder = home();
    mkdirSync(folder, { mode: 0o755 });
    chmodSync(dirname(folder), 0o755);
    if (!isRoot) chmodSync(folder, 0o500);
    if (isRoot) process.seteuid?.(65_534);
    try {
      const error = await rejected(createIdentity(folder, { name: 'alice' }));
      expect(error.code).equal('FILE_NOT_WRITABLE');
      expect(error.message).match(/permission denied/);
      expect(readdirSync(folder)).deep.equal([]);
      expect(thrown(() => readIdentity(folder)).code).equal('IDENTITY_MISSING');
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(folder, 0o700);
    }
  });

  it('of another user are not used', async function () {
    if (!isRoot) return this.skip();
    const folder = home();
    await createIdentity(folder, { name: 'alice' });
    const { chownSync } = await import('node:fs');
    chownSync(join(folder, 'identity', 'key.pem'), 65_534, 65_534);
    expect(thrown(() => readIdentity(folder)).message).match(/belongs to another user/);
    chownSync(join(folder, 'identity', 'key.pem'), 0, 65_534);
    chmodSync(join(folder, 'identity', 'key.pem'), 0o640);
    for (const path of [dirname(folder), folder, join(folder, 'identity')]) chmodSync(path, 0o755);
    expect(thrown(() => readIdentity(folder)).code).equal('FILE_NOT_PRIVATE');
    // As a container sees a secret that root mounted for its group.
    process.setegid?.(65_534);
    process.seteuid?.(65_534);
    try {
      chmodOfRootIsFine(folder);
    } finally {
      process.seteuid?.(0);
      process.setegid?.(0);
    }
  });
  const chmodOfRootIsFine = (folder: string): void => {
    // The certificate of the test is readable by root only.
    expect(thrown(() => readIdentity(folder)).message).match(/certificate\.pem: permission denied/);
  };
});
