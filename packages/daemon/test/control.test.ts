/** The control protocol, both halves, over channels of this thread. */
import { readMessage } from '@tacit/comm/layers';
import { deviceIdOf } from '@tacit/identity';
import { expect } from 'chai';
import { ControlConnection } from '../src/control/connection.js';
import { beginWith, greet, proposeTo, reserveWith } from '../src/control/leader.js';
import { type Candidate, serveControl } from '../src/control/member.js';
import { Refusal } from '../src/control/refusal.js';
import {
  begin,
  deferred,
  everything,
  failure,
  hex,
  member,
  never,
  print,
  proposal,
  served,
} from './helpers/control-member.js';
import { boundPair } from './helpers/memory-channel.js';

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
    const said = await Promise.race([lost.lost, Promise.resolve('not lost')]);
    expect(said).to.equal('not lost');
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

  it('tells the leader at once when a member is lost before it has started', async () => {
    const { policy } = member({}, { run: () => new Promise(() => {}) });
    const { near } = served(policy);
    const bob = await greet('bob', near, never);
    await proposeTo([bob], proposal(), never);
    const { lost } = beginWith([bob], begin());
    near.destroy();
    expect(await lost).to.include({ code: 'CONTROL_LOST', peer: 'bob' });
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
});
