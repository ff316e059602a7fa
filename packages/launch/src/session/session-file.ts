/**
 * A session as a file that all its members have, and a member's key as a file that only that member has.
 *
 *   { "session": "loan-scores",
 *     "members": [ { "name": "alice", "publicKey": "5f…", "address": "ws://alice.example:7700" },
 *                  { "name": "bob", "publicKey": "a0…" },
 *                  { "name": "dealer", "publicKey": "c3…", "address": "ws://dealer.example:7700" } ],
 *     "config": { "fractionBits": 16 } }
 *
 * The last member is the dealer. A member finds its rank by its key.
 *
 * With "tapes": "tape-9c…", the public key of a dealer that made tapes ahead, all members are parties.
 */
import { existsSync } from 'node:fs';
import { readWhole, writeAtomically } from '@tacit/files';
import type { ProtocolConfig } from '@tacit/mpc';
import { LaunchOptionsError } from '../errors.js';
import { generateKeys } from './connect-session.js';
import type { SessionKeys, SessionOptions } from './session-options.js';

export interface SessionFile {
  /** For `joinSession` and `runDealer`. */
  readonly options: SessionOptions & { readonly keys: SessionKeys };
  /** Of the member whose key it is. */
  readonly rank: number;
  readonly names: readonly string[];
  /** Public key of the dealer whose tapes the parties use; undefined where the last member is a dealer. */
  readonly tapes: string | undefined;
}

interface Member {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly address: string | undefined;
}

const KEY = /^[0-9a-f]{64}$/;
const TAPE_KEY = /^tape-[0-9a-f]{64}$/;

/**
 * Makes a key pair and writes the secret key, readable by its owner only. Refuses to replace a file.
 * @returns the public key in hexadecimal
 */
export async function writeKeyFile(path: string): Promise<string> {
  const { secretKey, publicKey } = await generateKeys();
  if (existsSync(path))
    throw new LaunchOptionsError(`${path} exists; a key is not replaced, remove it first`);
  writeAtomically(path, new TextEncoder().encode(`${hex(secretKey)}\n`), { mode: 0o600 });
  return hex(publicKey);
}

/**
 * Reads a session file for the member that has the key.
 * @throws FileError, LaunchOptionsError that says what is wrong with which file
 */
export async function readSessionFile(path: string, keyPath: string): Promise<SessionFile> {
  const secretText = new TextDecoder().decode(await readWhole(keyPath)).trim();
  if (!KEY.test(secretText)) throw new LaunchOptionsError(`${keyPath} is not a key file of 'tacit keys'`);
  const secretKey = unhex(secretText);
  const fail = (what: string): never => {
    throw new LaunchOptionsError(`${path}: ${what}`);
  };
  let file: Record<string, unknown>;
  try {
    file = JSON.parse(new TextDecoder().decode(await readWhole(path)));
  } catch (error) {
    if (error instanceof SyntaxError) return fail(`not JSON: ${error.message}`);
    throw error;
  }
  const { session, members: listed, config, tapes, ...others } = file ?? {};
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    return fail(`unknown entry '${unknown}'; known are session, members, config, tapes`);
  if (typeof session !== 'string' || session === '') return fail("'session' must be a name");
  if (tapes !== undefined && !(typeof tapes === 'string' && TAPE_KEY.test(tapes)))
    return fail("'tapes' must be the public key of a dealer, as 'tacit tapes keygen' prints it");
  const dealers = tapes === undefined ? 1 : 0;
  if (!Array.isArray(listed) || listed.length < 2 + dealers)
    return fail(`'members' must list at least two parties${dealers > 0 ? ' and, last, the dealer' : ''}`);
  const members = listed.map(
    (member, i) =>
      readMember(member) ??
      fail(
        `member ${i} needs a name, a publicKey of 64 hexadecimal digits, and an address where it can listen`,
      ),
  );
  const { noisePublicKey } = await import('@tacit/comm/noise');
  const own = hex(noisePublicKey(secretKey));
  const rank = members.findIndex(({ publicKey }) => hex(publicKey) === own);
  if (rank < 0) return fail(`no member has the public key of ${keyPath}, ${own}`);
  return {
    rank,
    names: members.map(({ name }) => name),
    tapes,
    options: {
      worldSize: members.length - dealers,
      sessionId: session,
      addresses: members.map(({ address }) => address),
      keys: { secretKey, publicKeys: members.map(({ publicKey }) => publicKey) },
      config: config as Partial<ProtocolConfig> | undefined,
    },
  };
}

function readMember(value: unknown): Member | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { name, publicKey, address } = value as Record<string, unknown>;
  if (typeof name !== 'string' || typeof publicKey !== 'string' || !KEY.test(publicKey)) return undefined;
  if (address !== undefined && typeof address !== 'string') return undefined;
  return { name, publicKey: unhex(publicKey), address };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
