/** The control protocol, both halves, over channels of this thread. */
import { type Channel, readMessage } from '@tacit/comm/layers';
import { deviceIdOf } from '@tacit/identity';
import { randomBytes } from '@tacit/testing';
import { expect } from 'chai';
import fc from 'fast-check';
import type { BoundChannel } from '../src/control/bound-channel.js';
import { ControlConnection } from '../src/control/connection.js';
import { beginWith, gather, greet, type Invitee, proposeTo, reserveWith } from '../src/control/leader.js';
import { type Candidate, type ControlPolicy, serveControl } from '../src/control/member.js';
import { type ControlMessage, MAX_MESSAGE, type Proposal, parseMessage } from '../src/control/messages.js';
import { Refusal } from '../src/control/refusal.js';
import { boundPair, portPair } from './helpers/memory-channel.js';

const print = (name: string): string => Buffer.from(name.padEnd(32, '-')).toString('hex');
const hex = (bytes: number): string => Buffer.from(randomBytes(bytes)).toString('hex');
const never = new AbortController().signal;

const proposal = (changes: Partial<Proposal> = {}): Proposal => ({
  type: 'propose',
  session: hex(16),
  program: { name: 'mean', hash: hex(32), arguments: [] },
  members: ['alice', 'bob', 'carol'].map((name, rank) => ({
    fingerprint: print(name),
    role: rank === 2 ? ('dealer' as const) : ('party' as const),
  })),
  config: {},
  limits: { timeoutMs: 1000, resumeMs: 1000, connectMs: 1000 },
  ...changes,
});
const begin = (): ControlMessage<'begin'> => ({
  type: 'begin',
  addresses: [null, null, null],
  token: hex(32),
});

/** A promise and who settles it. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** A member that knows Alice and accepts everything, and what happened to it. */
function member(changes: Partial<ControlPolicy> = {}, candidate: Partial<Candidate> = {}) {
  const events: string[] = [];
  const errors: unknown[] = [];
  const policy: ControlPolicy = {
    release: '1.2.3',
    nameOf: (fingerprint) => (fingerprint === print('alice') ? 'alice' : undefined),
    redeem: async () => 'bob',
    consider: async () => ({
      address: 'wss://bob.example:7700',
      run: async (_begin, onStarted) => {
        onStarted();
        return null;
      },
      withdraw: (why) => events.push(`withdrawn: ${why.message}`),
      ...candidate,
    }),
    onError: (error) => errors.push(error),
    ...changes,
  };
  return { policy, events, errors };
}

/** Serves one connection of `caller`; gives the caller's end. */
function served(policy: ControlPolicy, caller = 'alice', patience = {}) {
  const [near, far] = boundPair(print(caller), print('bob'));
  const done = serveControl(far, policy, patience);
  return { near, done };
}

const failure = (promise: Promise<unknown>): Promise<Error & { code?: string }> =>
  promise.then(
    () => expect.fail('should have failed'),
    (error) => error,
  );

/** The texts that come until the channel ends. */
function everything(channel: Channel): Promise<string[]> {
  return new Promise((resolve) => {
    const texts: string[] = [];
    channel.listen({
      onMessage: (message) => void texts.push(String(message)),
      onEnd: () => resolve(texts.map((text) => (text.startsWith('{') ? JSON.parse(text).type : text))),
    });
  });
}

