/** What one identity may have at a relay, and what all may. */
import { expect } from 'chai';
import type { Channel, ChannelEnd } from '../src/layers.js';
import { Account, Accounts, withDefaults } from '../src/relay/accounts.js';
import { RELAY_REFUSALS } from '../src/relay/refusals.js';
import { failureOf } from './helpers.js';
import { dialRaw, printOf, Stage, until } from './relay-helpers.js';
import { alice, bob, carol, mallory } from './test-identities.js';

const endOf = (channel: Channel): Promise<ChannelEnd> =>
  new Promise((resolve) => channel.listen({ onMessage: () => {}, onEnd: resolve }));

describe('relay: limits', function () {
  this.timeout(20_000);
  const stage = new Stage();
  afterEach(() => stage.clear());

  it('bound the listeners', async () => {
    const relay = await stage.relay({ limits: { listeners: 1 } });
    const giveUp = new AbortController();
    await stage.listener(relay, alice);
    let said: Error | undefined;
    const second = failureOf(
      stage.listener(relay, carol, {
        signal: giveUp.signal,
        onState: (state) => {
          if (state.state !== 'waiting') return;
          said = state.error;
          giveUp.abort(new Error('enough'));
        },
      }),
    );
    expect((await second).message).to.equal('enough');
    expect(said).to.include({ code: 'RELAY_REFUSED', reason: 'too many' });
  });

  it('bound the pairs of all and of each identity', async () => {
    const relay = await stage.relay({ limits: { pairs: 3, pairsPerIdentity: 2 } });
    await stage.listener(relay, alice);
    await stage.listener(relay, mallory);
    const dial = (identity = bob, target = alice) => dialRaw(relay, printOf(target), identity);
    const first = await dial();
    await dial();
    const own = await failureOf(dial());
    expect(own).to.include({ code: 'RELAY_REFUSED', reason: 'too many' });
    expect(own.message).to.contain('2 pairs of one identity');
    // Bob's own limit is reached, whomever he dials; so is Alice's, whoever dials.
    expect(await failureOf(dial(bob, mallory))).to.include({ reason: 'too many' });
    expect(await failureOf(dial(carol))).to.include({ reason: 'too many' });
    await dial(carol, mallory);
    expect((await failureOf(dial(carol, mallory))).message).to.contain('pairs');
    first.close(1000, 'goodbye');
    await until(() => relay.stats.pairs === 2);
    await dial(carol);
  });

  it('close the pairs of who has sent all that it may on a day, and say so', async () => {
    const relay = await stage.relay({ limits: { bytesPerDay: 1000 } });
    const [dialer, listener] = await stage.pair(relay);
    dialer.send(new Uint8Array(900));
    listener.send(new Uint8Array(900));
    const [atDialer, atListener] = [endOf(dialer), endOf(listener)];
    dialer.send(new Uint8Array(200));
    expect(await atDialer).to.include({ code: RELAY_REFUSALS.quota });
    expect(await atListener).to.include({ code: RELAY_REFUSALS.quota });
    const error = await failureOf(dialRaw(relay, printOf(alice)));
    expect(error).to.include({ code: 'HANDSHAKE_FAILED', reason: 'quota' });
    expect(error.message).to.contain('1000 bytes a day');
    await dialRaw(relay, printOf(alice), carol);
  });

  it('end pairs without traffic, if told to', async () => {
    const relay = await stage.relay({ limits: { idleMs: 50 } });
    const [dialer] = await stage.pair(relay);
    expect(await endOf(dialer)).to.include({ code: RELAY_REFUSALS.idle });
  });

  it('end pairs with a message that is too large, and say so', async () => {
    const relay = await stage.relay({ limits: { maxMessageBytes: 10_000 } });
    const [dialer, listener] = await stage.pair(relay);
    dialer.send(new Uint8Array(10_000));
    dialer.send(new Uint8Array(10_001));
    const ends = await Promise.all([endOf(dialer), endOf(listener)]);
    expect(ends.map(({ code }) => code)).to.deep.equal([1009, RELAY_REFUSALS['too large']]);
  });

  it('slow down who sends faster than it may, and lose nothing', async () => {
    const relay = await stage.relay({ limits: { bytesPerSecond: 2_000_000 } });
    const [dialer, listener] = await stage.pair(relay);
    let bytes = 0;
    const end = new Promise((resolve) =>
      listener.listen({
        onMessage: (message) => {
          bytes += (message as ArrayBuffer).byteLength;
        },
        onEnd: resolve,
      }),
    );
    for (let i = 0; i < 10; i++) dialer.send(new Uint8Array(100_000));
    dialer.close(1000, 'goodbye');
    expect(await end).to.include({ reason: 'goodbye' });
    expect(bytes).to.equal(1_000_000);
  });

  it('count time and days', () => {
    const account = new Account(withDefaults({ bytesPerSecond: 1000 }));
    account.charge(50);
    expect(account.pauseMs).to.equal(0);
    account.charge(2000);
    expect(account.pauseMs).to.be.within(1000, 2000);
    const accounts = new Accounts(withDefaults({}));
    const one = accounts.of('x');
    one.pairs++;
    accounts.release('x');
    expect(accounts.of('x')).to.equal(one);
    one.pairs--;
    accounts.release('x');
    expect(accounts.of('x')).to.not.equal(one);
  });
});
