/** Calling all members of a session, who appear when they like. */
import { expect } from 'chai';
import type { BoundChannel } from '../src/control/bound-channel.js';
import { gather, type Invitee } from '../src/control/leader.js';
import { serveControl } from '../src/control/member.js';
import { deferred, failure, member, never, print } from './helpers/control-member.js';
import { boundPair } from './helpers/memory-channel.js';

describe('gathering members', () => {
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
