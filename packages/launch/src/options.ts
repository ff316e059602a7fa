/** Options of a launch, checked before anything starts. */
import { defaultConfig, type ProtocolConfig } from '@tacit/mpc';
import { LaunchOptionsError } from './errors.js';

export type TransportName = 'threads' | 'ws';
export type DealerMode = 'separate' | 'first-party';
export type TwinMode = 'check';
export type SuiteName = 'additive' | 'plain';

/** What the launcher tells while it runs. Ranks: the dealer's is the number of parties. */
export type LaunchEvent =
  /** A member's thread or process is there. */
  | {
      readonly type: 'started';
      readonly rank: number;
      readonly pid: number;
      readonly threadId: number | undefined;
    }
  /** A party came to its function. */
  | { readonly type: 'reached'; readonly rank: number }
  /** A party called `party.notify(data)`. */
  | { readonly type: 'notice'; readonly rank: number; readonly data: unknown }
  /** A member is done; the most memory that its process had so far (threads share one process). */
  | { readonly type: 'finished'; readonly rank: number; readonly peakRssBytes: number };

/** A party's own tapes: what `tapes` of @tacit/tapes takes, with paths. */
export interface PartyTapes {
  /** Folder of the tapes. */
  readonly folder: string;
  /** The party's secret key, made by `tacit tapes keygen`. */
  readonly key: string;
  /** Public key of the dealer. */
  readonly dealer: string;
  /** Where used tapes are noted. Default `ledger` in the folder. */
  readonly ledger?: string;
}

export interface LaunchOptions {
  /** Number of parties, 2 to 64. */
  readonly worldSize: number;
  /**
   * 'additive' (default): shares, and a dealer. 'plain': everything in the clear within this thread, for debugging; then
   * transport, dealer and timeoutMs mean nothing.
   */
  readonly suite?: SuiteName;
  /** Threads of this process (default), or processes on this machine connected by WebSockets. */
  readonly transport?: TransportName;
  /** 'separate' (default): a thread or process of its own. 'first-party': party 0 deals, for debugging only. */
  readonly dealer?: DealerMode;
  /** Tapes of each party, by rank, in place of a dealer. The calls of a launch must be those that they were made for. */
  readonly tapes?: readonly PartyTapes[];
  readonly config?: Partial<ProtocolConfig>;
  /**
   * 'check': beside every operation the same one in double precision, for debugging: **all values are revealed to all
   * parties**. The launch rejects with the first operation whose result is wrong (TWIN_DIFFERS).
   */
  readonly twin?: TwinMode;
  /** How long a party waits for another before it gives up, and for all to start. Default 120,000. */
  readonly timeoutMs?: number;
  /** Cancels the launch: everything is stopped, the call rejects with LaunchAbortedError. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: LaunchEvent) => void;
}

export interface CheckedOptions {
  readonly parties: number;
  /** Parties and dealer. */
  readonly members: number;
  readonly suite: SuiteName;
  readonly transport: TransportName;
  readonly dealer: DealerMode;
  readonly tapes: readonly PartyTapes[] | undefined;
  readonly config: ProtocolConfig;
  readonly twin: TwinMode | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: (event: LaunchEvent) => void;
}

const KNOWN = [
  'worldSize',
  'suite',
  'transport',
  'dealer',
  'tapes',
  'config',
  'twin',
  'timeoutMs',
  'signal',
  'onEvent',
];
const MAX_PARTIES = 64;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Checks the options of a launch, and fills in what is left out.
 * @param options as a caller gave them
 * @returns all of them
 * @throws LaunchOptionsError
 */
export function checkOptions(options: LaunchOptions): CheckedOptions {
  for (const name of Object.keys(options))
    if (!KNOWN.includes(name))
      throw new LaunchOptionsError(`unknown option '${name}'; known are ${KNOWN.join(', ')}`);
  const {
    worldSize,
    suite = 'additive',
    transport = 'threads',
    dealer = 'separate',
    timeoutMs = 120_000,
    tapes,
  } = options;
  if (!Number.isInteger(worldSize) || worldSize < 2 || worldSize > MAX_PARTIES)
    throw new LaunchOptionsError(
      `worldSize must be a whole number from 2 to ${MAX_PARTIES}, not ${worldSize}`,
    );
  if (suite !== 'additive' && suite !== 'plain')
    throw new LaunchOptionsError(`suite must be 'additive' or 'plain', not '${suite}'`);
  if (transport !== 'threads' && transport !== 'ws')
    throw new LaunchOptionsError(`transport must be 'threads' or 'ws', not '${transport}'`);
  if (dealer !== 'separate' && dealer !== 'first-party')
    throw new LaunchOptionsError(`dealer must be 'separate' or 'first-party', not '${dealer}'`);
  if (tapes !== undefined && (!Array.isArray(tapes) || tapes.length !== worldSize))
    throw new LaunchOptionsError(`tapes must be those of each of the ${worldSize} parties, by rank`);
  if (tapes !== undefined && (options.dealer !== undefined || suite === 'plain'))
    throw new LaunchOptionsError(`tapes take the place of a dealer: leave out dealer, and suite 'plain'`);
  if (options.twin !== undefined && options.twin !== 'check')
    throw new LaunchOptionsError(`twin must be 'check' or left out, not '${options.twin}'`);
  if (!(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS))
    throw new LaunchOptionsError(`timeoutMs must be from 1 to ${MAX_TIMEOUT_MS}, not ${timeoutMs}`);
  for (const name of Object.keys(options.config ?? {}))
    if (!(name in defaultConfig))
      throw new LaunchOptionsError(
        `unknown setting '${name}' in config; known are ${Object.keys(defaultConfig).join(', ')}`,
      );
  return {
    parties: worldSize,
    members: worldSize + (dealer === 'separate' && tapes === undefined ? 1 : 0),
    suite,
    transport,
    dealer,
    tapes,
    config: { ...defaultConfig, ...options.config },
    twin: options.twin,
    timeoutMs,
    signal: options.signal,
    onEvent: options.onEvent ?? (() => {}),
  };
}
