/**
 * The members of a session agree on a tape, burn it, and know that all have done so, before anything is computed.
 *
 *     party 0 to all     offer: ids of tapes that it has and has not used
 *     all to party 0     state: of each, whether it is here, spent here, or missing
 *     party 0 to all     use: the first that everybody has, which party 0 has burnt by now
 *     all to all         burnt: each has burnt it
 *
 * A member whose folder is a copy, or was restored from a backup, offers or takes what it has used before; each of the
 * others has it in its ledger, and says so. An id is the hash of the header, so equal ids are equal plans, settings,
 * members, and sizes.
 */
import { basename } from 'node:path';
import { type Communicator, ProtocolViolationError } from '@tacit/comm';
import { type SpentTape, TapeError } from '@tacit/mpc';
import type { TapeFolder, TapeListing } from './folder.js';

/** Tapes of an offer. */
const OFFERED = 64;
/** Offers that are made: what follows is not looked for. */
const MOST_OFFERS = 64;
const MAX_MESSAGE = 80 * OFFERED;

const KEYS = { offer: 'tape/offer', state: 'tape/state', use: 'tape/use', burnt: 'tape/burnt' } as const;

const HERE = 'h';
const SPENT = 's';
const MISSING = 'm';

const ID = /^[0-9a-f]{64}$/;

/** What a member brings along. */
export interface AgreeOptions {
  readonly comm: Communicator;
  readonly parties: number;
  readonly folder: TapeFolder;
  /** Whether a tape of the folder is meant for this session. */
  readonly fits: (listing: TapeListing) => boolean;
  /** Hears of files that cannot be used. */
  readonly onRefused: (file: string, error: Error) => void;
}

/**
 * Finds a tape that all members have and none has used, and burns it.
 * @param options the member's place in the group, and its tapes
 * @returns the tape, when all members have burnt it
 * @throws TapeError NO_TAPE where there is none, TAPE_SPENT where there would be one if nobody had used it before
 * @throws ProtocolViolationError where a member sends what no member sends
 */
export async function agreeOnTape(
  options: AgreeOptions,
): Promise<{ readonly tape: SpentTape; readonly listing: TapeListing }> {
  const { comm } = options;
  const used = comm.rank === 0 ? await lead(options) : await follow(options);
  try {
    for (const peer of comm.peers()) send(comm, peer, KEYS.burnt, used.listing.id);
    for (const peer of comm.peers()) {
      const id = await hear(comm, peer, KEYS.burnt);
      if (id !== used.listing.id)
        throw new ProtocolViolationError('it burnt another tape', peer, comm.nameOf(peer));
    }
  } catch (error) {
    used.tape.seed.fill(0);
    used.tape.corrections?.close?.();
    throw error;
  }
  return used;
}

async function lead({ comm, folder, fits, onRefused }: AgreeOptions) {
  let spentAt: number | undefined;
  const unused = folder.unused(onRefused);
  const missingAt = new Set<number>();
  for (let round = 0; round < MOST_OFFERS; round++) {
    const offered = [...take(unused, fits)];
    for (const peer of comm.peers())
      send(comm, peer, `${KEYS.offer}/${round}`, offered.map(({ id }) => id).join(' '));
    if (offered.length === 0) break;
    const states = new Map<number, string>();
    for (const peer of comm.peers())
      states.set(peer, await hear(comm, peer, `${KEYS.state}/${round}`, statesOf(offered.length)));
    for (const [i, listing] of offered.entries()) {
      const stateAt = (state: string) => [...states].find(([, text]) => text[i] === state)?.[0];
      const [spent, missing] = [stateAt(SPENT), stateAt(MISSING)];
      if (spent !== undefined) spentAt ??= spent;
      if (missing !== undefined) missingAt.add(missing);
      if (spent !== undefined || missing !== undefined) continue;
      const tape = await burnt(folder, listing, onRefused);
      if (!tape) continue; // another session here was faster, or it is damaged
      for (const peer of comm.peers()) send(comm, peer, `${KEYS.use}/${round}`, listing.id);
      return { tape, listing };
    }
    for (const peer of comm.peers()) send(comm, peer, `${KEYS.use}/${round}`, '');
  }
  if (spentAt !== undefined)
    throw new TapeError(
      'TAPE_SPENT',
      `${comm.nameOf(spentAt)} has used the tapes that are left here: these files are a copy, or were restored from a backup`,
    );
  const [missing] = missingAt;
  throw new TapeError(
    'NO_TAPE',
    missing === undefined
      ? 'there is no unused tape here for this session'
      : `${comm.nameOf(missing)} has none of the unused tapes that are here`,
  );
}

/** A tape that is damaged must not stand in the way of those behind it. */
async function burnt(
  folder: TapeFolder,
  listing: TapeListing,
  onRefused: AgreeOptions['onRefused'],
): Promise<SpentTape | undefined> {
  try {
    return await folder.burn(listing);
  } catch (error) {
    if (!(error instanceof TapeError)) throw error;
    onRefused(`${basename(listing.path)}.key`, error);
    return undefined;
  }
}

function* take(unused: Iterator<TapeListing>, fits: AgreeOptions['fits']): Generator<TapeListing> {
  for (let count = 0; count < OFFERED; ) {
    const next = unused.next();
    if (next.done) return;
    if (!fits(next.value)) continue;
    count++;
    yield next.value;
  }
}

const statesOf = (count: number): RegExp => new RegExp(`^[${HERE}${SPENT}${MISSING}]{${count}}$`);
const OFFER = new RegExp(`^(?:[0-9a-f]{64}(?: [0-9a-f]{64}){0,${OFFERED - 1}})?$`);

async function follow({ comm, folder, fits }: AgreeOptions) {
  let spent = false;
  folder.sweep();
  for (let round = 0; round < MOST_OFFERS; round++) {
    const text = await hear(comm, 0, `${KEYS.offer}/${round}`, OFFER);
    if (text === '') break;
    const ids = text.split(' ');
    const found = folder.find(ids);
    const states = ids.map((id) => {
      if (folder.ledger.has(id)) return SPENT;
      const listing = found.get(id);
      return listing && fits(listing) ? HERE : MISSING;
    });
    spent ||= states.includes(SPENT);
    send(comm, 0, `${KEYS.state}/${round}`, states.join(''));
    const id = await hear(comm, 0, `${KEYS.use}/${round}`, /^(?:[0-9a-f]{64})?$/);
    if (id === '') continue;
    const listing = found.get(id);
    const tape = listing && fits(listing) ? await folder.burn(listing) : undefined;
    if (!listing || !tape)
      throw new TapeError('TAPE_SPENT', 'the tape that party 0 chose was used by another session meanwhile');
    return { tape, listing };
  }
  throw spent
    ? new TapeError(
        'TAPE_SPENT',
        'party 0 has no tapes left but such as were used here before: its files are a copy, or were restored from a backup',
      )
    : new TapeError('NO_TAPE', 'party 0 and this party have no unused tape for this session in common');
}

const send = (comm: Communicator, to: number, key: string, text: string): void =>
  comm.send(to, key, new TextEncoder().encode(text));

/** A short text of another member. */
async function hear(comm: Communicator, from: number, key: string, pattern = ID): Promise<string> {
  const payload = await comm.receive(from, key);
  const text = payload.length <= MAX_MESSAGE ? Buffer.from(payload).toString('latin1') : '';
  if (payload.length > MAX_MESSAGE || !pattern.test(text))
    throw new ProtocolViolationError('it sent something else about tapes', from, comm.nameOf(from));
  return text;
}