describe('the control protocol', () => {
  it('leads a member from the proposal to the end', async () => {
    const ran: unknown[] = [];
    const { policy, errors } = member(
      {},
      {
        run: async (message, onStarted) => {
          ran.push(message);
          onStarted();
          return 'SHAPE';
        },
      },
    );
    const { near, done } = served(policy);
    const bob = await greet('bob', near, never);
    expect(bob).to.include({ name: 'bob', fingerprint: print('bob'), release: '1.2.3' });
    expect(await proposeTo([bob], proposal(), never)).to.deep.equal(['wss://bob.example:7700']);
    const message = begin();
    const progress = beginWith([bob], message);
    await progress.started;
    expect(await progress.ended).to.deep.equal([{ type: 'ended', code: 'SHAPE' }]);
    expect(ran).to.deep.equal([message]);
    await done;
    expect(errors).to.deep.equal([]);
  });

  it('reserves members of a shard one after the other, in the order of their device ids, and gives back what it has', async () => {
    const shard = { batch: hex(16), shard: 2, of: 5, rows: 10, attempt: 3 };
    const asked: string[] = [];
    const names = ['bob', 'dave', 'erin', 'carol'];
    const answers = names.map((name) => {
      const one = member({
        consider: async (received) => {
          expect(received.shard).to.deep.equal(shard);
          // Nobody else is asked before this one has answered.
          await new Promise((resolve) => setTimeout(resolve, 5));
          asked.push(name);
          if (asked.length === 3) throw new Refusal('FENCED', 'attempt 3 is over', { attempt: 4 });
          return {
            address: null,
            leaseMs: 30_000,
            run: async () => null,
            withdraw: (why) => one.events.push(`withdrawn: ${why.message}`),
          };
        },
      });
      const [near, far] = boundPair(print('alice'), print(name));
      return { name, events: one.events, near, done: serveControl(far, one.policy) };
    });
    const attendees = await Promise.all(answers.map(({ name, near }) => greet(name, near, never)));
    const error = await failure(reserveWith(attendees, proposal({ shard }), never));
    expect(error).to.include({ code: 'SESSION_REFUSED', remoteCode: 'FENCED', attempt: 4 });
    await Promise.all(answers.map(({ done }) => done));
    const inOrder = [...names].sort((a, b) => (deviceIdOf(print(a)) < deviceIdOf(print(b)) ? -1 : 1));
    expect(asked).to.deep.equal(inOrder.slice(0, 3));
    for (const { name, events } of answers)
      expect(events).to.deep.equal(
        inOrder.indexOf(name) < 2 ? ['withdrawn: the session was cancelled by alice'] : [],
      );
  });

  it('keeps a place for as long as the lease of a shard says, and no longer', async () => {
    const { policy, events } = member({}, { leaseMs: 30 });
    const { near, done } = served(policy);
    const bob = await greet('bob', near, never);
    const shard = { batch: hex(16), shard: 0, of: 1, rows: 1, attempt: 1 };
    await reserveWith([bob], proposal({ shard }), never);
    await done;
    expect(events).to.deep.equal(['withdrawn: alice is connected and did not answer within 30 ms']);
  });

  it('tells the leader who refuses and why, and the others that it is off', async () => {
    const refusing = member({
      consider: async () => {
        throw new Refusal('HASH_DIFFERS', 'the copies differ');
      },
    });
    const willing = member();
    const [first, second] = [served(willing.policy), served(refusing.policy)];
    const all = [await greet('bob', first.near, never), await greet('carol', second.near, never)];
    const error = await failure(proposeTo(all, proposal(), never));
    expect(error).to.include({ code: 'SESSION_REFUSED', peer: 'carol', remoteCode: 'HASH_DIFFERS' });
    expect(error.message).to.equal('carol refuses: [HASH_DIFFERS] the copies differ');
    await Promise.all([first.done, second.done]);
    expect(willing.events).to.deep.equal(['withdrawn: the session was cancelled by alice']);
  });

  it('tells nothing of an error of its own', async () => {
    const { policy, errors } = member({
      consider: async () => {
        throw new Error('/home/bob/secret.csv is missing');
      },
    });
    const { near, done } = served(policy);
    const error = await failure(proposeTo([await greet('bob', near, never)], proposal(), never));
    expect(error).to.include({ code: 'SESSION_REFUSED', remoteCode: 'INTERNAL' });
    expect(error.message).to.not.include('secret.csv');
    await done;
    expect(errors).to.have.length(1);
  });

  it('takes a proposal back when the leader is lost before the session began', async () => {
    const { policy, events } = member();
    const { near, done } = served(policy);
    const bob = await greet('bob', near, never);
    await proposeTo([bob], proposal(), never);
    near.destroy();
    await done;
    expect(events).to.have.length(1);
    expect(events[0]).to.include('withdrawn: the connection to alice was lost');
  });

  it('does not wait for ever for a leader that does not begin, nor for one that says nothing', async () => {
    const { policy, events } = member();
    const slow = served(policy, 'alice', { beginMs: 20 });
    await proposeTo([await greet('bob', slow.near, never)], proposal(), never);
    await slow.done;
    expect(events[0]).to.include('alice is connected and did not answer within 20 ms');
    const silent = served(policy, 'alice', { firstMs: 20, peerFirstMs: 20 });
    const end = everything(silent.near);
    await silent.done;
    expect(await end).to.deep.equal(['welcome']);
  });

  it('ends a session that the leader cancels, and not one whose leader it only lost from sight', async () => {
    const waiting = (): {
      candidate: Partial<Candidate>;
      started: Promise<void>;
      reason: Promise<string>;
    } => {
      const started = deferred<void>();
      const reason = deferred<string>();
      return {
        started: started.promise,
        reason: reason.promise,
        candidate: {
          run: (_begin, onStarted, signal) => {
            onStarted();
            started.resolve();
            return new Promise((resolve) =>
              signal.addEventListener('abort', () => {
                reason.resolve((signal.reason as Error).message);
                resolve('SESSION_CANCELLED');
              }),
            );
          },
        },
      };
    };
    const cancelled = waiting();
    const { near, done } = served(member({}, cancelled.candidate).policy);
    const bob = await greet('bob', near, never);
    await proposeTo([bob], proposal(), never);
    const progress = beginWith([bob], begin());
    await progress.started;
    bob.connection.send({ type: 'cancel', reason: 'Ctrl-C' });
    expect(await cancelled.reason).to.equal('the session was cancelled by alice');
    expect(await progress.ended).to.deep.equal([{ type: 'ended', code: 'SESSION_CANCELLED' }]);
    await done;

    // Of another one only the control channel breaks.
    const finish = deferred<string | null>();
    let aborted = false;
    const running = member(
      {},
      {
        run: (_begin, onStarted, signal) => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
          onStarted();
          return finish.promise;
        },
      },
    );
    const second = served(running.policy);
    const again = await greet('bob', second.near, never);
    await proposeTo([again], proposal(), never);
    const lost = beginWith([again], begin());
    await lost.started;
    second.near.destroy();
    expect(await lost.ended).to.deep.equal([undefined]);
    finish.resolve(null);
    await second.done;
    expect(aborted).to.equal(false);
  });

  it('ends what had not started when the leader is lost', async () => {
    const reason = deferred<Error>();
    const { policy } = member(
      {},
      {
        run: (_begin, _onStarted, signal) =>
          new Promise((resolve) =>
            signal.addEventListener('abort', () => {
              reason.resolve(signal.reason as Error);
              resolve('CONTROL_LOST');
            }),
          ),
      },
    );
    const { near, done } = served(policy);
    const bob = await greet('bob', near, never);
    await proposeTo([bob], proposal(), never);
    beginWith([bob], begin());
    await new Promise((resolve) => setImmediate(resolve));
    near.destroy();
    expect(await reason.promise).to.include({ code: 'CONTROL_LOST', peer: 'alice' });
    await done;
  });

  it('tells the leader at once when a member fails before all are connected', async () => {
    const { policy } = member({}, { run: async () => 'PROGRAM_CHANGED' });
    const { near } = served(policy);
    const bob = await greet('bob', near, never);
    await proposeTo([bob], proposal(), never);
    const error = await failure(beginWith([bob], begin()).started);
    expect(error).to.include({ code: 'MEMBER_FAILED', peer: 'bob', remoteCode: 'PROGRAM_CHANGED' });
  });

  it('serves two leaders at once', async () => {
    const { policy } = member({ nameOf: (fingerprint) => Buffer.from(fingerprint, 'hex').toString() });
    const leaders = ['alice', 'dora'].map(async (name) => {
      const { near, done } = served(policy, name);
      const bob = await greet('bob', near, never);
      await proposeTo([bob], proposal(), never);
      const progress = beginWith([bob], begin());
      await progress.started;
      const ended = await progress.ended;
      await done;
      return ended;
    });
    for (const ended of await Promise.all(leaders))
      expect(ended).to.deep.equal([{ type: 'ended', code: null }]);
  });

  describe('strangers', () => {
    it('may redeem an invite, and hear nothing but the version', async () => {
      const redeemed: unknown[] = [];
      const { policy } = member({
        redeem: async (request, { peerFingerprint }) => {
          redeemed.push([request.name, peerFingerprint]);
          return 'bob';
        },
      });
      const { near, done } = served(policy, 'mallory');
      expect(JSON.parse(String(await readMessage(near)))).to.deep.equal({ type: 'welcome', version: 1 });
      const connection = new ControlConnection(near, 'bob');
      connection.send({ type: 'redeem', proof: hex(32), name: 'mallory', address: null });
      expect(await connection.next(['paired'])).to.deep.equal({ type: 'paired', name: 'bob' });
      await done;
      expect(redeemed).to.deep.equal([['mallory', print('mallory')]]);
    });

    it('are told that they are strangers, and nothing is considered', async () => {
      const { policy } = member({ consider: async () => expect.fail('considered') });
      const { near, done } = served(policy, 'mallory');
      const error = await failure(proposeTo([await greet('bob', near, never)], proposal(), never));
      expect(error).to.include({ code: 'SESSION_REFUSED', remoteCode: 'UNKNOWN_PEER' });
      await done;
    });

    it('hear of a wrong invite that it is wrong', async () => {
      const { policy } = member({
        redeem: async () => {
          throw new Refusal('INVITE_INVALID', 'no invite fits');
        },
      });
      const { near, done } = served(policy, 'mallory');
      const { connection } = await greet('bob', near, never);
      connection.send({ type: 'redeem', proof: hex(32), name: 'mallory', address: null });
      expect(await connection.next(['paired', 'refuse'])).to.include({ code: 'INVITE_INVALID' });
      await done;
    });
  });

  describe('against nonsense', () => {
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

  describe('gathering', () => {
    const lines: string[] = [];
    const say = (text: string): void => void lines.push(text);
    const present = (name: string): Invitee => ({
      name,
      call: async () => {
        const [near, far] = boundPair(print('alice'), print(name));
        void serveControl(far, member().policy);
        return near;
      },
    });

    it('calls all members, whatever the order in which they appear', async () => {
      let attempts = 0;
      const late: Invitee = {
        name: 'carol',
        call: async (signal) => {
          if (++attempts < 4) throw new Error('connect ECONNREFUSED');
          return present('carol').call(signal);
        },
      };
      const all = await gather({ invitees: [late, present('bob')], waitMs: 20_000, signal: never, say });
      expect(all.map(({ name }) => name)).to.deep.equal(['carol', 'bob']);
      for (const { connection } of all) connection.close();
    });

    it('names all who did not come, and why, and hangs up on the others', async () => {
      const hungUp = deferred<void>();
      const bob: Invitee = {
        name: 'bob',
        call: async () => {
          const [near, far] = boundPair(print('alice'), print('bob'));
          void serveControl(far, member().policy).then(() => hungUp.resolve());
          return near;
        },
      };
      const absent = (name: string): Invitee => ({
        name,
        call: async () => {
          throw new Error(`no way to ${name}`);
        },
      });
      const invitees = [absent('carol'), bob, absent('dave')];
      const error = await failure(gather({ invitees, waitMs: 300, signal: never, say }));
      expect(error).to.include({ code: 'MEMBER_ABSENT' });
      expect(error).to.have.deep.property('peers', ['carol', 'dave']);
      expect(error.message).to.include('no way to carol').and.include('no way to dave');
      await hungUp.promise;
    });

    it('gives up at once on another certificate, and when it is told to', async () => {
      const posing: Invitee = {
        name: 'bob',
        call: async () => {
          throw Object.assign(new Error('another certificate'), { reason: 'wrong key' });
        },
      };
      expect(
        (await failure(gather({ invitees: [posing], waitMs: 60_000, signal: never, say }))).message,
      ).to.equal('another certificate');
      const controller = new AbortController();
      const silent: Invitee = {
        name: 'bob',
        call: async (signal): Promise<BoundChannel> => {
          controller.abort(new Error('Ctrl-C'));
          signal.throwIfAborted();
          return expect.fail('goes on');
        },
      };
      const error = await failure(
        gather({ invitees: [silent], waitMs: 60_000, signal: controller.signal, say }),
      );
      expect(error.message).to.equal('Ctrl-C');
    });
  });
});

function typeOf(text: unknown): string {
  const message = parseMessage(text as string);
  return 'wrong' in message ? '' : message.type;
}
