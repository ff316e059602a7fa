/**
 * Taking part in a session whose members are elsewhere: one process a member, on any machine. Each runs its own program,
 * and the programs issue the same operations; the dealer's is `runDealer`.
 */
import { warnOfFirstPartyDealing } from '../first-party.js';
import type { LaunchedParty } from '../launched-party.js';
import { withSession } from './connect-session.js';
import { dealUntilAllLeft, takePart } from './over-transport.js';
import type { SessionOptions } from './session-options.js';

export interface JoinSessionOptions extends SessionOptions {
  /** Which party this is, from 0. */
  readonly rank: number;
  /** Gets what the party passes to `party.notify`. */
  readonly onNotice?: (data: unknown) => void;
}

/**
 * Connects to the other parties and the dealer, runs `program` as party `rank` and leaves.
 * @param options who takes part and where they are
 * @param program what this party does
 * @returns what `program` returns
 * @throws what `program` throws; the others learn its code and not its text, which may quote a secret
 * @throws LaunchOptionsError on impossible options
 * @throws PeerUnreachableError, HandshakeError if a member does not come, or is not who it should be
 * @throws PeerLeftError, PeerTimeoutError, PeerAbortedError, ProgramMismatchError where another one ends the session
 * @throws LaunchAbortedError when `signal` fired
 * @example
 * const mean = await joinSession(
 *   { rank: 0, worldSize: 2, sessionId: 'salaries', addresses: ['ws://a.example:7700', '', 'ws://dealer.example:7700'], keys },
 *   async (party) => (await party.cryptensor([52_000], { src: 0 }).add(theirs(party)).div(2).getPlainText()).data[0],
 * );
 */
export async function joinSession<T>(
  options: JoinSessionOptions,
  program: (party: LaunchedParty) => Promise<T> | T,
): Promise<T> {
  const { rank, onNotice = () => {} } = options;
  return withSession(options, rank, ({ comm, checked }) => {
    if (checked.dealer === 'first-party') warnOfFirstPartyDealing();
    return takePart(comm, checked, onNotice, program);
  });
}

/** What a dealer has done. */
export interface DealerReport {
  readonly operations: number;
}

/**
 * Deals for a session, as its last member, until all parties have left. It learns the operations and their shapes, and no
 * message of the computation.
 * @param options as of `joinSession`, without a rank
 * @returns how many operations it dealt for
 * @throws what `joinSession` throws but for the errors of a program
 * @example await runDealer({ worldSize: 2, sessionId: 'salaries', addresses, keys });
 */
export async function runDealer(options: SessionOptions): Promise<DealerReport> {
  return withSession(
    { ...options, dealer: 'separate', randomness: undefined },
    options.worldSize,
    ({ comm, checked }) => dealUntilAllLeft(comm, checked.parties, checked.config),
  );
}
