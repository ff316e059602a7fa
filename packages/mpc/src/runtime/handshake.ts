/**
 * Before the first operation: all members compare settings, each pair of parties gets a seed of its own (for sharing
 * inputs and for zero sharings), and each party its correlated randomness. One exchange.
 */
import type { Communicator } from '@tacit/comm';
import { checkConfig, describeConfig, type ProtocolConfig } from './config.js';
import { ConfigMismatchError } from './errors.js';
import { randomSeed } from './prg.js';
import type { CorrelatedRandomness } from './randomness.js';
import { checkedSeed } from './seeds.js';
import { textBytes, textFrom } from './utf8.js';

export interface Agreed {
  /** What this party has in common with each other one, by rank. */
  readonly pairSeeds: readonly (Uint8Array | undefined)[];
  readonly randomness: CorrelatedRandomness;
}

const HELLO = 'hello';
const PAIR = 'pair';

/**
 * Checks that every other member of the group has the same settings. Ends the session for all where not.
 * @param dealer name of the source of correlated randomness
 */
export async function agreeOnConfig(
  comm: Communicator,
  parties: number,
  dealer: string,
  config: ProtocolConfig,
): Promise<void> {
  try {
    checkConfig(parties, config);
    const mine = describeConfig(parties, dealer, config);
    for (const peer of comm.peers()) comm.send(peer, HELLO, textBytes(mine));
    for (const peer of comm.peers()) {
      const theirs = textFrom(peer, await comm.receive(peer, HELLO));
      if (theirs !== mine) throw new ConfigMismatchError(peer, mine, theirs);
    }
  } catch (error) {
    comm.abort(error as Error); // settings and ranks only
    throw error;
  }
}

/**
 * What a party agrees on and gets before the first operation. Ends the session for all where it fails.
 * @param randomness opening already, while the members compare their settings
 */
export async function handshake(
  comm: Communicator,
  parties: number,
  dealer: string,
  config: ProtocolConfig,
  randomness: Promise<CorrelatedRandomness>,
): Promise<Agreed> {
  const me = comm.rank;
  randomness.catch(() => {}); // awaited below
  const agreement = agreeOnConfig(comm, parties, dealer, config);
  agreement.catch(() => {}); // awaited below
  const pairSeeds: (Uint8Array | undefined)[] = new Array(parties).fill(undefined);
  for (let peer = me + 1; peer < parties; peer++) {
    const seed = randomSeed();
    comm.send(peer, PAIR, seed.slice());
    pairSeeds[peer] = seed;
  }
  await agreement;
  try {
    for (let peer = 0; peer < me; peer++)
      pairSeeds[peer] = checkedSeed(comm, await comm.receive(peer, PAIR), peer);
    return { pairSeeds, randomness: await randomness };
  } catch (error) {
    comm.abort(error as Error); // ranks only
    throw error;
  }
}
