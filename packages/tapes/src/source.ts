/** A session's randomness from a folder of tapes: what a program is opened with in place of a dealer. */
import { ConfigError, planSettings, type RandomnessSource, tapeRandomness } from '@tacit/mpc';
import { agreeOnTape } from './agree.js';
import { type FolderOptions, TapeFolder, type TapeListing } from './folder.js';
import type { TapeHeader } from './header.js';

/** Which tapes a session takes, from where. */
export interface TapesOptions extends FolderOptions {
  /** Hash of the plan of the program. Default: whichever plan the next tape is of. */
  readonly plan?: string;
  /** Name of the session. Tapes that were dealt for one session only are used for no other. */
  readonly session?: string;
  /** Hears which tape is used, when all members have burnt it. */
  readonly onTape?: (header: TapeHeader, id: string) => void;
  /** Hears of files in the folder that cannot be used, and why. */
  readonly onRefused?: (file: string, error: Error) => void;
}

/**
 * Correlated randomness from tapes that were dealt ahead; no dealer takes part. Each party gives its own folder and key.
 * When a session opens, the parties agree on the first tape that all of them have and none has used, and burn it; only
 * then does anything leave that depends on it.
 * @param options folder, key, dealer
 * @returns the source, for one session or many
 * @throws (from `open`) TapeError NO_TAPE, TAPE_SPENT; TAPE_FORMAT, TAPE_KEY, TAPE_DAMAGED where the chosen one is
 * damaged; FileError. The others hear the code
 * @example
 * const keys = await readTapeKey('alice.tapekey');
 * await joinSession({ …, randomness: tapes({ folder: 'tapes', keys, dealer: 'tape-9c…' }) }, program);
 */
export function tapes(options: TapesOptions): RandomnessSource {
  const { plan, session = '', onTape = () => {}, onRefused = () => {} } = options;
  const folder = new TapeFolder(options);
  return tapeRandomness(async ({ comm, parties, config }) => {
    if (parties !== comm.size) throw new ConfigError('a session with tapes has no further member');
    const settings = planSettings({ parties, config });
    const fits = ({ header, rank }: TapeListing): boolean =>
      header.settings === settings &&
      header.members.length === parties &&
      rank === comm.rank &&
      (plan === undefined || header.plan === plan) &&
      (header.session === '' || header.session === session);
    const { tape, listing } = await agreeOnTape({ comm, parties, folder, fits, onRefused });
    onTape(listing.header, listing.id);
    return tape;
  });
}
