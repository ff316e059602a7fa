/** The control protocol where the other end says what it should not, or too much, or nothing. */
import { expect } from 'chai';
import fc from 'fast-check';
import { ControlConnection } from '../src/control/connection.js';
import { greet } from '../src/control/leader.js';
import { type ControlMessage, MAX_MESSAGE, parseMessage } from '../src/control/messages.js';
import {
  begin,
  everything,
  failure,
  hex,
  member,
  never,
  print,
  proposal,
  served,
} from './helpers/control-member.js';
import { boundPair, portPair } from './helpers/memory-channel.js';

describe('the control protocol against nonsense', () => {
  it('keeps its composure whatever a message is', () => {
    const samples: ControlMessage[] = [
      proposal(),
      begin(),
      { type: 'redeem', proof: hex(32), name: 'x', address: null },
      { type: 'ended', code: 'SHAPE' },
    ];
    for (const sample of samples) expect(parseMessage(JSON.stringify(sample))).to.deep.equal(sample);
    const spoiled = fc
      .tuple(fc.constantFrom(...samples), fc.string(), fc.jsonValue())
      .map(([sample, key, value]) => JSON.stringify({ ...sample, [key]: value }));
    const texts = fc.oneof(fc.string(), fc.json(), spoiled);
    fc.assert(
      fc.property(texts, (text) => {
        const message = parseMessage(text);
        if ('wrong' in message) expect(message.wrong).to.be.a('string');
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses what is too long, unknown, or has more than it should', () => {
    const wrong = (message: unknown): string =>
      (parseMessage(typeof message === 'string' ? message : JSON.stringify(message)) as { wrong: string })
        .wrong;
    expect(parseMessage(new ArrayBuffer(4))).to.have.property('wrong');
    expect(wrong(' '.repeat(MAX_MESSAGE + 1))).to.include('characters');
    expect(wrong('{')).to.include('not JSON');
    for (const odd of ['null', '3', '"propose"', '{}', '{"type":"constructor"}', '{"type":["propose"]}'])
      expect(wrong(odd)).to.include('no known type');
    expect(wrong({ ...proposal(), shares: 1 })).to.include("a 'propose'");
    expect(wrong({ ...proposal(), session: 'x' })).to.include("'session'");
    expect(wrong({ ...proposal(), members: [] })).to.include("'members'");
    expect(wrong({ ...begin(), addresses: ['http://x', null, null] })).to.include("'addresses.0'");
    expect(wrong({ type: 'refuse', code: 'no code', reason: '' })).to.include("'code'");
    expect(wrong({ type: 'refuse', code: 'X', reason: 'a\u001b[2J' })).to.include("'reason'");
  });

  it('hangs up on messages out of order, at either end, in every state', async () => {
    const messages: ControlMessage[] = [
      { type: 'welcome', version: 1 },
      proposal(),
      begin(),
      { type: 'cancel', reason: '' },
      { type: 'accept', address: null },
      { type: 'refuse', code: 'X', reason: '' },
      { type: 'started' },
      { type: 'ended', code: null },
      { type: 'paired', name: 'x' },
      { type: 'redeem', proof: hex(32), name: 'x', address: null },
    ];
    const garbage = fc.oneof(
      fc.constantFrom(...messages.map((message) => JSON.stringify(message))),
      fc.string(),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(garbage, { maxLength: 12 }), fc.boolean(), async (sent, known) => {
        const runs: string[] = [];
        const { policy } = member(
          {},
          {
            run: async (_begin, onStarted) => {
              runs.push('run');
              onStarted();
              return null;
            },
          },
        );
        const { near, done } = served(policy, known ? 'alice' : 'mallory', {
          firstMs: 50,
          peerFirstMs: 50,
          beginMs: 50,
        });
        const heard = everything(near);
        for (const message of sent) near.send(message as string);
        await done;
        near.destroy();
        const answers = await heard;
        // Nobody runs without a proposal and a beginning, in this order.
        const texts = sent.filter((message) => typeof message === 'string').map(typeOf);
        const proposed = texts.indexOf('propose');
        if (!known || proposed < 0 || texts.indexOf('begin', proposed) < 0) expect(runs).to.deep.equal([]);
        expect(answers[0] ?? 'welcome').to.equal('welcome');
        expect(answers.filter((type) => type === 'accept').length).to.be.at.most(1);
      }),
      { numRuns: 150 },
    );
  });

  it('ends a flood', async () => {
    const [near, far] = portPair();
    const connection = new ControlConnection(far, 'alice', () => 0);
    for (let i = 0; i < 40; i++) near.send(JSON.stringify({ type: 'ping', id: i }));
    expect(await connection.ended).to.include({ code: 'CONTROL_VIOLATION', detail: 'too many messages' });
  });

  it('ends a connection whose other end says more than was asked', async () => {
    const [near, far] = portPair();
    const connection = new ControlConnection(far, 'alice');
    for (let i = 0; i < 6; i++) near.send(JSON.stringify({ type: 'started' }));
    expect((await connection.ended).message).to.include('nobody asked for');
  });

  it('says which version it does not speak', async () => {
    const [near, far] = boundPair(print('alice'), print('bob'));
    far.send(JSON.stringify({ type: 'welcome', version: 7 }));
    expect(await failure(greet('bob', near, never))).to.include({ code: 'CONTROL_VERSION' });
  });

  it('answers signs of life, and misses them', async () => {
    const [near, far] = portPair();
    const [a, b] = [new ControlConnection(near, 'bob'), new ControlConnection(far, 'alice')];
    expect(await a.ping(5000)).to.be.at.least(0);
    far.listen({ onMessage: () => {}, onEnd: () => {} });
    expect(await failure(a.ping(10))).to.include({ code: 'CONTROL_TIMEOUT' });
    b.close();
    expect(await failure(a.ping(5000))).to.include({ code: 'CONTROL_LOST' });
  });
});

function typeOf(text: unknown): string {
  const message = parseMessage(text as string);
  return 'wrong' in message ? '' : message.type;
}
