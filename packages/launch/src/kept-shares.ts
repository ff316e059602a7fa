/**
 * Tensors that outlive their session: each party keeps its shares in a file of its own.
 *
 * The shares are those of a fresh sharing (mpc's protocols/stored-shares.ts), so a file says nothing about how its values
 * were computed, and without the files of all parties nothing about the values. All files of a save carry one random
 * name; loading compares the names before a share is used, since shares of different saves add up to noise.
 */
import { createHash, randomBytes } from 'node:crypto';
import { ArgumentError } from '@tacit/errors';
import {
  encodeShares,
  parseShares,
  readWhole,
  type SharesEntry,
  type SharesFile,
  type SharesPart,
  stageFile,
} from '@tacit/files';
import { CrypTensor, FixedPoint, type Party } from '@tacit/tensor';
import { everyOutcome } from './agreed-outcome.js';
import { given, type Savable, taken } from './checkpoint-records.js';
import { SharesMismatchError } from './errors.js';

/** What is saved by name: tensors, models, optimisers, schedules, and public values. */
export type NamedTensors = Readonly<Record<string, Savable>>;

const SAVE_BYTES = 16;
const RING_BITS = 64;
/** Only its owner may read it. */
const MODE = 0o600;

/** The file of a party: the path with its rank behind it. */
export const sharesPath = (path: string, rank: number): string => `${path}.${rank}`;

/** Writes this party's file; resolves when the files of all parties are in their places. */
export async function saveShares(party: Party, path: string, tensors: NamedTensors): Promise<void> {
  checkNames(path, tensors);
  const { named, records } = taken(party, tensors);
  const { engine, rank, worldSize } = party;
  // Issued before the first await, so that their place in the program is where the call is.
  const kept = named.map(({ name, tensor, whole }) => keep(name, tensor, whole));
  const save = party.announce(rank === 0 ? randomBytes(SAVE_BYTES).toString('hex') : undefined, { src: 0 });
  const write = async () => {
    const words = await Promise.all(kept.flatMap(({ words }) => words));
    const header = {
      save: await save,
      suite: engine.name,
      parties: worldSize,
      rank,
      ring: RING_BITS,
      tensors: kept.map(({ entry }) => entry),
      ...(Object.keys(records).length > 0 ? { records } : {}),
    };
    return stageFile(sharesPath(path, rank), encodeShares(header, words as BigUint64Array<ArrayBuffer>[]), {
      mode: MODE,
    });
  };
  const staged = write();
  try {
    // No file takes the place of an earlier one before all are written.
    const told = await everyOutcome(
      party,
      staged.then(() => digestOf({ tensors: kept.map(({ entry }) => entry), records })),
    );
    if (new Set(told).size > 1)
      throw new SharesMismatchError(
        'what is saved is not the same at all parties: other names, shapes or public values; nothing was saved',
      );
  } catch (error) {
    await staged.then(
      (file) => file.discard(),
      () => {},
    );
    throw error;
  }
  const placed = staged.then((file) => file.commit());
  await everyOutcome(
    party,
    placed.then(() => true),
  );
}

/** This party's file as secret tensors, by name. `scope` numbers what is made after the file was read. */
export async function loadShares<T extends object = Record<string, CrypTensor>>(
  party: Party,
  path: string,
  scope: string,
): Promise<T> {
  const own = readOwn(party, path);
  const told = await everyOutcome(
    party,
    own.then(({ header: { save, tensors, records = {} } }) => ({
      save,
      content: digestOf({ tensors, records }),
    })),
  );
  const { header, words } = await own;
  const saves = new Set(told.map(({ save, content }) => `${save} ${content}`));
  if (saves.size > 1) {
    const list = told.map(({ save }, rank) => `party ${rank} has save ${save.slice(0, 8)}`).join(', ');
    throw new SharesMismatchError(`the parties' files do not belong together: ${list}; nothing was loaded`);
  }
  const left = words.values();
  const load = () =>
    new Map(header.tensors.map((entry) => [entry.name, tensorOf(party, entry, left, header.save)]));
  const tensors = party.scope(scope, load, { last: true });
  return given(tensors, header.records ?? {}) as T;
}

async function readOwn(party: Party, path: string): Promise<SharesFile> {
  const name = sharesPath(path, party.rank);
  const file = parseShares((await readWhole(name)) as Uint8Array<ArrayBuffer>);
  const { rank, parties, suite } = file.header;
  if (parties !== party.worldSize)
    throw new SharesMismatchError(`${name} was saved by ${parties} parties, and ${party.worldSize} load`);
  if (rank !== party.rank)
    throw new SharesMismatchError(
      `${name} has the shares of party ${rank}, and party ${party.rank} loads it`,
    );
  if (suite !== party.engine.name)
    throw new SharesMismatchError(
      `${name} was saved by the suite '${suite}', and '${party.engine.name}' loads it`,
    );
  return file;
}

interface Kept {
  readonly entry: SharesEntry;
  readonly words: readonly Promise<BigUint64Array>[];
}

/**
 * A product that is not truncated yet comes to rest first, unless it is kept whole; weights keep the scales that were
 * chosen for them.
 */
function keep(name: string, { value, shape, engine }: CrypTensor, whole: boolean): Kept {
  const own = whole || value.scaled ? value : value.narrow();
  const parts = value.rest ? [own, value.rest] : [own];
  const words = parts.map(({ share }) => engine.sharesToKeep(share));
  for (const promise of words) promise.catch(() => {}); // reported where the file is written
  if (own !== value) own.dispose();
  const formats: SharesPart[] = parts.map(({ scale, magnitude }) => ({ scale, magnitude }));
  return { entry: { name, shape: [...shape], scaled: value.scaled, parts: formats }, words };
}

function tensorOf(
  { context, engine }: Party,
  { name, shape, scaled, parts }: SharesEntry,
  left: Iterator<BigUint64Array>,
  save: string,
): CrypTensor {
  const [value, rest] = parts.map(({ scale, magnitude }, part) => {
    const words = left.next().value ?? new BigUint64Array(0);
    const share = engine.keptShares(shape, words, `${save}/${name}/${part}`);
    const made = new FixedPoint(context, share, scale, magnitude);
    made.scaled = scaled;
    return made;
  });
  return new CrypTensor(rest ? value.withRest(rest) : value);
}

function checkNames(path: string, tensors: NamedTensors): void {
  if (typeof path !== 'string' || path === '') throw new ArgumentError('saveShares takes the path of a file');
  if (typeof tensors !== 'object' || tensors === null || Array.isArray(tensors))
    throw new ArgumentError('saveShares takes tensors by name, such as { weights: w }');
}

const digestOf = (content: object): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('hex');
