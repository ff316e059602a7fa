/** What a member says to take part in a session with members elsewhere. */
import type { Token } from '@tacit/comm/layers';
import type { RandomnessSource } from '@tacit/mpc';
import { LaunchOptionsError, memberName } from '../errors.js';
import { type CheckedOptions, checkOptions, type LaunchOptions } from '../options.js';

/** A member's own secret key and the public keys of all members by rank, as `generateKeys` makes them. */
export interface SessionKeys {
  readonly secretKey: Uint8Array;
  readonly publicKeys: readonly Uint8Array[];
}

/** A certificate or key in PEM form. */
type Pem = string | Uint8Array;

/** Where a member listens. The types here do without those of Node.js, which a program need not have installed. */
export interface ListenAt {
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Key and certificate for `wss:`. */
  readonly tls?: { readonly key: Pem; readonly cert: Pem };
  /** Origins of web pages that may connect. Default none. */
  readonly allowedOrigins?: readonly string[];
}

/** What `listen` gives: the address that others dial. */
export interface ListeningDoor {
  readonly address: string;
  close(): Promise<void>;
}

/** When a member that is silent counts as gone, and what is kept for one whose connection broke. Each member has its own. */
export interface LinkPatience {
  /** After how long without a message a sign of life is asked for, in ms. Default 5 s with `resumeMs`, else 15 s. */
  readonly heartbeatMs?: number;
  /**
   * How long a member may give no sign of life, in ms, before it counts as gone. Default 10 minutes: one that computes in
   * its one thread gives none meanwhile.
   */
  readonly deadAfterMs?: number;
  /** With `resumeMs`: after how long without a sign of life the connection is replaced, in ms. Default 30 s. */
  readonly silentMs?: number;
  /** With `resumeMs`: how much may be sent while a connection is broken, in bytes. Default 64 MiB. */
  readonly maxReplayBytes?: number;
  /**
   * How long leaving may wait for a member that does not answer, in ms. Default 10 s, and 3 s after a failure. With
   * `resumeMs`, a member whose connection is broken when this one leaves is waited for until that is resumed or given up.
   */
  readonly closeTimeoutMs?: number;
}

/** The same at all members, but for `keys.secretKey`, `token`, `randomness`, and what follows `connectTimeoutMs`. */
export interface SessionOptions
  extends Pick<LaunchOptions, 'worldSize' | 'dealer' | 'config' | 'timeoutMs' | 'signal'> {
  /**
   * Where the members listen, by rank, the dealer last: `ws://host:port`, or `wss:` where TLS is set up. A member that
   * cannot listen, behind a firewall say, has none, and dials the others; of two members one must have an address.
   */
  readonly addresses: readonly (string | undefined)[];
  /** Names the session, for members that take part in several. */
  readonly sessionId: string;
  /** Authenticates the members and encrypts what they send, also over `ws:`. Recommended. */
  readonly keys?: SessionKeys;
  /**
   * A secret of the session, 32 random bytes, or one for each pair. With keys it is a second condition; without, it alone
   * decides who belongs to the session, and encryption is left to `wss:` addresses.
   */
  readonly token?: Token;
  /**
   * Where the parties' correlated randomness comes from in place of a dealer, such as `tapes` of @tacit/tapes. Then
   * nobody runs `runDealer`, and there is no address for one.
   */
  readonly randomness?: RandomnessSource;
  /** How long a broken connection may take to come back before the session ends, in ms. Default 0: no time at all. */
  readonly resumeMs?: number;
  /** How patient this member is with its connections. */
  readonly links?: LinkPatience;
  /** How long members may take to appear. Default `timeoutMs`. */
  readonly connectTimeoutMs?: number;
  /** Where this member listens. Default: the port of its own address, on all interfaces. Or what `listen` gave. */
  readonly listen?: ListenAt | ListeningDoor;
  /** Trust for `wss:` addresses, e.g. `{ ca }`. */
  readonly tls?: { readonly ca: Pem | readonly Pem[] };
}

export interface CheckedSession extends CheckedOptions {
  readonly randomness: RandomnessSource | undefined;
  readonly size: number;
  readonly names: readonly string[];
}

/** All of them: the compiler sees to that. */
const KNOWN: Readonly<Record<keyof SessionOptions | 'rank' | 'onNotice', true>> = {
  worldSize: true,
  dealer: true,
  config: true,
  timeoutMs: true,
  signal: true,
  addresses: true,
  sessionId: true,
  keys: true,
  token: true,
  randomness: true,
  resumeMs: true,
  links: true,
  connectTimeoutMs: true,
  listen: true,
  tls: true,
  rank: true,
  onNotice: true,
};

const LINKS: Readonly<Record<keyof LinkPatience, 'always' | 'resumed'>> = {
  heartbeatMs: 'always',
  deadAfterMs: 'always',
  silentMs: 'resumed',
  maxReplayBytes: 'resumed',
  closeTimeoutMs: 'always',
};

function checkLinks(links: LinkPatience, resumed: boolean): void {
  for (const [name, value] of Object.entries(links)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(LINKS, name))
      throw new LaunchOptionsError(
        `links have no option '${name}'; they have ${Object.keys(LINKS).join(', ')}`,
      );
    if (!(value > 0 && value < 2 ** 31))
      throw new LaunchOptionsError(`links.${name} must be a positive number below 2^31, not ${value}`);
    if (!resumed && LINKS[name as keyof LinkPatience] === 'resumed')
      throw new LaunchOptionsError(`links.${name} is about connections that are resumed, and resumeMs is 0`);
  }
}

/** Throws LaunchOptionsError. A name that nobody reads could be that of the keys, and nothing would be encrypted. */
export function checkSession(options: SessionOptions, rank: number): CheckedSession {
  const { worldSize, dealer, config, timeoutMs, signal, addresses, keys, token, resumeMs = 0 } = options;
  const { randomness } = options;
  for (const name of Object.keys(options))
    if (!Object.hasOwn(KNOWN, name))
      throw new LaunchOptionsError(
        `a session has no option '${name}'; it has ${Object.keys(KNOWN).join(', ')}`,
      );
  const checked = checkOptions({ worldSize, dealer, config, timeoutMs, signal });
  const { parties } = checked;
  if (randomness !== undefined && dealer !== undefined)
    throw new LaunchOptionsError(`randomness takes the place of the dealer; leave out dealer: '${dealer}'`);
  const size = randomness === undefined ? checked.members : parties + randomness.members;
  if (!Number.isInteger(rank) || rank < 0 || rank >= size)
    throw new LaunchOptionsError(`rank must be a whole number from 0 to ${size - 1}, not ${rank}`);
  if (addresses.length !== size)
    throw new LaunchOptionsError(
      `addresses needs ${size} entries, one for each of ${parties} parties${size > parties ? ' and the dealer' : ''}, not ${addresses.length}; leave it empty for a member that cannot listen`,
    );
  if (keys === undefined && token === undefined)
    throw new LaunchOptionsError(
      'a session needs keys, a token, or both: how else would members know each other',
    );
  if (!(resumeMs >= 0 && resumeMs < 2 ** 31))
    throw new LaunchOptionsError(`resumeMs must be a number of milliseconds, not ${resumeMs}`);
  checkLinks(options.links ?? {}, resumeMs > 0);
  return {
    ...checked,
    randomness,
    size,
    names: Array.from({ length: size }, (_, r) => memberName(r, parties)),
  };
}
