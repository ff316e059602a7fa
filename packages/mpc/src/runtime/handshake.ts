/**
 * Before the first operation: all members compare settings, the dealer gives each party its seed, and each pair of
 * parties gets a seed of its own (for sharing inputs and for zero sharings). One exchange.
 */
import type { Communicator } from '@tacit/comm';
import { ProtocolViolationError } from '@tacit/comm';
import { checkConfig, describeConfig, type ProtocolConfig } from './config.js';
import { ConfigMismatchError } from './errors.js';
import { randomSeed, SEED_BYTES } from './prg.js';
import { textBytes, textFrom } from './text.js';

export type DealerMode = 'separate' | 'first-party';

export interface Agreed {
  readonly seed: Uint8Array;
  readonly pairSeeds: readonly (Uint8Array | undefined)[];
  /** All parties' seeds, at the party that deals. */
  readonly dealtSeeds: readonly Uint8Array[] | undefined;
}

const HELLO = 'hello';
const SEED = 'seed';

/** Checks that every other member of the group has the same settings. Ends the session for all where not. */
export async function agreeOnConfig(
  comm: Communicator,
  parties: number,
  dealer: DealerMode,
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

/** The dealer's (or the dealing party's) part: a fresh seed for each party. */
export function dealSeeds(comm: Communicator, parties: number): Uint8Array[] {
  return Array.from({ length: parties }, (_, rank) => {
    const seed = randomSeed();
    if (rank !== comm.rank) comm.send(rank, SEED, seed.slice());
    return seed;
  });
}

/** Ends the session for all where it fails. */
export async function handshake(
  comm: Communicator,
  parties: number,
  dealer: DealerMode,
  config: ProtocolConfig,
): Promise<Agreed> {
  const me = comm.rank;
  const agreement = agreeOnConfig(comm, parties, dealer, config);
  agreement.catch(() => {}); // awaited below
  const dealtSeeds = dealer === 'first-party' && me === 0 ? dealSeeds(comm, parties) : undefined;
  const pairSeeds: (Uint8Array | undefined)[] = new Array(parties).fill(undefined);
  for (let peer = me + 1; peer < parties; peer++) {
    const seed = randomSeed();
    comm.send(peer, `pair`, seed.slice());
    pairSeeds[peer] = seed;
  }
  await agreement;
  const checked = (seed: Uint8Array, from: number): Uint8Array => {
    if (seed.length !== SEED_BYTES)
      throw new ProtocolViolationError('it sent a malformed seed', from, comm.nameOf(from));
    return seed.slice();
  };
  try {
    for (let peer = 0; peer < me; peer++) pairSeeds[peer] = checked(await comm.receive(peer, 'pair'), peer);
    const dealerRank = dealer === 'separate' ? parties : 0;
    const seed = dealtSeeds ? dealtSeeds[0] : checked(await comm.receive(dealerRank, SEED), dealerRank);
    return { seed, pairSeeds, dealtSeeds };
  } catch (error) {
    comm.abort(error as Error); // ranks only
    throw error;
  }
}
