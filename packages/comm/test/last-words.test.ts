/** What is heard of a member that leaves since another one has failed. */
import { expect } from 'chai';
import { ABORT_KEY, encodeAbort, isFarewell } from '../src/communicator/abort-message.js';
import {
  Communicator,
  type Entry,
  PeerAbortedError,
  PeerLeftError,
  type Transport,
  type TransportHandlers,
} from '../src/index.js';
import { failureOf } from './helpers.js';

/** One of three members, by hand. */
class Hand implements Transport {
  readonly size = 3;
  readonly sent: { readonly to: number; readonly entries: readonly Entry[] }[] = [];
  handlers: TransportHandlers | undefined;

  constructor(readonly rank: number) {}

  start(handlers: TransportHandlers): void {
    this.handlers = handlers;
  }

  send(to: number, entries: Entry[]): void {
    this.sent.push({ to, entries });
  }

  async flushed(): Promise<void> {}

  async close(): Promise<void> {}

  destroy(): void {}

  /** Something comes from a member. */
  deliver(from: number, entries: readonly Entry[]): void {
    this.handlers?.onEntries(from, [...entries], 0);
  }
}

const names = ['party 0', 'party 1', 'the dealer'];
const member = (rank: number) => {
  const hand = new Hand(rank);
  return { hand, comm: new Communicator(hand, { names }) };
};

/** What the dealer sends to party 0 when it leaves after it has heard of this from party 1. */
async function lastWordsAfter(error: Error): Promise<readonly Entry[]> {
  const { hand, comm } = member(2);
  hand.deliver(1, [encodeAbort(error)]);
  expect(comm.failure).not.to.equal(undefined);
  await comm.close();
  return hand.sent.filter(({ to }) => to === 0).flatMap(({ entries }) => entries);
}

describe('last words', () => {
  it('blame the member that has failed, and not the one that leaves', async () => {
    const words = await lastWordsAfter(Object.assign(new Error('a secret'), { code: 'INFINITE' }));
    expect(words.map(({ payload }) => isFarewell(payload))).to.deep.equal([true]);
    const { hand, comm } = member(0);
    const waiting = failureOf(comm.receive(2, 'a message'));
    hand.deliver(2, words);
    expect(comm.failure, 'they are no abort').to.equal(undefined);
    hand.handlers?.onLeave(2, 'goodbye');
    for (const failure of [await waiting, await failureOf(comm.receive(2, 'another one'))]) {
      expect(failure).to.include({ code: 'PEER_ABORTED', rank: 1 });
      expect(failure.message).to.include('the dealer').and.not.include('a secret');
    }
    await comm.close();
  });

  it('tell a member that others count it as lost', async () => {
    const { hand, comm } = member(0);
    const waiting = failureOf(comm.receive(2, 'a message'));
    hand.deliver(2, await lastWordsAfter(new PeerLeftError(0, 'disconnected')));
    hand.handlers?.onLeave(2, 'goodbye');
    expect((await waiting).message)
      .to.include('the dealer')
      .and.include('it has heard from party 1 that party 0 failed');
    await comm.close();
  });

  it('do not come before the abort itself, which says more', async () => {
    const words = await lastWordsAfter(new Error('short'));
    const { hand, comm } = member(0);
    const waiting = failureOf(comm.receive(2, 'a message'));
    hand.deliver(2, words);
    hand.deliver(1, [encodeAbort(new Error('the whole story'))]);
    expect((await waiting).message).to.include('the whole story');
    expect(comm.failure).to.be.instanceOf(PeerAbortedError);
    await comm.close();
  });

  it('are not said by who leaves in peace, or fails by itself', async () => {
    for (const fail of [false, true]) {
      const { hand, comm } = member(2);
      if (fail) comm.abort(new Error('its own'));
      await comm.close();
      const payloads = hand.sent.flatMap(({ entries }) => entries).filter(({ key }) => key === ABORT_KEY);
      expect(payloads.map(({ payload }) => isFarewell(payload))).to.deep.equal(fail ? [false, false] : []);
    }
  });
});
