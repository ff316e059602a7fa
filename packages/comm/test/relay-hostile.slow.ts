/** Strangers, liars, crowds and garbage at a relay: counted, sent away, and nobody else notices. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { readMessage } from '../src/layers.js';
import { loadIdentity } from '../src/relay/identity.js';
import { parseDecline, parseProof, parseRelayMessage } from '../src/relay/messages.js';
import { signClaim, verifiedFingerprint } from '../src/relay/proof.js';
import { RELAY_REFUSALS } from '../src/relay/refusals.js';
import { type Relay, startRelay } from '../src/relay.js';
import { failureOf } from './helpers.js';
import { dialRaw, printOf, proofOf, rawSocket, Stage, until } from './relay-helpers.js';
import { selfSigned } from './self-signed.js';
import { cert, key } from './test-certificate.js';
import { alice, bob, carol } from './test-identities.js';

const LISTEN = { role: 'listen', target: '' } as const;

describe('relay: proofs', () => {
  const owner = loadIdentity(alice);
  const claim = { role: 'to', target: 'a', relay: 'relay.example', nonce: 'n' } as const;
  const signature = signClaim(claim, owner);

  it('hold for what was signed, and for nothing else', () => {
    expect(verifiedFingerprint(claim, owner.certificate, signature)).to.equal(printOf(alice));
    for (const other of [
      { ...claim, role: 'accept' as const },
      { ...claim, target: 'b' },
      { ...claim, relay: 'other.example' },
      { ...claim, nonce: 'm' },
    ])
      expect(verifiedFingerprint(other, owner.certificate, signature)).to.equal(undefined);
    const others = loadIdentity(bob);
    expect(verifiedFingerprint(claim, others.certificate, signature)).to.equal(undefined);
    const trailing = Buffer.concat([owner.certificate, Buffer.of(0)]);
    expect(verifiedFingerprint(claim, trailing, signature)).to.equal(undefined);
    expect(verifiedFingerprint(claim, Buffer.from(alice.certificate), signature)).to.equal(undefined);
  });

  it('are made by keys on P-256 only', () => {
    for (const kind of ['P-384', 'RSA', 'Ed25519'] as const)
      expect(() => loadIdentity(selfSigned('x', kind)))
        .to.throw()
        .with.property('code', 'COMM_BAD_ARGUMENT');
    expect(loadIdentity(selfSigned('x')).fingerprint).to.match(/^[0-9a-f]{64}$/);
  });

  it('and messages of any form are read without an exception', () => {
    const json = fc.oneof(fc.string(), fc.json(), fc.base64String());
    fc.assert(
      fc.property(json, fc.uint8Array(), fc.uint8Array({ maxLength: 80 }), (text, der, wrong) => {
        for (const parse of [parseProof, parseDecline, parseRelayMessage]) parse(text);
        expect(verifiedFingerprint(claim, Buffer.from(der), signature)).to.equal(undefined);
        expect(verifiedFingerprint(claim, owner.certificate, Buffer.from(wrong))).to.equal(undefined);
      }),
      { numRuns: 10_000 },
    );
  });

  it('are not found in certificates that are damaged', () => {
    const { length } = owner.certificate;
    fc.assert(
      fc.property(fc.nat(length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(owner.certificate);
        damaged[at] ^= change;
        expect(verifiedFingerprint(claim, damaged, signature)).to.equal(undefined);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('relay: strangers', function () {
  this.timeout(30_000);
  const stage = new Stage();
  afterEach(() => stage.clear());

  const nameOf = ({ port }: Relay): string => `127.0.0.1:${port}`;

  it('with wrong proofs hear what is wrong, and get nowhere', async () => {
    const relay = await stage.relay();
    const name = nameOf(relay);
    const codeOf = async (path: string, answer: (nonce: string) => string | Uint8Array): Promise<number> => {
      const { socket, closed, nonce } = await rawSocket(relay.address, path);
      socket.send(answer(nonce));
      return (await closed).code;
    };
    const { code, cases } = {
      code: RELAY_REFUSALS,
      cases: [
        ['malformed', () => 'garbage'],
        ['malformed', () => Buffer.from('{"type":"proof"}')],
        ['malformed', () => JSON.stringify({ type: 'proof', version: 1 })],
        ['malformed', (nonce) => proofOf(alice, LISTEN, name, nonce, { relay: 'a\nb' })],
        ['malformed', (nonce) => proofOf(alice, LISTEN, name, nonce, { signature: '=' })],
        ['wrong version', (nonce) => proofOf(alice, LISTEN, name, nonce, { version: 2 })],
        ['wrong proof', (nonce) => proofOf(alice, LISTEN, name, nonce, { signature: 'AAAA' })],
        ['wrong proof', (nonce) => proofOf(alice, LISTEN, name, `${nonce}x`)],
        ['wrong proof', (nonce) => proofOf(alice, LISTEN, 'other.example', nonce, { relay: name })],
        [
          'wrong proof',
          (nonce) => {
            const certificate = loadIdentity(bob).certificate.toString('base64url');
            return proofOf(alice, LISTEN, name, nonce, { certificate });
          },
        ],
        ['wrong name', (nonce) => proofOf(alice, LISTEN, 'other.example', nonce)],
      ] as [keyof typeof RELAY_REFUSALS, (nonce: string) => string | Uint8Array][],
    };
    for (const [reason, answer] of cases)
      expect(await codeOf('listen', answer), reason).to.equal(code[reason]);
    // What was signed for one purpose does not do for another.
    const toSelf = (nonce: string): string => proofOf(bob, LISTEN, name, nonce);
    expect(await codeOf(`to/${printOf(alice)}`, toSelf)).to.equal(code['wrong proof']);
    // A recorded proof does not do again.
    const once1 = await rawSocket(relay.address, 'listen');
    const recorded = proofOf(alice, LISTEN, name, once1.nonce);
    once1.socket.terminate();
    expect(await codeOf('listen', () => recorded)).to.equal(code['wrong proof']);
    expect(relay.stats.refusals).to.deep.include({ malformed: 5, 'wrong version': 1, 'wrong name': 1 });
    expect(relay.stats).to.include({ listeners: 0, waiting: 0, pairs: 0 });
  });

  it('cannot let in visitors of others, nor guess who waits', async () => {
    const relay = await stage.relay({ limits: { acceptTimeoutMs: 3000 } });
    const name = nameOf(relay);
    const listener = await rawSocket(relay.address, 'listen');
    listener.socket.send(proofOf(alice, LISTEN, name, listener.nonce));
    await until(() => relay.stats.listeners === 1);
    const visitor = dialRaw(relay, printOf(alice));
    visitor.catch(() => {});
    await until(() => listener.heard.some((text) => text.includes('visitor')));
    const { id, from } = JSON.parse(listener.heard.at(-1) ?? '');
    expect(from).to.equal(printOf(bob));
    for (const [thief, target] of [
      [carol, id],
      [alice, 'A'.repeat(24)],
    ] as const) {
      const { socket, closed, nonce } = await rawSocket(relay.address, `accept/${target}`);
      socket.send(proofOf(thief, { role: 'accept', target }, name, nonce));
      expect((await closed).code).to.equal(RELAY_REFUSALS.gone);
    }
    expect(relay.stats).to.include({ waiting: 1, pairs: 0 });
    // The listener declines what it never heard of: that is somebody else's business, or nobody's.
    listener.socket.send(JSON.stringify({ type: 'decline', id: 'A'.repeat(24) }));
    listener.socket.send(JSON.stringify({ type: 'decline', id }));
    expect((await listener.closed).code).to.equal(RELAY_REFUSALS.malformed);
    expect(await failureOf(visitor)).to.include({ reason: 'no answer' });
  });

  it('that talk before they are let in are sent away', async () => {
    const relay = await stage.relay();
    const silent = await rawSocket(relay.address, 'listen');
    silent.socket.send(proofOf(alice, LISTEN, nameOf(relay), silent.nonce));
    await until(() => relay.stats.listeners === 1);
    const wish = { role: 'to', target: printOf(alice) } as const;
    for (const size of [10, 100_000]) {
      const visitor = await rawSocket(relay.address, `to/${wish.target}`);
      visitor.socket.send(proofOf(bob, wish, nameOf(relay), visitor.nonce));
      await until(() => relay.stats.waiting === 1);
      visitor.socket.send(new Uint8Array(size));
      expect((await visitor.closed).code).to.be.oneOf([RELAY_REFUSALS.malformed, 1006]);
      await until(() => relay.stats.waiting === 0);
    }
    silent.socket.terminate();
  });

  for (const tls of [undefined, { key, cert }])
    it(`in crowds that say nothing do not keep members out (${tls ? 'wss' : 'ws'})`, async () => {
      const relay = await startRelay({ helloTimeoutMs: 3000, ...(tls && { tls }) });
      const crowd: Socket[] = [];
      const join = (): Socket => connect(relay.port, '127.0.0.1').on('error', () => {});
      for (let i = 0; i < 2000; i++) crowd.push(join());
      await until(() => (relay.stats.refusals['too many'] ?? 0) > 1000);
      const again = setInterval(() => {
        for (const [i, socket] of crowd.entries()) if (socket.destroyed && i % 20 === 0) crowd[i] = join();
      }, 5);
      try {
        const trust = tls && { ca: cert };
        const { next } = await stage.listener(relay, alice, { trust });
        const dialing = async (): ReturnType<typeof dialRaw> => {
          for (;;)
            try {
              return await dialRaw(relay, printOf(alice), bob, { trust });
            } catch {
              // As members do, who try again.
            }
        };
        const [dialer, channel] = await Promise.all([dialing(), next()]);
        dialer.send('through the crowd');
        expect(await readMessage(channel)).to.equal('through the crowd');
      } finally {
        clearInterval(again);
        for (const socket of crowd) socket.destroy();
        await relay.close();
      }
    });

  it('and web pages are refused, and paths that lead nowhere', async () => {
    const relay = await stage.relay({ allowedOrigins: ['https://app.example'] });
    const answerTo = async (path: string, headers = {}): Promise<number | string> => {
      const socket = new WebSocket(`${relay.address}/${path}`, { headers });
      socket.on('error', () => {});
      const answer = new Promise<number | string>((resolve) => {
        socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode ?? 0));
        socket.on('open', () => resolve('open'));
      });
      const result = await answer;
      socket.terminate();
      return result;
    };
    expect(await answerTo('listen', { origin: 'https://evil.example' })).to.equal(403);
    expect(await answerTo('listen', { origin: 'https://app.example' })).to.equal('open');
    for (const path of ['', 'to', 'to/', 'to/abc', `to/${printOf(alice).toUpperCase()}`, 'accept/x', 'other'])
      expect(await answerTo(path), path).to.equal(404);
    expect(await answerTo('behind/a/path/listen?x')).to.equal('open');
  });

  it('that send any bytes at any moment bring nothing down', async () => {
    const relay = await stage.relay({ helloTimeoutMs: 2000 });
    const name = nameOf(relay);
    const [near, far] = await stage.pair(relay, carol, alice);
    const target = printOf(alice);
    const message = fc.oneof(fc.string(), fc.uint8Array({ maxLength: 300 }), fc.json());
    const path = fc.constantFrom('listen', `to/${target}`, `accept/${'A'.repeat(24)}`);
    const proves = fc.boolean();
    await fc.assert(
      fc.asyncProperty(
        path,
        proves,
        fc.array(message, { minLength: 1, maxLength: 4 }),
        async (at, honest, all) => {
          const { socket, closed, nonce } = await rawSocket(relay.address, at);
          const [role, wanted = ''] = at.split('/') as ['to', string];
          if (honest) socket.send(proofOf(bob, { role, target: wanted }, name, nonce));
          for (const one of all) socket.send(one);
          await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 20))]);
          socket.terminate();
        },
      ),
      { numRuns: 150 },
    );
    const bytes = fc.uint8Array({ maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (garbage, upgraded) => {
        const socket = connect(relay.port, '127.0.0.1').on('error', () => {});
        await once(socket, 'connect');
        if (upgraded)
          socket.write(
            'GET /listen HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
              'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
          );
        await new Promise((resolve) => socket.end(garbage, () => resolve(undefined)));
        socket.destroy();
      }),
      { numRuns: 500 },
    );
    near.send('undisturbed');
    expect(await readMessage(far)).to.equal('undisturbed');
    expect(relay.stats.pairs).to.equal(1);
  });
});
