/** The seeds that a dealer gives to the parties, one message each before the first operation. */
import { type Communicator, ProtocolViolationError } from '@tacit/comm';
import { randomSeed, SEED_BYTES } from './prg.js';

const SEED = 'seed';

/** The dealer's (or the dealing party's) part: a fresh seed for each party, by rank. */
export function dealSeeds(comm: Communicator, parties: number): Uint8Array[] {
  return Array.from({ length: parties }, (_, rank) => {
    const seed = randomSeed();
    if (rank !== comm.rank) comm.send(rank, SEED, seed.slice());
    return seed;
  });
}

/** The seed from rank `dealer`. @throws ProtocolViolationError */
export async function receiveSeed(comm: Communicator, dealer: number): Promise<Uint8Array> {
  return checkedSeed(comm, await comm.receive(dealer, SEED), dealer);
}

/** A copy of a seed that came from a member. @throws ProtocolViolationError where it is not a seed */
export function checkedSeed(comm: Communicator, seed: Uint8Array, from: number): Uint8Array {
  if (seed.length !== SEED_BYTES)
    throw new ProtocolViolationError('it sent a malformed seed', from, comm.nameOf(from));
  return seed.slice();
}
