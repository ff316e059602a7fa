/** Members of sessions as the control protocol sees them, over channels of this thread. */
import type { Channel } from '@tacit/comm/layers';
import { randomBytes } from '@tacit/testing';
import { expect } from 'chai';
import { type Candidate, type ControlPolicy, serveControl } from '../../src/control/member.js';
import type { ControlMessage, Proposal } from '../../src/control/messages.js';
import { boundPair } from './memory-channel.js';

export const print = (name: string): string => Buffer.from(name.padEnd(32, '-')).toString('hex');
export const hex = (bytes: number): string => Buffer.from(randomBytes(bytes)).toString('hex');
export const never = new AbortController().signal;

export const proposal = (changes: Partial<Proposal> = {}): Proposal => ({
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
export const begin = (): ControlMessage<'begin'> => ({
  type: 'begin',
  addresses: [null, null, null],
  token: hex(32),
});

/** A promise and who settles it. */
export function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** A member that knows Alice and accepts everything, and what happened to it. */
export function member(changes: Partial<ControlPolicy> = {}, candidate: Partial<Candidate> = {}) {
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
export function served(policy: ControlPolicy, caller = 'alice', patience = {}) {
  const [near, far] = boundPair(print(caller), print('bob'));
  const done = serveControl(far, policy, patience);
  return { near, done };
}

export const failure = (promise: Promise<unknown>): Promise<Error & { code?: string }> =>
  promise.then(
    () => expect.fail('should have failed'),
    (error) => error,
  );

/** The texts that come until the channel ends. */
export function everything(channel: Channel): Promise<string[]> {
  return new Promise((resolve) => {
    const texts: string[] = [];
    channel.listen({
      onMessage: (message) => void texts.push(String(message)),
      onEnd: () => resolve(texts.map((text) => (text.startsWith('{') ? JSON.parse(text).type : text))),
    });
  });
}
