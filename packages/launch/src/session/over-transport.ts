/**
 * A member of a session whose connections were made elsewhere, by another thread say: `@tacit/launch/session`. What
 * `joinSession` and `runDealer` do once they are connected.
 */
import { Communicator, PeerLeftError, type Transport } from '@tacit/comm';
import { foreignCode, TacitError } from '@tacit/errors';
import { type ProtocolConfig, type RandomnessSource, serveDealer } from '@tacit/mpc';
import { Ring } from '@tacit/ring';
import type { LaunchedParty } from '../launched-party.js';
import { openParty } from '../open-party.js';
import type { DealerMode } from '../options.js';

/** What a member needs to know besides its connections; the same at all members but for `names` and `kernels`. */
export interface MemberOptions {
  /** How many compute; the dealer's rank is this number. */
  readonly parties: number;
  readonly dealer: DealerMode;
  /** In place of what `dealer` says: the parties' own source, such as tapes. */
  readonly randomness?: RandomnessSource | undefined;
  readonly config: ProtocolConfig;
  /** How long a receive waits, in ms. */
  readonly timeoutMs: number;
  /** What messages call the members, by rank. */
  readonly names: readonly string[];
  /** The compiled kernels, where another thread has them. */
  readonly kernels?: WebAssembly.Module;
  /** Cancels: the others are told so. Its reason is what they and the caller get. */
  readonly signal?: AbortSignal;
}

/** What a party needs besides. */
export interface PartyOptions extends MemberOptions {
  /** Gets what the party passes to `party.notify`. */
  readonly onNotice: (data: unknown) => void;
}

/**
 * Runs `program` as the party whose transport this is, and leaves, whatever happens.
 * @param transport not yet started
 * @param options of the session
 * @param program what this party does
 * @returns what `program` returns
 * @throws what `program` throws; the others learn its code and not its text. What ended the session elsewhere
 */
export function runPartyOver<T>(
  transport: Transport,
  options: PartyOptions,
  program: (party: LaunchedParty) => Promise<T> | T,
): Promise<T> {
  return withTransport(transport, options, (comm) =>
    takePart(comm, options, options.onNotice, program, options.kernels),
  );
}

/**
 * Deals as the member whose transport this is, until all parties have left.
 * @param transport not yet started, of the last rank
 * @param options of the session
 * @returns how many operations it dealt for
 * @throws what ended the session
 */
export function dealOver(
  transport: Transport,
  options: MemberOptions,
): Promise<{ readonly operations: number }> {
  return withTransport(transport, options, (comm) =>
    dealUntilAllLeft(comm, options.parties, options.config, options.kernels),
  );
}

/** A party's part in a session whose members are connected. */
export async function takePart<T>(
  comm: Communicator,
  { dealer, randomness, config }: Pick<MemberOptions, 'dealer' | 'randomness' | 'config'>,
  onNotice: (data: unknown) => void,
  program: (party: LaunchedParty) => Promise<T> | T,
  kernels?: WebAssembly.Module,
): Promise<T> {
  try {
    const session = { dealer, randomness, config, twin: undefined };
    const { party, engine } = await openParty(comm, await loadRing(kernels), session, onNotice);
    const result = await party.conclude(() => program(party));
    await engine.finish();
    return result;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'PARTY_FAILED';
    comm.abort(new TacitError(foreignCode(code), 'its own log has the details'));
    throw error;
  }
}

/** A dealer's part in a session whose members are connected. */
export async function dealUntilAllLeft(
  comm: Communicator,
  parties: number,
  config: ProtocolConfig,
  kernels?: WebAssembly.Module,
): Promise<{ readonly operations: number }> {
  const dealer = await serveDealer(comm, await loadRing(kernels), parties, config);
  const goodbyes = Array.from({ length: parties }, (_, party) =>
    // A party says nothing under this key; what is awaited is its goodbye.
    comm.receive(party, 'goodbye', { timeoutMs: Number.POSITIVE_INFINITY }).catch((error) => {
      if (!(error instanceof PeerLeftError && error.reason === 'goodbye')) throw error;
    }),
  );
  await Promise.all(goodbyes);
  dealer.stop();
  return { operations: dealer.stats.operations };
}

/**
 * Runs `use`, and leaves whatever happens. Rejects with the first of: what `use` throws, what ended the session, the
 * reason of the signal.
 */
async function withTransport<T>(
  transport: Transport,
  { timeoutMs, names, signal }: MemberOptions,
  use: (comm: Communicator) => Promise<T>,
): Promise<T> {
  const comm = new Communicator(transport, { timeoutMs, names });
  const cancel = (): void => comm.abort(signal?.reason as Error);
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel);
  try {
    // Later than rejections of what the program awaits, which say more.
    const failed = new Promise<never>((_, reject) =>
      comm.onAbort((error) => setImmediate(() => reject(error))),
    );
    return await Promise.race([use(comm), failed]);
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', cancel);
    await comm.close();
  }
}

const loadRing = (kernels: WebAssembly.Module | undefined): Promise<Ring> =>
  Ring.load(kernels ? { module: kernels } : {});
