/** Doctor against peers and networks with everything that may be wrong with them. */

import { createServer, type Socket } from 'node:net';
import type { Identity } from '@tacit/identity';
import { expect } from 'chai';
import { diagnosePeer, type PeerDiagnosis } from '../../src/doctor/diagnose-peer.js';
import type { Finding } from '../../src/doctor/finding.js';
import type { PeerToCheck } from '../../src/doctor/peer-to-check.js';
import {
  between,
  blackHole,
  cleanUp,
  closedPort,
  httpProxy,
  identityOf,
  listening,
  peerAt,
  serve,
  tlsProxy,
  VERSION,
  waysOf,
} from './fakes.js';

describe('doctor about a peer', function () {
  this.timeout(30_000);
  let alice: Identity;
  let bob: Identity;

  beforeEach(async () => {
    [alice, bob] = [await identityOf('alice'), await identityOf('bob')];
  });
  afterEach(cleanUp);

  /** Findings by check. */
  async function found(
    peer: PeerToCheck,
    options: Partial<PeerDiagnosis> = {},
  ): Promise<Record<string, Finding>> {
    const { findings } = await diagnosePeer(peer, {
      identity: alice,
      version: VERSION,
      ways: waysOf(alice),
      limitMs: 5000,
      idleMs: undefined,
      signal: new AbortController().signal,
      ...options,
    });
    for (const { peer: name } of findings) expect(name).to.equal('bob');
    return Object.fromEntries(findings.map((finding) => [finding.check, finding]));
  }

  const verdicts = (findings: Record<string, Finding>): Record<string, string> =>
    Object.fromEntries(Object.entries(findings).map(([check, { verdict }]) => [check, verdict]));

  it('finds nothing wrong with one that is reached directly', async () => {
    const port = await listening(bob);
    const findings = await found(peerAt(bob, `wss://127.0.0.1:${port}`));
    expect(verdicts(findings)).to.deep.equal({
      name: 'ok',
      tcp: 'ok',
      tls: 'ok',
      control: 'ok',
      version: 'ok',
      clock: 'ok',
      'round-trip': 'ok',
      buffering: 'ok',
      bandwidth: 'ok',
      frames: 'ok',
    });
    expect(findings.tls?.figures).to.deep.equal({ direct: true });
    expect(findings.tls?.message).to.include('directly').and.include('TLSv1.3');
    expect(findings.frames?.figures).to.deep.equal({ largestBytes: 2 ** 23 });
    expect(findings.version?.figures).to.include({ ours: VERSION, theirs: VERSION, node: process.version });
    expect(findings.clock?.message).to.equal('the clocks agree');
  });

  it('looks names up', async () => {
    const port = await listening(bob);
    const findings = await found(peerAt(bob, `wss://localhost:${port}`));
    expect(findings.name?.message).to.match(/^localhost is .*127\.0\.0\.1/);
    expect(findings.tls?.verdict).to.equal('ok');
  });

  it('says that a name does not exist, and that a name server is silent', async () => {
    const peer = peerAt(bob, 'wss://bob.example:7700');
    const failing = (code: string) => ({
      ...waysOf(alice),
      lookup: () => Promise.reject(Object.assign(new Error(code), { code })),
    });
    const missing = await found(peer, { ways: failing('ENOTFOUND') });
    expect(verdicts(missing)).to.deep.equal({ name: 'problem' });
    expect(missing.name?.message).to.include('bob.example does not exist');
    const broken = await found(peer, { ways: failing('EAI_AGAIN') });
    expect(broken.name?.advice).to.include('resolv.conf');
    const silent = await found(peer, {
      ways: { ...waysOf(alice), lookup: () => new Promise(() => {}) },
      limitMs: 50,
    });
    expect(silent.name?.message).to.include('does not answer');
  });

  it('says that nothing listens on a port', async () => {
    const findings = await found(peerAt(bob, `wss://127.0.0.1:${await closedPort()}`));
    expect(verdicts(findings)).to.deep.equal({ name: 'ok', tcp: 'problem' });
    expect(findings.tcp?.message).to.include('nothing listens');
  });

  it('says that whoever listens says nothing', async () => {
    const port = await blackHole();
    const tls = await found(peerAt(bob, `wss://127.0.0.1:${port}`), { limitMs: 200 });
    expect(verdicts(tls)).to.deep.equal({ name: 'ok', tcp: 'ok', tls: 'problem' });
    expect(tls.tls?.message).to.include('does not finish the TLS handshake');
    const plain = await found(peerAt(bob, `ws://127.0.0.1:${port}`), { limitMs: 200 });
    expect(verdicts(plain)).to.deep.equal({ name: 'ok', tcp: 'ok', tls: 'problem' });
    expect(plain.tls?.message).to.include('no answer within 0.2 s');
  });

  it('says that something other than TLS listens', async () => {
    const unencrypted = await listening(bob, {}, { plain: true });
    const findings = await found(peerAt(bob, `wss://127.0.0.1:${unencrypted}`));
    expect(verdicts(findings)).to.deep.equal({ name: 'ok', tcp: 'ok', tls: 'problem' });
    expect(findings.tls?.message).to.include('hangs up during the TLS handshake');
    const web = createServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    const other = await found(peerAt(bob, `wss://127.0.0.1:${await serve(web)}`));
    expect(other.tls?.message).to.include('does not speak TLS');
  });

  it('says that somebody else answers, by device ids', async () => {
    const mallory = await identityOf('mallory');
    const findings = await found(peerAt(bob, `wss://127.0.0.1:${await listening(mallory)}`));
    expect(verdicts(findings)).to.deep.equal({ name: 'ok', tcp: 'ok', tls: 'problem' });
    const { message, advice } = findings.tls as Finding;
    expect(message)
      .to.include('who answers is not bob')
      .and.include(mallory.deviceId)
      .and.include(bob.deviceId);
    expect(advice).to.include('tacit identity');
  });

  it('takes either of two certificates', async () => {
    const next = await identityOf('bob');
    const peer = { ...peerAt(bob, `wss://127.0.0.1:${await listening(next)}`) };
    const findings = await found({ ...peer, fingerprints: [bob.fingerprint, next.fingerprint] });
    expect(findings.tls?.verdict).to.equal('ok');
  });

  it('names the certificate of what ends TLS on the way', async () => {
    const proxy = await tlsProxy(await listening(bob, {}, { plain: true }), await identityOf('cdn.example'));
    const findings = await found(peerAt(bob, `wss://127.0.0.1:${proxy}`));
    expect(findings.tls?.message).to.include('something ends TLS on the way (certificate "cdn.example"');
    expect(findings.tls?.figures).to.include({ direct: false, subject: 'cdn.example', trusted: false });
    expect(findings.frames?.verdict).to.equal('ok');
  });

  it('says that behind what ends TLS there is somebody else', async () => {
    const mallory = await identityOf('mallory');
    const proxy = await tlsProxy(
      await listening(mallory, {}, { plain: true }),
      await identityOf('cdn.example'),
    );
    const findings = await found(peerAt(bob, `wss://127.0.0.1:${proxy}`));
    expect(findings.tls?.verdict).to.equal('problem');
    expect(findings.tls?.message).to.include('who answers is not bob').and.include(mallory.deviceId);
  });

  it('says that behind what ends TLS there is nobody', async () => {
    const proxy = await tlsProxy(await closedPort(), await identityOf('cdn.example'));
    const findings = await found(peerAt(bob, `wss://127.0.0.1:${proxy}`));
    expect(findings.tls?.verdict).to.equal('problem');
    expect(findings.tls?.message).to.match(/cdn\.example|does not finish/);
  });

  it('goes without TLS outside where the address says so', async () => {
    const port = await listening(bob, {}, { plain: true });
    const findings = await found(peerAt(bob, `ws://127.0.0.1:${port}`));
    expect(findings.tls?.message).to.include('encrypted end to end, inside an unencrypted connection');
    expect(findings.frames?.verdict).to.equal('ok');
  });

  it('says that the peer does not know this side', async () => {
    const findings = await found(peerAt(bob, `wss://127.0.0.1:${await listening(bob, { release: null })}`));
    expect(findings.tls?.verdict).to.equal('ok');
    expect(findings.control?.verdict).to.equal('problem');
    expect(findings.control?.message).to.include('bob does not know this side');
  });

  for (const [what, behaviour] of [
    ['has another minor version', { version: '1.3.9' }],
    ['hangs up when asked', { release: '1.1.0', onDiagnose: 'hang up' }],
    ['has other control channels', { controlVersion: 7 }],
  ] as const)
    it(`says that the peer is of another release where it ${what}`, async () => {
      const findings = await found(peerAt(bob, `wss://127.0.0.1:${await listening(bob, behaviour)}`));
      const { verdict, advice } = (findings.version ?? findings.control) as Finding;
      expect(verdict).to.equal('problem');
      expect(advice).to.include('same minor version');
    });

  it('is content with another patch release', async () => {
    const findings = await found(
      peerAt(bob, `wss://127.0.0.1:${await listening(bob, { version: '1.4.9' })}`),
    );
    expect(findings.version?.verdict).to.equal('warning');
  });

  it('repeats why the peer refuses', async () => {
    const findings = await found(
      peerAt(bob, `wss://127.0.0.1:${await listening(bob, { onDiagnose: 'refuse' })}`),
    );
    expect(findings.control?.message).to.include('DRAINING: this process is about to end');
  });

  it('gives up on a peer that says nothing', async () => {
    const port = await listening(bob, { onDiagnose: 'say nothing' });
    const findings = await found(peerAt(bob, `wss://127.0.0.1:${port}`), { limitMs: 1000 });
    expect(findings.control?.message).to.include('then said nothing');
  });

  it('warns of a clock that is wrong by more than a minute', async () => {
    for (const [skewMs, verdict, text] of [
      [5000, 'ok', 'differ by 5'],
      [-90_000, 'warning', 'behind ours'],
      [3_600_000, 'warning', 'ahead of ours'],
    ] as const) {
      const findings = await found(peerAt(bob, `wss://127.0.0.1:${await listening(bob, { skewMs })}`));
      expect(findings.clock?.verdict).to.equal(verdict);
      expect(findings.clock?.message).to.include(text);
      expect(findings.frames?.verdict).to.equal('ok');
    }
  });

  it('warns of a proxy that holds small messages back', async () => {
    // From the first message on, and not at fixed times: those could cut every burst in two halves.
    const held = (down: Socket, up: Socket): void => {
      up.pipe(down);
      let waiting: Buffer[] = [];
      let timer: ReturnType<typeof setTimeout> | undefined;
      down.on('data', (chunk: Buffer) => {
        waiting.push(chunk);
        timer ??= setTimeout(() => {
          timer = undefined;
          for (const piece of waiting) up.write(piece);
          waiting = [];
        }, 350);
      });
      down.on('close', () => clearTimeout(timer));
    };
    const port = await between(await listening(bob), held);
    const findings = await found(peerAt(bob, `wss://127.0.0.1:${port}`), { limitMs: 20_000 });
    expect(findings.buffering?.verdict).to.equal('warning');
    expect(findings.buffering?.advice).to.include('proxy_buffering off');
  });

  it('says where messages become too large for something on the way', async () => {
    // Cuts a connection on which more than 4 MiB came without a pause of 200 ms.
    const limited = (down: Socket, up: Socket): void => {
      down.pipe(up);
      let bytes = 0;
      let timer: ReturnType<typeof setTimeout> | undefined;
      up.on('data', (chunk: Buffer) => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          bytes = 0;
        }, 200);
        bytes += chunk.length;
        if (bytes > 2 ** 22) up.destroy();
        else down.write(chunk);
      });
      up.on('close', () => clearTimeout(timer));
    };
    const port = await between(await listening(bob), limited);
    const findings = await found(peerAt(bob, `wss://127.0.0.1:${port}`), { limitMs: 20_000 });
    expect(findings.frames?.verdict).to.equal('problem');
    expect(findings.frames?.message).to.include('8.39 MB do not pass').and.include('1.05 MB do');
    expect(findings.bandwidth?.verdict).not.to.equal('problem');
  });

  it('is content when the peer has sent back enough', async () => {
    const port = await listening(bob, { bytesPerMinute: 2 ** 21 });
    const findings = await found(peerAt(bob, `wss://127.0.0.1:${port}`));
    expect(findings.frames?.verdict).to.equal('ok');
    expect(findings.frames?.message).to.include('sends no more back for now');
    const none = await listening(bob, { bytesPerMinute: 1 });
    expect((await found(peerAt(bob, `wss://127.0.0.1:${none}`))).frames?.verdict).to.equal('skipped');
  });

  it('stays silent when asked to, and sees whether the connection is still there', async () => {
    const port = await listening(bob);
    const open = await found(peerAt(bob, `wss://127.0.0.1:${port}`), { idleMs: 300 });
    expect(open.idle?.verdict).to.equal('ok');
    const impatient = (down: Socket, up: Socket): void => {
      down.pipe(up);
      up.pipe(down);
      up.setTimeout(400, () => up.destroy());
    };
    const cut = await found(peerAt(bob, `wss://127.0.0.1:${await between(port, impatient)}`), {
      idleMs: 20_000,
    });
    expect(cut.idle?.verdict).to.equal('warning');
    expect(cut.idle?.message).to.include('is closed after');
    const forgetful = (down: Socket, up: Socket): void => {
      let last = Date.now();
      let forgotten = false;
      const pass = (to: Socket) => (chunk: Buffer) => {
        forgotten ||= Date.now() - last > 1000;
        last = Date.now();
        if (!forgotten) to.write(chunk);
      };
      down.on('data', pass(up));
      up.on('data', pass(down));
    };
    const dead = await found(peerAt(bob, `wss://127.0.0.1:${await between(port, forgetful)}`), {
      idleMs: 2500,
      limitMs: 1000,
    });
    expect(dead.idle?.message).to.include('looked open and was dead');
  });

  it('goes through an HTTP proxy, and says why it does not let one through', async () => {
    const port = await listening(bob);
    const proxy = await httpProxy();
    const environment = process.env.HTTPS_PROXY;
    process.env.HTTPS_PROXY = proxy.url;
    try {
      const findings = await found(peerAt(bob, `wss://bob.example:${port}`), {
        ways: { ...waysOf(alice, proxy.url) },
      });
      expect(findings.name).to.equal(undefined);
      expect(findings.tcp?.message).to.include(`through the proxy ${new URL(proxy.url).host}`);
      expect(findings.frames?.verdict).to.equal('ok');
      expect(new Set(proxy.targets)).to.deep.equal(new Set([`bob.example:${port}`]));
    } finally {
      if (environment === undefined) delete process.env.HTTPS_PROXY;
      else process.env.HTTPS_PROXY = environment;
    }
    for (const [status, text] of [
      [407, 'HTTPS_PROXY: http://user:password@'],
      [403, 'port 443 only'],
    ] as const) {
      const { url } = await httpProxy(status);
      const findings = await found(peerAt(bob, `wss://bob.example:${port}`), { ways: waysOf(alice, url) });
      expect(verdicts(findings)).to.deep.equal({ tcp: 'problem' });
      expect(findings.tcp?.advice).to.include(text);
    }
    const nobody = `http://user:secret@127.0.0.1:${await closedPort()}`;
    const findings = await found(peerAt(bob, `wss://bob.example:${port}`), { ways: waysOf(alice, nobody) });
    expect(findings.tcp?.message).to.include('does not answer').and.not.include('secret');
    const silent = await found(peerAt(bob, `wss://bob.example:${port}`), {
      ways: waysOf(alice, `http://127.0.0.1:${await blackHole()}`),
      limitMs: 200,
    });
    expect(silent.tcp?.message).to.include('no answer within 0.2 s');
  });

  it('says what is wrong with an address, and does without one', async () => {
    for (const address of [
      'bob.example',
      'https://bob.example',
      'wss://relay.example/to/bob',
      'wss://a@b.example',
    ])
      expect(verdicts(await found(peerAt(bob, address))), address).to.deep.equal({ address: 'problem' });
    expect(verdicts(await found({ ...peerAt(bob, ''), address: undefined }))).to.deep.equal({
      address: 'ok',
    });
  });

  it('stops at once when it is cancelled, wherever it is', async () => {
    const places: readonly (() => Promise<number>)[] = [
      blackHole,
      () => listening(bob, { onDiagnose: 'say nothing' }),
      () => listening(bob),
    ];
    for (const place of places) {
      const port = await place();
      const controller = new AbortController();
      const running = found(peerAt(bob, `wss://127.0.0.1:${port}`), {
        signal: controller.signal,
        limitMs: 60_000,
        idleMs: 60_000,
      });
      setTimeout(() => controller.abort(new Error('stopped by SIGINT')), 100);
      const error = await running.then(
        () => undefined,
        (reason: Error) => reason,
      );
      expect(error?.message).to.equal('stopped by SIGINT');
    }
  });
});
